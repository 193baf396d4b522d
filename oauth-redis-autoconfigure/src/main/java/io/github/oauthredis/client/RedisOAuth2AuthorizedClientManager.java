package io.github.oauthredis.client;

import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

/**
 * Hands out tokens that are renewed once for the whole fleet. Thread-safe; blocks only
 * where no usable token is at hand, and never longer than a bound.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisOAuth2AuthorizedClientManager implements OAuth2AuthorizedClientManager {

	/**
	 * Create a manager.
	 * @param clients what all faces have in common
	 * @param publisher told when a user's grant was refreshed, on the thread of a caller
	 */
	public RedisOAuth2AuthorizedClientManager(AuthorizedClients clients, ApplicationEventPublisher publisher) {
	}

	@Override
	public OAuth2AuthorizedClient authorize(OAuth2AuthorizeRequest authorizeRequest) {
		throw new IllegalStateException();
	}

}
