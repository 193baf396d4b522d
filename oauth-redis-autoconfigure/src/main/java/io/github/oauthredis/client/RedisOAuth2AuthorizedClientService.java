package io.github.oauthredis.client;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

/**
 * Keeps authorized clients in Redis. Thread-safe; blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisOAuth2AuthorizedClientService implements OAuth2AuthorizedClientService {

	/**
	 * Create a service.
	 * @param clients what all faces have in common
	 */
	public RedisOAuth2AuthorizedClientService(AuthorizedClients clients) {
	}

	@Override
	@SuppressWarnings("TypeParameterUnusedInFormals")
	public <T extends OAuth2AuthorizedClient> @Nullable T loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		throw new IllegalStateException();
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
	}

}
