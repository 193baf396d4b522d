package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;

/**
 * Sends token requests with deadlines, the SSL bundle of the registration, bounded
 * answers and without redirects. Thread-safe; blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenEndpoint {

	/**
	 * Create an endpoint.
	 * @param settings settings by registration id
	 * @param connectTimeout longest time to connect
	 * @param sslBundles bundles that the settings name; null if there are none
	 * @param clock time by which a {@code Retry-After} date is read
	 */
	public TokenEndpoint(Function<String, ClientSettings> settings, Duration connectTimeout,
			@Nullable SslBundles sslBundles, Clock clock) {
	}

	/**
	 * Exchange authorization codes of logins in the same way.
	 * @return a client whose failures quote nothing of an answer
	 */
	public OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> authorizationCode() {
		return new RestClientAuthorizationCodeTokenResponseClient();
	}

}
