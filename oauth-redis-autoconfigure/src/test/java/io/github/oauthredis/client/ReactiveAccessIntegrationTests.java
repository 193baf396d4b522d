package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

class ReactiveAccessIntegrationTests extends AccessContractTests {

	@Override
	OAuth2AuthorizedClientManager manager(AuthorizedClients clients) {
		RedisReactiveOAuth2AuthorizedClientManager reactive = new RedisReactiveOAuth2AuthorizedClientManager(clients);
		return (request) -> reactive.authorize(request).block();
	}

}
