package io.github.oauthredis.client;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

import io.github.oauthredis.testkit.IssuedGrant;

import static org.assertj.core.api.Assertions.assertThat;

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

	@Test
	void authorizeWhenSubscribedToAgainDecidesAgain() {
		RedisReactiveOAuth2AuthorizedClientManager reactive = new RedisReactiveOAuth2AuthorizedClientManager(
				this.node.clients);
		this.node.near.armed();
		IssuedGrant first = login("alice", Duration.ofHours(1));
		reactive.authorize(request(this.grant, "alice")).block();
		Mono<String> kept = reactive.authorize(request(this.grant, "alice"))
			.map((client) -> client.getAccessToken().getTokenValue());
		assertThat(kept.block()).isEqualTo(first.accessToken());

		IssuedGrant second = login("alice", Duration.ofHours(1));

		assertThat(kept.block()).isEqualTo(second.accessToken());
	}

}
