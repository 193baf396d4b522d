package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import reactor.core.publisher.Mono;

/**
 * Hands out tokens that are renewed once for the whole fleet. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisReactiveOAuth2AuthorizedClientManager implements ReactiveOAuth2AuthorizedClientManager {

	/**
	 * Create a manager.
	 * @param clients what all faces have in common
	 */
	public RedisReactiveOAuth2AuthorizedClientManager(AuthorizedClients clients) {
	}

	@Override
	public Mono<OAuth2AuthorizedClient> authorize(OAuth2AuthorizeRequest authorizeRequest) {
		throw new IllegalStateException();
	}

}
