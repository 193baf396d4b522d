package io.github.oauthredis.client;

import java.util.concurrent.CountDownLatch;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import reactor.core.Disposable;

class RedisReactiveOAuth2AuthorizedClientManagerIntegrationTests extends AuthorizedClientManagerContractTests {

	@Override
	OAuth2AuthorizedClientManager manager(AuthorizedClients clients) {
		RedisReactiveOAuth2AuthorizedClientManager reactive = new RedisReactiveOAuth2AuthorizedClientManager(clients);
		return (request) -> reactive.authorize(request).block();
	}

	@Override
	void abandon(AuthorizedClients clients, OAuth2AuthorizeRequest request) {
		Disposable call = new RedisReactiveOAuth2AuthorizedClientManager(clients).authorize(request).subscribe();
		try {
			new CountDownLatch(1).await();
		}
		catch (InterruptedException ex) {
			call.dispose();
			Thread.currentThread().interrupt();
		}
	}

}
