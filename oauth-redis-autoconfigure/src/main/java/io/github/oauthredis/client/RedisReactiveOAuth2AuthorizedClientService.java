package io.github.oauthredis.client;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

/**
 * Keeps authorized clients in Redis, as {@link RedisOAuth2AuthorizedClientService} does.
 * Thread-safe; never blocks. Cancelling does not undo what was begun.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisReactiveOAuth2AuthorizedClientService implements ReactiveOAuth2AuthorizedClientService {

	private final AuthorizedClients clients;

	/**
	 * Create a service.
	 * @param clients what all faces have in common
	 */
	public RedisReactiveOAuth2AuthorizedClientService(AuthorizedClients clients) {
		this.clients = clients;
	}

	@Override
	@SuppressWarnings({ "TypeParameterUnusedInFormals", "unchecked" })
	public <T extends OAuth2AuthorizedClient> Mono<T> loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		return (Mono<T>) StageMono.of(() -> this.clients.load(clientRegistrationId, principalName));
	}

	@Override
	public Mono<Void> saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		Assert.notNull(authorizedClient, "'authorizedClient' must not be null");
		Assert.notNull(principal, "'principal' must not be null");
		return StageMono.of(() -> this.clients.save(authorizedClient, principal));
	}

	@Override
	public Mono<Void> removeAuthorizedClient(String clientRegistrationId, String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		return StageMono.of(() -> this.clients.remove(clientRegistrationId, principalName));
	}

}
