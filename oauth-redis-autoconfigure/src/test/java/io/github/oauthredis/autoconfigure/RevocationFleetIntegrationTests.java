package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.web.client.RestClient;

import io.github.oauthredis.client.ReactiveTokenRevocations;
import io.github.oauthredis.client.TokenRevocations;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.springframework.security.oauth2.client.web.ClientAttributes.clientRegistrationId;

/**
 * What one instance of an application revokes is gone on all, and its provider is told:
 * separate application contexts with records in memory on one real Redis.
 */
class RevocationFleetIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final String ALICE = "alice";

	private final RedisServer redis = RedisServer.shared();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final String prefix = "revocation-" + UUID.randomUUID();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();

	private final FakeResourceServer api = FakeResourceServer.start();

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@AfterEach
	void close() {
		this.applications.forEach(ConfigurableApplicationContext::close);
		this.proxy.close();
		this.api.close();
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "one", "principal", "registration", "all", "reactive" })
	void whatOneRevokesNoInstanceUses(String what) {
		List<ConfigurableApplicationContext> fleet = List.of(start(this.redis.port()), start(this.redis.port()),
				start(this.redis.port()));
		IssuedGrant grant = login(fleet.get(0));
		fleet.forEach((application) -> awaitInMemory(application, grant.accessToken()));
		TokenRevocations revocations = fleet.get(0).getBean(TokenRevocations.class);

		switch (what) {
			case "one" -> revocations.revokeToken("users", ALICE);
			case "principal" -> revocations.revokePrincipal(ALICE);
			case "registration" -> revocations.revokeRegistration("users");
			case "all" -> revocations.revokeAll();
			default -> fleet.get(0).getBean(ReactiveTokenRevocations.class).revokeToken("users", ALICE).block(BOUND);
		}

		assertGone(fleet.get(0));
		Await.until("the news everywhere", BOUND, () -> fleet.stream().noneMatch(this::isServed));
		fleet.forEach(this::assertGone);
		if (what.equals("one")) {
			Await.until("a provider that was told", BOUND, () -> !this.server.isAlive(grant.refreshToken()));
		}
	}

	/**
	 * Another user, another registration, and a login afterwards.
	 */
	@Test
	void whatWasNotRevokedStays() {
		ConfigurableApplicationContext application = start(this.redis.port());
		IssuedGrant bob = save(application, "bob");
		login(application);

		application.getBean(TokenRevocations.class).revokePrincipal(ALICE);

		assertThat(call(application, "bob")).isEqualTo(bob.accessToken());
		assertGone(application);
		IssuedGrant again = login(application);
		assertThat(call(application, ALICE)).isEqualTo(again.accessToken());
	}

	@Test
	void instanceThatHearsOfChangesByMessagesDoesNotUseWhatWasRevoked() {
		this.redis.command("ACL", "SETUSER", "deaf", "reset", "on", ">deaf", "~*", "&*", "+@all", "-client|tracking");
		try {
			ConfigurableApplicationContext deaf = start(this.redis.port(), "spring.data.redis.username=deaf",
					"spring.data.redis.password=deaf");
			ConfigurableApplicationContext other = start(this.redis.port());
			IssuedGrant grant = login(other);
			awaitInMemory(deaf, grant.accessToken());

			other.getBean(TokenRevocations.class).revokeRegistration("users");

			Await.until("the news", BOUND, () -> !isServed(deaf));
			assertGone(deaf);
		}
		finally {
			this.redis.command("ACL", "DELUSER", "deaf");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "cut", "silent" })
	void instanceThatHearsNothingUsesWhatWasRevokedNoLongerThanTheBound(String how) {
		ConfigurableApplicationContext cut = start(this.proxy.port(), "oauth-redis.near-cache.max-staleness=2s",
				"oauth-redis.near-cache.outage-staleness=1s");
		ConfigurableApplicationContext other = start(this.redis.port());
		IssuedGrant grant = login(other);
		awaitInMemory(cut, grant.accessToken());
		if (how.equals("cut")) {
			this.proxy.refuse();
			this.proxy.cut();
		}
		else {
			this.proxy.blackHole(TcpProxy.Direction.DOWNSTREAM);
		}

		Instant revokedAt = Instant.now();
		other.getBean(TokenRevocations.class).revokeAll();

		Await.until("an end", BOUND, () -> {
			Instant askedAt = Instant.now();
			boolean served = isServed(cut);
			assertThat(served && askedAt.isAfter(revokedAt.plusSeconds(3))).as("served after the bound").isFalse();
			return !served;
		});
		this.proxy.passThrough();
		this.proxy.comeBack();
		Await.until("an answer that it was revoked", BOUND, () -> {
			try {
				call(cut, ALICE);
				return false;
			}
			catch (GrantLostException ex) {
				return true;
			}
			catch (RuntimeException ex) {
				return false;
			}
		});
	}

	@Test
	void removalThroughTheServiceRevokesAtTheProvider() {
		ConfigurableApplicationContext application = start(this.redis.port());
		IssuedGrant grant = login(application);

		application.getBean(OAuth2AuthorizedClientService.class).removeAuthorizedClient("users", ALICE);

		Await.until("a provider that was told", BOUND,
				() -> this.server.revocations().containsAll(List.of(grant.refreshToken(), grant.accessToken())));
	}

	@Test
	void withoutRevocationNobodyIsTold() {
		ConfigurableApplicationContext application = start(this.redis.port(), "oauth-redis.revocation.enabled=false");
		login(application);

		application.getBean(TokenRevocations.class).revokeToken("users", ALICE);

		assertGone(application);
		assertThat(this.redis.keys(this.prefix + ":outbox*")).isEmpty();
	}

	private boolean isServed(ConfigurableApplicationContext application) {
		try {
			call(application, ALICE);
			return true;
		}
		catch (RuntimeException ex) {
			return false;
		}
	}

	private void assertGone(ConfigurableApplicationContext application) {
		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> call(application, ALICE));
	}

	private void awaitInMemory(ConfigurableApplicationContext application, String token) {
		TokenKey key = TokenKey.grant("users", "client", this.server.tokenUri(), ALICE);
		Await.until("a token that is served from memory", BOUND, () -> {
			assertThat(call(application, ALICE)).isEqualTo(token);
			return application.getBean(NearCache.class).find(key) != null;
		});
	}

	private IssuedGrant login(ConfigurableApplicationContext application) {
		return save(application, ALICE);
	}

	private IssuedGrant save(ConfigurableApplicationContext application, String principalName) {
		IssuedGrant grant = this.server.issueGrant();
		Instant now = Instant.now();
		application.getBean(OAuth2AuthorizedClientService.class)
			.saveAuthorizedClient(
					new OAuth2AuthorizedClient(
							application.getBean(ClientRegistrationRepository.class).findByRegistrationId("users"),
							principalName,
							new OAuth2AccessToken(TokenType.BEARER, grant.accessToken(), now, now.plusSeconds(3600),
									Set.of("read")),
							new OAuth2RefreshToken(grant.refreshToken(), now)),
					new TestingAuthenticationToken(principalName, ""));
		return grant;
	}

	private String call(ConfigurableApplicationContext application, String principalName) {
		URI uri = this.api.uri("/users");
		application.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri(uri)
			.attributes(clientRegistrationId("users"))
			.attributes(RequestAttributePrincipalResolver.principal(principalName))
			.retrieve()
			.toBodilessEntity();
		return this.api.requests().get(this.api.requests().size() - 1).bearerToken();
	}

	private ConfigurableApplicationContext start(int port, String... settings) {
		List<String> all = new ArrayList<>(List.of("spring.main.web-application-type=none",
				"spring.data.redis.host=127.0.0.1", "spring.data.redis.port=" + port,
				"oauth-redis.key-prefix=" + this.prefix, "spring.main.banner-mode=off",
				"oauth-redis.clients.users.revocation-uri=" + this.server.uri("/revoke"),
				"spring.security.oauth2.client.registration.users.client-id=client",
				"spring.security.oauth2.client.registration.users.client-secret=secret",
				"spring.security.oauth2.client.registration.users.provider=idp",
				"spring.security.oauth2.client.registration.users.authorization-grant-type=authorization_code",
				"spring.security.oauth2.client.registration.users.redirect-uri={baseUrl}/login/oauth2/code/users",
				"spring.security.oauth2.client.provider.idp.authorization-uri=" + this.server.uri("/authorize"),
				"spring.security.oauth2.client.provider.idp.token-uri=" + this.server.tokenUri()));
		all.addAll(List.of(settings));
		ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
			.web(WebApplicationType.NONE)
			.properties(all.toArray(String[]::new))
			.run();
		this.applications.add(application);
		return application;
	}

	@EnableAutoConfiguration
	static class Application {

	}

}
