package io.github.oauthredis.testkit;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * A request as it arrived at the token endpoint. Immutable.
 *
 * @param parameters the decoded form; of a repeated parameter the values joined by a line
 * feed
 * @param clientId the client, empty if none was named
 * @param clientSecret its secret, empty if none was sent
 * @param clientAuthentication {@code client_secret_basic}, {@code client_secret_post} or
 * {@code none}
 * @param http the request itself
 */
public record TokenRequest(Map<String, String> parameters, String clientId, String clientSecret,
		String clientAuthentication, RecordedRequest http) {

	static TokenRequest of(RecordedRequest http) {
		Map<String, String> form = http.formParameters();
		String authorization = http.header("Authorization");
		if (authorization != null && authorization.startsWith("Basic ")) {
			String[] pair = new String(Base64.getDecoder().decode(authorization.substring(6)), StandardCharsets.UTF_8)
				.split(":", 2);
			return new TokenRequest(form, RecordedRequest.decode(pair[0]), RecordedRequest.decode(pair[1]),
					"client_secret_basic", http);
		}
		String secret = form.getOrDefault("client_secret", "");
		return new TokenRequest(form, form.getOrDefault("client_id", ""), secret,
				secret.isEmpty() ? "none" : "client_secret_post", http);
	}

	/**
	 * Return a form parameter.
	 * @param name the name
	 * @return the value, or null if it was not sent
	 */
	public @Nullable String parameter(String name) {
		return this.parameters.get(name);
	}

	public String grantType() {
		return this.parameters.getOrDefault("grant_type", "");
	}

}
