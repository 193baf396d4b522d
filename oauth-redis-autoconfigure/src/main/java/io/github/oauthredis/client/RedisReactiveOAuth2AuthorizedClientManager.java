package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

/**
 * Hands out tokens that are renewed once for the whole fleet. Fails with
 * {@link io.github.oauthredis.token.GrantLostException} where only the user can help and
 * with {@link io.github.oauthredis.token.TokenUnavailableException} otherwise. Decides on
 * each subscription. Thread-safe; never blocks. Cancelling stops nothing but the wait of
 * its owner.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisReactiveOAuth2AuthorizedClientManager implements ReactiveOAuth2AuthorizedClientManager {

	private final AuthorizedClients clients;

	/**
	 * Create a manager.
	 * @param clients what all faces have in common
	 */
	public RedisReactiveOAuth2AuthorizedClientManager(AuthorizedClients clients) {
		this.clients = clients;
	}

	@Override
	public Mono<OAuth2AuthorizedClient> authorize(OAuth2AuthorizeRequest authorizeRequest) {
		Assert.notNull(authorizeRequest, "'authorizeRequest' must not be null");
		// A Mono may be kept and subscribed to long after.
		return Mono.defer(() -> {
			AuthorizedClients.Authorized finished = this.clients.find(authorizeRequest);
			return (finished != null) ? Mono.just(finished.client())
					: StageMono.of(() -> this.clients.authorize(authorizeRequest))
						.map(AuthorizedClients.Authorized::client);
		});
	}

}
