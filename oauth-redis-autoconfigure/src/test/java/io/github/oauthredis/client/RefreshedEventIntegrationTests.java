package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.event.OAuth2AuthorizedClientRefreshedEvent;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Spring Security's listeners hear of a refresh on the thread of a caller, once.
 */
class RefreshedEventIntegrationTests {

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ClientRegistration grant = TestClients.grant(this.server.tokenUri()).build();

	private final ClientNode node = new ClientNode(this.redis.host(), this.redis.port(), UserTokenClients.NONE, null)
		.with(this.grant, TestClients.service(this.server.tokenUri()).build());

	private final List<OAuth2AuthorizedClientRefreshedEvent> events = new CopyOnWriteArrayList<>();

	private final List<Thread> threads = new CopyOnWriteArrayList<>();

	private Consumer<Object> listener = (event) -> {
	};

	private final RedisOAuth2AuthorizedClientManager manager = new RedisOAuth2AuthorizedClientManager(this.node.clients,
			(event) -> {
				this.events.add((OAuth2AuthorizedClientRefreshedEvent) event);
				this.threads.add(Thread.currentThread());
				this.listener.accept(event);
			});

	@BeforeEach
	void prepare() {
		this.redis.flushAll();
		this.server.answers().member("id_token", "\"an-id-token\"");
	}

	@AfterEach
	void close() {
		this.server.close();
		this.node.close();
	}

	@Test
	void authorizeWhenCallerWaitedPublishesOnItsThreadOnce() {
		login(Duration.ofMinutes(-1));

		OAuth2AuthorizedClient client = authorize();
		authorize();

		assertThat(this.events).hasSize(1);
		assertThat(this.threads).containsExactly(Thread.currentThread());
		OAuth2AuthorizedClientRefreshedEvent event = this.events.get(0);
		assertThat(event.getAuthorizedClient()).isSameAs(client);
		assertThat(event.getAccessTokenResponse().getAccessToken().getTokenValue())
			.isEqualTo(client.getAccessToken().getTokenValue());
		assertThat(event.getAccessTokenResponse().getAdditionalParameters()).containsEntry("id_token", "an-id-token");
		assertThat(event.getAccessTokenResponse().getAccessToken().getScopes()).containsExactly("read");
	}

	@Test
	void authorizeWhenRefreshedInBackgroundPublishesWithTheNextCall() {
		IssuedGrant issued = login(Duration.ofMinutes(2));

		assertThat(authorize().getAccessToken().getTokenValue()).isEqualTo(issued.accessToken());
		Await.until("the background refresh", Duration.ofSeconds(10),
				() -> !authorize().getAccessToken().getTokenValue().equals(issued.accessToken()));

		assertThat(this.events).hasSize(1);
		assertThat(this.threads).containsExactly(Thread.currentThread());
	}

	@Test
	void authorizeWhenListenerFailsReturnsTheTokenAllTheSame() {
		login(Duration.ofMinutes(-1));
		this.listener = (event) -> {
			throw new IllegalStateException("listener");
		};

		assertThat(this.server.isActive(authorize().getAccessToken().getTokenValue())).isTrue();
		assertThat(this.events).hasSize(1);
	}

	@Test
	void authorizeWhenClientCredentialsPublishesNothing() {
		this.manager.authorize(AuthorizedClientManagerContractTests
			.request(TestClients.service(this.server.tokenUri()).build(), "alice"));

		assertThat(this.events).isEmpty();
	}

	private OAuth2AuthorizedClient authorize() {
		return this.manager.authorize(AuthorizedClientManagerContractTests.request(this.grant, "alice"));
	}

	private IssuedGrant login(Duration remaining) {
		this.node.settings = (id) -> TestClients.settings(Duration.ofSeconds(5), Map.of());
		IssuedGrant issued = this.server.issueGrant();
		Instant expiresAt = Instant.now().plus(remaining);
		Instant issuedAt = expiresAt.minus(Duration.ofHours(1));
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, issued.accessToken(), issuedAt, expiresAt,
				Set.of("read"));
		OAuth2AuthorizedClient client = new OAuth2AuthorizedClient(this.grant, "alice", token,
				new OAuth2RefreshToken(issued.refreshToken(), issuedAt));
		this.node.clients.save(client, new TestingAuthenticationToken("alice", "")).toCompletableFuture().join();
		return issued;
	}

}
