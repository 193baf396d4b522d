package io.github.oauthredis.client;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.util.Assert;

/**
 * Keeps authorized clients in Redis. Never calls a provider; an expired access token is
 * returned only together with a refresh token. Client credentials are kept once for all
 * principals, and the returned client bears the registration id as name. Fails with
 * {@link io.github.oauthredis.token.TokenUnavailableException} if Redis does not answer.
 * Thread-safe; blocks, never longer than a bound.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisOAuth2AuthorizedClientService implements OAuth2AuthorizedClientService {

	/**
	 * Every call to Redis has a shorter deadline of its own.
	 */
	private static final Duration BOUND = Duration.ofSeconds(30);

	private final AuthorizedClients clients;

	/**
	 * Create a service.
	 * @param clients what all faces have in common
	 */
	public RedisOAuth2AuthorizedClientService(AuthorizedClients clients) {
		this.clients = clients;
	}

	@Override
	@SuppressWarnings({ "TypeParameterUnusedInFormals", "unchecked" })
	public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		return (T) CallerWait.await(clientRegistrationId, this.clients.load(clientRegistrationId, principalName),
				BOUND);
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		Assert.notNull(authorizedClient, "'authorizedClient' must not be null");
		Assert.notNull(principal, "'principal' must not be null");
		CallerWait.await(authorizedClient.getClientRegistration().getRegistrationId(),
				this.clients.save(authorizedClient, principal), BOUND);
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		CallerWait.await(clientRegistrationId, this.clients.remove(clientRegistrationId, principalName), BOUND);
	}

}
