package io.github.oauthredis.client;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What an authorized client service promises, blocking or reactive.
 */
abstract class AuthorizedClientServiceContractTests {

	private static final String URI = "https://provider.example/token";

	private final RedisServer redis = RedisServer.shared();

	private final ClientNode node = new ClientNode(this.redis.host(), this.redis.port(), UserTokenClients.NONE, null)
		.with(Grant.CODE.registration(), Grant.CLIENT_CREDENTIALS.registration(), Grant.EXCHANGE.registration());

	private final OAuth2AuthorizedClientService service = service(this.node.clients);

	/**
	 * Return the service under test, blocking whatever it is.
	 * @param clients what all faces have in common
	 * @return the service
	 */
	abstract OAuth2AuthorizedClientService service(AuthorizedClients clients);

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.node.close();
	}

	@ParameterizedTest
	@EnumSource
	void loadWhenSavedReturnsTheSame(Grant grant) {
		OAuth2AuthorizedClient client = grant.client("a");

		this.service.saveAuthorizedClient(client, named("alice"));
		OAuth2AuthorizedClient loaded = load(grant);

		assertThat(loaded).usingRecursiveComparison().ignoringFields("principalName").isEqualTo(client);
		assertThat(loaded.getPrincipalName()).isEqualTo(grant.clientName());
	}

	@ParameterizedTest
	@EnumSource
	void loadWhenRemovedReturnsNull(Grant grant) {
		this.service.saveAuthorizedClient(grant.client("a"), named("alice"));

		this.service.removeAuthorizedClient(grant.registration().getRegistrationId(), "alice");

		assertThat(load(grant)).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void loadWhenNeverSavedReturnsNull(Grant grant) {
		assertThat(load(grant)).isNull();
	}

	@ParameterizedTest
	@EnumSource
	void saveWhenSavedBeforeReplacesIt(Grant grant) {
		this.service.saveAuthorizedClient(grant.client("a"), named("alice"));

		this.service.saveAuthorizedClient(grant.client("b"), named("alice"));

		assertThat(load(grant).getAccessToken().getTokenValue()).isEqualTo("b");
	}

	@Test
	void saveWhenCopyIsStaleIsIgnored() {
		OAuth2AuthorizedClient first = Grant.CODE.client("a");
		this.service.saveAuthorizedClient(first, named("alice"));
		this.service.saveAuthorizedClient(Grant.CODE.client("b"), named("alice"));

		this.service.saveAuthorizedClient(first, named("alice"));

		assertThat(load(Grant.CODE).getAccessToken().getTokenValue()).isEqualTo("b");
	}

	@Test
	void saveWhenRemovedBeforeStores() {
		OAuth2AuthorizedClient client = Grant.CODE.client("a");
		this.service.saveAuthorizedClient(client, named("alice"));
		this.service.removeAuthorizedClient(TestClients.GRANT_ID, "alice");

		this.service.saveAuthorizedClient(client, named("alice"));

		assertThat(load(Grant.CODE).getAccessToken().getTokenValue()).isEqualTo("a");
	}

	@Test
	void loadWhenRegistrationIsUnknownReturnsNull() {
		assertThat(this.service.<OAuth2AuthorizedClient>loadAuthorizedClient("unknown", "alice")).isNull();
		this.service.removeAuthorizedClient("unknown", "alice");
	}

	@Test
	void loadWhenRegistrationChangedAttachesTheCurrentOne() {
		this.service.saveAuthorizedClient(Grant.CODE.client("a"), named("alice"));
		ClientRegistration current = TestClients.grant(URI).clientSecret("rotated").scope("more").build();
		this.node.with(current);

		assertThat(load(Grant.CODE).getClientRegistration()).isSameAs(current);
	}

	/**
	 * Hazard 31: the same user elsewhere, or with another client, is somebody else.
	 */
	@Test
	void loadWhenAnythingThatNamesTheGrantDiffersReturnsNull() {
		this.service.saveAuthorizedClient(Grant.CODE.client("a"), named("alice"));
		this.node.with(TestClients.grant(URI).registrationId("gitlab").build());

		assertThat(this.service.<OAuth2AuthorizedClient>loadAuthorizedClient("gitlab", "alice")).isNull();
		assertThat(this.service.<OAuth2AuthorizedClient>loadAuthorizedClient(TestClients.GRANT_ID, "Alice")).isNull();
		this.node.with(TestClients.grant(URI).clientId("other").build());
		assertThat(load(Grant.CODE)).isNull();
		this.node.with(TestClients.grant(URI + "/other").build());
		assertThat(load(Grant.CODE)).isNull();
	}

	@Test
	void loadWhenClientCredentialsIgnoresThePrincipal() {
		this.service.saveAuthorizedClient(Grant.CLIENT_CREDENTIALS.client("a"), named("alice"));

		OAuth2AuthorizedClient loaded = this.service.loadAuthorizedClient(TestClients.SERVICE_ID, "bob");

		assertThat(loaded.getAccessToken().getTokenValue()).isEqualTo("a");
		assertThat(loaded.getPrincipalName()).isEqualTo(TestClients.SERVICE_ID);
	}

	@Test
	void loadWhenEndedReturnsItOnlyWithARefreshToken() {
		Instant yesterday = Instant.now().minus(Duration.ofDays(1));
		this.service.saveAuthorizedClient(
				TestClients.client(Grant.CODE.registration(), "alice", "a", yesterday, Duration.ofHours(1)),
				named("alice"));
		OAuth2AccessToken alone = new OAuth2AccessToken(TokenType.BEARER, "b", yesterday,
				yesterday.plus(Duration.ofHours(1)));
		this.service.saveAuthorizedClient(new OAuth2AuthorizedClient(Grant.CODE.registration(), "bob", alone),
				named("bob"));

		assertThat(load(Grant.CODE).getAccessToken().getTokenValue()).isEqualTo("a");
		assertThat(this.service.<OAuth2AuthorizedClient>loadAuthorizedClient(TestClients.GRANT_ID, "bob")).isNull();
	}

	/**
	 * Hazard 20: a login answer without lifetime and refresh token is good until an API
	 * says otherwise; Spring Security states one second for it.
	 */
	@Test
	void loadWhenLifetimeIsUnknownReturnsItADayLater() {
		Instant yesterday = Instant.now().minus(Duration.ofDays(1));
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, "a", yesterday, yesterday.plusSeconds(1));

		this.service.saveAuthorizedClient(new OAuth2AuthorizedClient(Grant.CODE.registration(), "alice", token),
				named("alice"));

		assertThat(load(Grant.CODE).getAccessToken()).isEqualTo(token);
	}

	@Test
	void saveWhenPrincipalIsAnonymousFailsAndStoresNothing() {
		Authentication anonymous = new AnonymousAuthenticationToken("key", "anonymousUser",
				AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> this.service.saveAuthorizedClient(Grant.CODE.client("a"), anonymous));
		assertThat(this.redis.keys("*")).isEmpty();
	}

	@Test
	void saveNeverPutsPrincipalOrTokenIntoAKey() {
		this.service.saveAuthorizedClient(Grant.CODE.client("secret-token"), named("alice"));

		assertThat(this.redis.keys("*")).isNotEmpty()
			.allMatch((key) -> key.startsWith("oauth-redis:{github~"))
			.noneMatch((key) -> key.contains("alice") || key.contains("secret"));
	}

	@Test
	void everythingWhenRedisIsAwayFailsRetryably() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		try (ClientNode lost = new ClientNode("127.0.0.1", port, UserTokenClients.NONE, null)
			.with(Grant.CODE.registration())) {
			OAuth2AuthorizedClientService away = service(lost.clients);

			assertRetryable(() -> away.loadAuthorizedClient(TestClients.GRANT_ID, "alice"));
			assertRetryable(() -> away.removeAuthorizedClient(TestClients.GRANT_ID, "alice"));
		}
	}

	private static void assertRetryable(ThrowingCallable call) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(call)
			.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue())
			.satisfies((ex) -> assertThat(ex.getRegistrationId()).isEqualTo(TestClients.GRANT_ID));
	}

	@Test
	void everythingWhenArgumentIsMissingFails() {
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.loadAuthorizedClient("", "alice"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.loadAuthorizedClient("github", " "));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.removeAuthorizedClient("", "alice"));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.removeAuthorizedClient("github", ""));
		assertThatIllegalArgumentException().isThrownBy(() -> this.service.saveAuthorizedClient(null, named("alice")));
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.service.saveAuthorizedClient(Grant.CODE.client("a"), null));
	}

	private OAuth2AuthorizedClient load(Grant grant) {
		return this.service.loadAuthorizedClient(grant.registration().getRegistrationId(), "alice");
	}

	static Authentication named(String name) {
		return new TestingAuthenticationToken(name, "");
	}

	/**
	 * A stored grant type.
	 */
	enum Grant {

		CODE, CLIENT_CREDENTIALS, EXCHANGE;

		ClientRegistration registration() {
			return switch (this) {
				case CODE -> TestClients.grant(URI).build();
				case CLIENT_CREDENTIALS -> TestClients.service(URI).build();
				case EXCHANGE -> TestClients.exchange(URI).build();
			};
		}

		OAuth2AuthorizedClient client(String token) {
			Instant issuedAt = Instant.now().truncatedTo(ChronoUnit.MICROS).plusNanos(789);
			return TestClients.client(registration(), "alice", token, issuedAt, Duration.ofHours(1));
		}

		String clientName() {
			return (this == CLIENT_CREDENTIALS) ? TestClients.SERVICE_ID : "alice";
		}

	}

}
