package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
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

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RecordedRequest;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.springframework.security.oauth2.client.web.ClientAttributes.clientRegistrationId;

/**
 * Two instances of an application, or one before and after a change of its configuration,
 * on one real Redis: separate application contexts that share nothing else.
 */
class TwoInstancesIntegrationTests {

	private static final String USERS = "users";

	private static final String PARTNERS = "partners";

	private static final String SERVICE = "service";

	private static final String ALICE = "alice";

	private final RedisServer redis = RedisServer.shared();

	private final String prefix = "two-" + UUID.randomUUID();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();

	private final FakeResourceServer api = FakeResourceServer.start().activeTokens(this.server::isActive);

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@AfterEach
	void close() {
		this.applications.forEach(ConfigurableApplicationContext::close);
		this.api.close();
		this.server.close();
	}

	@Test
	void whatOneObtainsOrRenewsTheOtherUses() {
		ConfigurableApplicationContext one = start();
		ConfigurableApplicationContext two = start();
		login(one, USERS, Duration.ofMinutes(-1));

		for (ConfigurableApplicationContext application : List.of(two, one, two)) {
			assertThat(get(application, SERVICE)).isEqualTo(200);
			assertThat(get(application, USERS)).isEqualTo(200);
		}

		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertThat(tokens()).hasSize(2);
	}

	/**
	 * Hazard 22: the grant is found under other scopes, long after its access token
	 * ended.
	 */
	@Test
	void changedScopesLogNobodyOut() {
		login(start(), USERS, Duration.ofDays(-30));

		assertThat(get(start("spring.security.oauth2.client.registration.users.scope=write,admin"), USERS))
			.isEqualTo(200);

		assertThat(this.server.requests()).singleElement()
			.satisfies((request) -> assertThat(request.parameters()).doesNotContainKey("scope"));
	}

	@Test
	void changedClientSecretLogsNobodyOutWhereThePreviousOneIsListed() {
		login(start(), USERS, Duration.ofMinutes(-1));
		ConfigurableApplicationContext changed = start(
				"spring.security.oauth2.client.registration.users.client-secret=new-secret",
				"oauth-redis.clients.users.previous-client-secrets=users-secret");

		assertThat(get(changed, USERS)).isEqualTo(200);

		assertThat(this.server.requests()).singleElement()
			.satisfies((request) -> assertThat(request.parameters()).doesNotContainValue("users-secret"));
		assertThat(get(start("spring.security.oauth2.client.registration.users.client-secret=new-secret"), USERS))
			.isEqualTo(200);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	/**
	 * Hazard 24: an instance leaves alone what it cannot open, whatever it is asked for.
	 */
	@Test
	void instancesWithDifferentSecretsLeaveEachOthersRecordsAlone() {
		ConfigurableApplicationContext one = start();
		ConfigurableApplicationContext two = start(
				"spring.security.oauth2.client.registration.users.client-secret=other",
				"spring.security.oauth2.client.registration.service.client-secret=other");
		login(one, USERS, Duration.ofMinutes(-1));
		assertThat(get(one, SERVICE)).isEqualTo(200);
		Map<String, String> before = dump();
		assertThat(before).hasSize(2);

		assertRefused(() -> get(two, USERS));
		assertRefused(() -> login(two, USERS, Duration.ofHours(1)));
		assertRefused(() -> service(two).loadAuthorizedClient(USERS, ALICE));
		assertRefused(() -> service(two).removeAuthorizedClient(USERS, ALICE));
		this.api.rejectNext(1);
		get(two, SERVICE);
		assertThat(get(two, SERVICE)).isEqualTo(200);

		assertThat(dump()).isEqualTo(before);
		assertThat(get(one, USERS)).isEqualTo(200);
		assertThat(get(one, SERVICE)).isEqualTo(200);
	}

	/**
	 * Hazard 20: as after a login at GitHub, which states no lifetime and gives no
	 * refresh token; Spring Security keeps one second for it.
	 */
	@Test
	void grantWithoutLifetimeAndRefreshTokenIsServedADayLater() {
		ConfigurableApplicationContext one = start();
		Instant yesterday = Instant.now().minus(Duration.ofDays(1));
		save(one, USERS, this.server.issueGrant().accessToken(), yesterday, yesterday.plusSeconds(1), null);

		assertThat(get(start(), USERS)).isEqualTo(200);
		assertThat(get(one, USERS)).isEqualTo(200);

		assertThat(this.server.tokenRequests()).isZero();
		assertThat(this.redis.keys(this.prefix + ":{*")).singleElement()
			.satisfies((key) -> assertThat(
					Duration.ofMillis((Long) Objects.requireNonNull(this.redis.command("PTTL", key))))
				.isGreaterThan(Duration.ofDays(100)));
		this.api.rejectNext(1);
		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> get(one, USERS));
	}

	/**
	 * Hazard 31: the same user at another registration, and the same registration with
	 * another client or another token endpoint.
	 */
	@Test
	void grantsOfAnotherRegistrationClientOrProviderAreNeverMixed() {
		ConfigurableApplicationContext one = start();
		login(one, USERS, Duration.ofHours(1));
		assertThat(get(one, SERVICE)).isEqualTo(200);

		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> get(one, PARTNERS));
		for (String change : List.of("registration.%s.client-id=another", "registration.%s.provider=idp2")) {
			ConfigurableApplicationContext other = start(setting(change, USERS), setting(change, SERVICE));
			int before = this.server.tokenRequests();
			assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> get(other, USERS));
			assertThat(get(other, SERVICE)).isEqualTo(200);
			assertThat(this.server.tokenRequests()).isEqualTo(before + 1);
		}

		login(one, PARTNERS, Duration.ofHours(1));
		get(one, USERS);
		get(one, PARTNERS);
		assertThat(tokens()).hasSize(5);
	}

	private static String setting(String pattern, String registrationId) {
		return "spring.security.oauth2.client." + pattern.formatted(registrationId);
	}

	private static void assertRefused(Runnable call) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(call::run)
			.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue());
	}

	private Set<String> tokens() {
		return Set.copyOf(this.api.requests().stream().map(RecordedRequest::bearerToken).distinct().toList());
	}

	private void login(ConfigurableApplicationContext application, String registrationId, Duration remaining) {
		IssuedGrant grant = this.server.issueGrant();
		Instant expiresAt = Instant.now().plus(remaining);
		save(application, registrationId, grant.accessToken(), expiresAt.minus(Duration.ofHours(1)), expiresAt,
				grant.refreshToken());
	}

	private static void save(ConfigurableApplicationContext application, String registrationId, String accessToken,
			Instant issuedAt, Instant expiresAt, String refreshToken) {
		service(application)
			.saveAuthorizedClient(
					new OAuth2AuthorizedClient(
							application.getBean(ClientRegistrationRepository.class)
								.findByRegistrationId(registrationId),
							ALICE,
							new OAuth2AccessToken(TokenType.BEARER, accessToken, issuedAt, expiresAt, Set.of("read")),
							(refreshToken != null) ? new OAuth2RefreshToken(refreshToken, issuedAt) : null),
					new TestingAuthenticationToken(ALICE, ""));
	}

	private static OAuth2AuthorizedClientService service(ConfigurableApplicationContext application) {
		return application.getBean(OAuth2AuthorizedClientService.class);
	}

	private int get(ConfigurableApplicationContext application, String registrationId) {
		URI uri = this.api.uri("/" + registrationId);
		return application.getBean(RestClient.Builder.class)
			.build()
			.get()
			.uri(uri)
			.attributes(clientRegistrationId(registrationId))
			.attributes(RequestAttributePrincipalResolver.principal(ALICE))
			.exchange((request, response) -> response.getStatusCode().value());
	}

	/**
	 * Everything that is stored, byte for byte.
	 */
	private Map<String, String> dump() {
		Map<String, String> dump = new TreeMap<>();
		for (String key : this.redis.keys(this.prefix + ":{*")) {
			dump.put(key, Arrays
				.toString((byte[]) this.redis.binaryCommand("DUMP".getBytes(StandardCharsets.US_ASCII), bytes(key))));
		}
		return dump;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private ConfigurableApplicationContext start(String... changes) {
		Map<String, String> settings = new TreeMap<>();
		String client = "spring.security.oauth2.client.";
		for (String id : List.of(USERS, PARTNERS, SERVICE)) {
			String registration = client + "registration." + id + ".";
			settings.put(registration + "client-id", id.equals(SERVICE) ? "machine" : "web");
			settings.put(registration + "client-secret", id + "-secret");
			settings.put(registration + "provider", "idp");
			settings.put(registration + "authorization-grant-type",
					id.equals(SERVICE) ? "client_credentials" : "authorization_code");
			settings.put(registration + "redirect-uri", "{baseUrl}/login/oauth2/code/{registrationId}");
			settings.put(registration + "scope", "read");
		}
		for (String id : List.of("idp", "idp2")) {
			settings.put(client + "provider." + id + ".authorization-uri", this.server.uri("/authorize").toString());
			settings.put(client + "provider." + id + ".token-uri",
					this.server.tokenUri() + (id.equals("idp") ? "" : "?tenant=2"));
		}
		settings.put("spring.data.redis.host", this.redis.host());
		settings.put("spring.data.redis.port", String.valueOf(this.redis.port()));
		settings.put("oauth-redis.key-prefix", this.prefix);
		settings.put("oauth-redis.redis-timeout", "5s");
		// Nothing is too young to be renewed.
		settings.put("oauth-redis.refresh.min-interval", "1ns");
		settings.put("spring.main.banner-mode", "off");
		for (String change : changes) {
			int equals = change.indexOf('=');
			settings.put(change.substring(0, equals), change.substring(equals + 1));
		}
		ConfigurableApplicationContext application = new SpringApplicationBuilder(Applications.Everything.class)
			.web(WebApplicationType.NONE)
			.run(settings.entrySet().stream().map((setting) -> "--" + setting).toArray(String[]::new));
		this.applications.add(application);
		return application;
	}

}
