package io.github.oauthredis.testkit;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;

/**
 * The token endpoint of the {@link FakeAuthorizationServer}: records what it is asked and
 * answers as {@link TokenFaults} allow. Thread-safe.
 */
final class TokenEndpoint implements HttpHandler {

	private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

	private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

	private static final String ACCESS_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:access_token";

	private final List<TokenRequest> requests = new CopyOnWriteArrayList<>();

	private final PresentationLog presentations = new PresentationLog();

	private final Map<String, String> clients = new ConcurrentHashMap<>();

	private final TokenBook book;

	private final TokenAnswers answers;

	private final TokenFaults faults;

	TokenEndpoint(TokenBook book, TokenAnswers answers, TokenFaults faults) {
		this.book = book;
		this.answers = answers;
		this.faults = faults;
	}

	void client(String id, String secret) {
		this.clients.put(id, secret);
	}

	List<TokenRequest> requests() {
		return List.copyOf(this.requests);
	}

	List<Presentation> presentations() {
		return this.presentations.all();
	}

	@Override
	public void handle(HttpExchange exchange) throws IOException {
		TokenRequest request = TokenRequest.of(RecordedRequest.read(exchange));
		int presentation = this.presentations.begin(request);
		this.requests.add(request);
		Answer answer = new Answer(500, Map.of(), "");
		try {
			this.faults.arrive(request);
			answer = answer(request);
			this.faults.depart(request);
		}
		finally {
			send(exchange, answer, presentation);
		}
	}

	private Answer answer(TokenRequest request) {
		Answer refusal = this.faults.refusal();
		if (refusal != null) {
			return refusal;
		}
		try {
			authenticate(request);
			boolean exchange = TOKEN_EXCHANGE.equals(request.grantType());
			return Answer.json(200, this.answers.json(issue(request), exchange ? ACCESS_TOKEN_TYPE : null));
		}
		catch (OAuthError ex) {
			return Answer.json(ex.status(), RawJson.error(ex.code()));
		}
	}

	private void send(HttpExchange exchange, Answer answer, int presentation) throws IOException {
		try {
			this.faults.delivery()
				.deliver(exchange, answer, () -> this.presentations.end(presentation, answer.status()));
		}
		finally {
			this.presentations.end(presentation, 0);
		}
	}

	private TokenBook.Issued issue(TokenRequest request) {
		return switch (request.grantType()) {
			case "refresh_token" -> this.book.refresh(required(request, "refresh_token"), request.clientId());
			case "authorization_code" -> this.book.redeem(required(request, "code"), request.clientId(),
					request.parameters().getOrDefault("redirect_uri", ""));
			case TOKEN_EXCHANGE -> {
				requireActive(request, "subject_token");
				if (request.parameter("actor_token") != null) {
					requireActive(request, "actor_token");
				}
				yield issueToClient(request);
			}
			case JWT_BEARER -> {
				requireActive(request, "assertion");
				yield issueToClient(request);
			}
			default -> issueToClient(request);
		};
	}

	/** Only what this server has issued itself stands for anybody. */
	private void requireActive(TokenRequest request, String name) {
		if (!this.book.isActive(required(request, name))) {
			throw new OAuthError(400, "invalid_grant");
		}
	}

	private TokenBook.Issued issueToClient(TokenRequest request) {
		return this.book.issueWithoutRefreshToken(
				required(request, "grant_type") + request.clientId() + request.parameters(), request.clientId(),
				request.parameters().getOrDefault("scope", ""));
	}

	private void authenticate(TokenRequest request) {
		if (!this.clients.isEmpty() && !request.clientSecret().equals(this.clients.get(request.clientId()))) {
			throw new OAuthError(401, "invalid_client");
		}
	}

	private static String required(TokenRequest request, String name) {
		String value = request.parameter(name);
		if (value == null) {
			throw new OAuthError(400, "invalid_request");
		}
		return value;
	}

}
