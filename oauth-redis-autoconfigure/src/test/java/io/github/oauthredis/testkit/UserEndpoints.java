package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of the {@link FakeAuthorizationServer} beside that for tokens.
 * Thread-safe.
 */
final class UserEndpoints {

	private final List<String> revocations = new CopyOnWriteArrayList<>();

	private final List<TokenRequest> revocationRequests = new CopyOnWriteArrayList<>();

	private final Script<Answer> refusedRevocations = new Script<>();

	private final TokenBook book;

	private volatile String user = "alice";

	UserEndpoints(TokenBook book) {
		this.book = book;
	}

	void user(String user) {
		this.user = user;
	}

	String user() {
		return this.user;
	}

	List<String> revocations() {
		return List.copyOf(this.revocations);
	}

	List<TokenRequest> revocationRequests() {
		return List.copyOf(this.revocationRequests);
	}

	void failRevocations(int count, int status, String error, @Nullable String retryAfter) {
		Map<String, String> headers = new TreeMap<>(Map.of("Content-Type", "application/json"));
		if (retryAfter != null) {
			headers.put("Retry-After", retryAfter);
		}
		this.refusedRevocations.next(count, new Answer(status, headers, error.isEmpty() ? "" : RawJson.error(error)));
	}

	/**
	 * Log the user in without a question and redirect back with a code.
	 * @param exchange the request of the browser
	 * @throws IOException if the browser has gone
	 */
	void authorize(HttpExchange exchange) throws IOException {
		Map<String, String> parameters = RecordedRequest.read(exchange).queryParameters();
		String redirectUri = parameters.get("redirect_uri");
		if (redirectUri == null) {
			send(exchange, Answer.json(400, RawJson.error("invalid_request")));
			return;
		}
		String code = this.book.code(parameters.getOrDefault("client_id", ""), redirectUri,
				parameters.getOrDefault("scope", ""), parameters.getOrDefault("login_hint", this.user));
		String location = redirectUri + (redirectUri.contains("?") ? "&" : "?") + "code=" + encode(code);
		if (parameters.containsKey("state")) {
			location += "&state=" + encode(parameters.get("state"));
		}
		send(exchange, new Answer(302, Map.of("Location", location), ""));
	}

	void userInfo(HttpExchange exchange) throws IOException {
		String subject = subject(RecordedRequest.read(exchange).bearerToken());
		if (subject == null) {
			send(exchange, new Answer(401, Map.of("WWW-Authenticate", "Bearer error=\"invalid_token\""), ""));
			return;
		}
		String quoted = RawJson.quote(subject);
		send(exchange, Answer.json(200,
				RawJson.object(new TreeMap<>(Map.of("id", quoted, "login", quoted, "name", quoted, "sub", quoted)))));
	}

	void revoke(HttpExchange exchange) throws IOException {
		TokenRequest request = TokenRequest.of(RecordedRequest.read(exchange));
		this.revocationRequests.add(request);
		Answer refusal = this.refusedRevocations.take();
		if (refusal != null) {
			send(exchange, refusal);
			return;
		}
		String token = request.parameters().getOrDefault("token", "");
		this.revocations.add(token);
		this.book.revoke(token);
		send(exchange, new Answer(200, Map.of(), ""));
	}

	void introspect(HttpExchange exchange) throws IOException {
		String token = RecordedRequest.read(exchange).formParameters().getOrDefault("token", "");
		boolean active = this.book.isActive(token) || this.book.isAlive(token);
		send(exchange, Answer.json(200, RawJson.object(Map.of("active", String.valueOf(active)))));
	}

	private @Nullable String subject(@Nullable String accessToken) {
		return (accessToken != null) ? this.book.subject(accessToken) : null;
	}

	private static void send(HttpExchange exchange, Answer answer) throws IOException {
		Delivery.whole().deliver(exchange, answer, () -> {
		});
	}

	private static String encode(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

}
