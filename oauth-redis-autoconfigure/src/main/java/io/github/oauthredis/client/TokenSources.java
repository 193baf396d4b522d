package io.github.oauthredis.client;

/**
 * Chooses who sends the token request of a registration: ours or the application's own
 * part. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenSources {

	/**
	 * Create sources.
	 * @param endpoint our own way to the token endpoint
	 * @param userClients what the application brings
	 */
	public TokenSources(TokenEndpoint endpoint, UserTokenClients userClients) {
	}

}
