package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

import io.github.oauthredis.token.TokenUnavailableException;

class RedisOAuth2AuthorizedClientManagerIntegrationTests extends AuthorizedClientManagerContractTests {

	@Override
	OAuth2AuthorizedClientManager manager(AuthorizedClients clients) {
		return new RedisOAuth2AuthorizedClientManager(clients, (event) -> {
		});
	}

	@Override
	void abandon(AuthorizedClients clients, OAuth2AuthorizeRequest request) {
		try {
			manager(clients).authorize(request);
		}
		catch (TokenUnavailableException ex) {
			if (!Thread.currentThread().isInterrupted()) {
				throw ex;
			}
		}
	}

}
