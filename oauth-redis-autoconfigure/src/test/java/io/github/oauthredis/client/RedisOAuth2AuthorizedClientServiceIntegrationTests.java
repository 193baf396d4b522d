package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

class RedisOAuth2AuthorizedClientServiceIntegrationTests extends AuthorizedClientServiceContractTests {

	@Override
	OAuth2AuthorizedClientService service(AuthorizedClients clients) {
		return new RedisOAuth2AuthorizedClientService(clients);
	}

}
