package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

class BlockingAccessIntegrationTests extends AccessContractTests {

	@Override
	OAuth2AuthorizedClientManager manager(AuthorizedClients clients) {
		return new RedisOAuth2AuthorizedClientManager(clients, (event) -> {
		});
	}

}
