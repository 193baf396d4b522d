package io.github.oauthredis.client;

import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

class RedisReactiveOAuth2AuthorizedClientServiceIntegrationTests extends AuthorizedClientServiceContractTests {

	@Override
	OAuth2AuthorizedClientService service(AuthorizedClients clients) {
		RedisReactiveOAuth2AuthorizedClientService reactive = new RedisReactiveOAuth2AuthorizedClientService(clients);
		return new OAuth2AuthorizedClientService() {

			@Override
			@SuppressWarnings("TypeParameterUnusedInFormals")
			public <T extends OAuth2AuthorizedClient> T loadAuthorizedClient(String clientRegistrationId,
					String principalName) {
				return reactive.<T>loadAuthorizedClient(clientRegistrationId, principalName).block();
			}

			@Override
			public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
				reactive.saveAuthorizedClient(authorizedClient, principal).block();
			}

			@Override
			public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
				reactive.removeAuthorizedClient(clientRegistrationId, principalName).block();
			}

		};
	}

}
