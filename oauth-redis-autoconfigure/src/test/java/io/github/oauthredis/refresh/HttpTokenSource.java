package io.github.oauthredis.refresh;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.resilience.RetryAfter;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.token.Tokens;

/**
 * A token source over real HTTP that knows just enough of RFC 6749 for the tests of the
 * engine. With a refresh token it refreshes, without one it asks with client credentials.
 */
final class HttpTokenSource implements TokenSource {

	private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

	private static final JsonMapper JSON = JsonMapper.shared();

	private final URI endpoint;

	private final String clientId;

	private final String clientSecret;

	HttpTokenSource(String endpoint, String clientId, String clientSecret) {
		this.endpoint = URI.create(endpoint);
		this.clientId = clientId;
		this.clientSecret = clientSecret;
	}

	@Override
	public CompletionStage<TokenAnswer> request(@Nullable Tokens current) {
		Map<String, String> form = new TreeMap<>();
		form.put("client_id", this.clientId);
		form.put("client_secret", this.clientSecret);
		if (current != null && current.refreshToken() != null) {
			form.put("grant_type", "refresh_token");
			form.put("refresh_token", current.refreshToken());
		}
		else {
			form.put("grant_type", "client_credentials");
		}
		HttpRequest request = HttpRequest.newBuilder(this.endpoint)
			.timeout(Duration.ofSeconds(30))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(HttpRequest.BodyPublishers.ofString(form.entrySet()
				.stream()
				.map((entry) -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
				.collect(Collectors.joining("&"))))
			.build();
		try {
			HttpResponse<String> response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
			String retryAfter = response.headers().firstValue("Retry-After").orElse(null);
			return CompletableFuture.completedFuture(answer(response.statusCode(), response.body(), retryAfter));
		}
		catch (ConnectException ex) {
			throw new TokenRequestException(Failure.Kind.CLEAR, "unreachable", "Not sent", null, ex,
					CallGuard.Outcome.FAILED);
		}
		catch (IOException ex) {
			throw new TokenRequestException(Failure.Kind.AMBIGUOUS, "connection_closed", "No answer", null, ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new TokenRequestException(Failure.Kind.AMBIGUOUS, "interrupted", "No answer", null, ex);
		}
	}

	private static TokenAnswer answer(int status, String body, @Nullable String retryAfter) {
		JsonNode json = JSON.readTree(body);
		if (status != 200) {
			String error = json.path("error").asString("http_" + status);
			throw new TokenRequestException("invalid_grant".equals(error) ? Failure.Kind.FATAL : Failure.Kind.CLEAR,
					error, "Refused", RetryAfter.parse(retryAfter, Instant.now()), null,
					(status < 500) ? CallGuard.Outcome.ANSWERED : CallGuard.Outcome.FAILED);
		}
		JsonNode expiresIn = json.path("expires_in");
		String scope = json.path("scope").asString(null);
		return new TokenAnswer(json.path("access_token").asString(), "Bearer",
				json.path("refresh_token").asString(null), (scope != null) ? Set.of(scope.split(" ")) : null, Set.of(),
				expiresIn.isNumber() ? Duration.ofSeconds(expiresIn.asLong()) : null, null, null);
	}

}
