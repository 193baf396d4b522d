package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.http.MediaType;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

import io.github.oauthredis.client.TokenRevocations;
import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.springframework.security.oauth2.client.web.ClientAttributes.clientRegistrationId;

/**
 * Hazard 26: tokens, client secrets, sealing keys and principal names that bear a mark
 * pass through a whole application while everything is logged. After each test, and after
 * start and end of the application, the mark must be nowhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CanaryIntegrationTests {

	private static final String MARK = "canary-mark";

	private static final String SECRET = MARK + "-secret";

	private static final String KEY = base64(MARK + "-sealing-key-32-bytes");

	private static final List<String> MARKS = List.of(MARK, KEY, base64("users:" + SECRET), base64("posts:" + SECRET),
			base64("service:" + SECRET));

	private static final Duration BOUND = Duration.ofSeconds(10);

	private final CapturedLogs logs = CapturedLogs.start();

	private final RedisServer redis = RedisServer.start("--slowlog-log-slower-than", "0", "--slowlog-max-len", "10000");

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.tokenPrefix(MARK)
		.client("users", SECRET)
		.client("posts", SECRET)
		.client("service", SECRET)
		.rotateStrictly();

	private final FakeResourceServer api = FakeResourceServer.start().activeTokens(this.server::isActive);

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final List<AuditEvent> audits = new CopyOnWriteArrayList<>();

	private final List<GrantLostEvent> lost = new CopyOnWriteArrayList<>();

	private final List<Throwable> failures = new ArrayList<>();

	private ConfigurableApplicationContext application;

	// Closed last: the threads of Reactor Netty are everybody's.
	private ConfigurableApplicationContext stranger;

	private int users;

	@BeforeAll
	void start() {
		this.application = start(SECRET);
		assertThat(this.logs.text()).contains("OAuth tokens are shared");
		assertThat(scan().leaks()).isEmpty();
	}

	@BeforeEach
	void forget() {
		// Events are told in their order, by a thread of their own: the last one is here.
		this.application.getBean(TokenEvents.class)
			.publish(new TokenEvent(TokenEvent.Type.REMOVED, "marker", "none", null, 0, null));
		Await.until("events of the test before", BOUND,
				() -> this.events.stream().anyMatch((event) -> "marker".equals(event.registrationId())));
		this.failures.clear();
		this.events.clear();
		this.audits.clear();
		this.lost.clear();
		this.logs.clear();
		this.redis.flushAll();
	}

	@AfterEach
	void assertNothingLeaked() {
		this.server.faults().none();
		this.api.accept();
		SecurityContextHolder.clearContext();
		LeakScan scan = scan();
		assertThat(scan.leaks()).isEmpty();
		assertThat(scan.looked()).isGreaterThan(10);
		for (String key : this.redis.keys("*")) {
			// One that has gone meanwhile answers -2.
			assertThat((Long) this.redis.command("PTTL", key)).as(key).isNotEqualTo(-1);
		}
	}

	@AfterAll
	void stop() {
		this.application.close();
		if (this.stranger != null) {
			this.stranger.close();
		}
		this.server.close();
		this.api.close();
		this.proxy.close();
		this.logs.close();
		LeakScan scan = new LeakScan(MARKS).text("logs", this.logs.text()).redis(this.redis).threads();
		this.redis.close();
		assertThat(scan.leaks()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource
	void tokenOfTheServiceStaysHidden(Door door) {
		assertThat(door.get(this.application, this.api.uri("/x"), "service", null)).isEqualTo(200);
		this.api.rejectNext(2);
		assertThat(door.get(this.application, this.api.uri("/x"), "service", null)).isEqualTo(401);
	}

	@ParameterizedTest
	@EnumSource
	void freshGrantStaysHidden(Door door) {
		String user = login("users", Duration.ofHours(1));

		assertThat(door.get(this.application, this.api.uri("/x"), "users", user)).isEqualTo(200);

		assertThat(service().<OAuth2AuthorizedClient>loadAuthorizedClient("users", user)).isNotNull();
		look("users", user);
		service().removeAuthorizedClient("users", user);
		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REMOVED);
	}

	@ParameterizedTest
	@EnumSource
	void renewalInTheBackgroundStaysHidden(Door door) {
		String user = login("users", Duration.ofMinutes(2));

		assertThat(door.get(this.application, this.api.uri("/x"), "users", user)).isEqualTo(200);

		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED);
	}

	@ParameterizedTest
	@ValueSource(strings = { "users", "posts" })
	void renewalOfAnEndedTokenStaysHidden(String registration) {
		for (Door door : Door.values()) {
			String user = login(registration, Duration.ofMinutes(-1));

			assertThat(door.get(this.application, this.api.uri("/x"), registration, user)).isEqualTo(200);
		}
		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED, TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED);
	}

	@ParameterizedTest
	@EnumSource
	void failedRenewalStaysHidden(Fault fault) {
		for (Door door : Door.values()) {
			for (String registration : List.of("users", "posts")) {
				String user = login(registration, Duration.ofMinutes(-1));
				fault.prepare(this.server);

				fails(() -> door.get(this.application, this.api.uri("/x"), registration, user));
				fails(() -> door.get(this.application, this.api.uri("/x"), registration, user));
				this.server.faults().none();
			}
		}
		assertThat(this.failures).hasSize(8)
			.allMatch((ex) -> ex instanceof TokenUnavailableException || ex instanceof GrantLostException);
		Await.until("events", BOUND, () -> this.events.size() >= 8);
	}

	@ParameterizedTest
	@EnumSource
	void refusedTokenStaysHidden(Door door) {
		String user = login("users", Duration.ofMinutes(30));
		this.api.rejectNext(1);

		assertThat(door.get(this.application, this.api.uri("/x"), "users", user)).isEqualTo(200);

		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFUSED, TokenEvent.Type.REFRESHED);
	}

	@ParameterizedTest
	@EnumSource
	void refusedTokenThatIsNotRenewedStaysHidden(Door door) {
		String user = login("users", Duration.ofMinutes(30));
		this.api.rejectNext(1);
		this.server.faults().failNext(1, 503, "temporarily_unavailable", "1");

		assertThat(door.get(this.application, this.api.uri("/x"), "users", user)).isEqualTo(401);

		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFUSED, TokenEvent.Type.FAILED);
	}

	@ParameterizedTest
	@EnumSource
	void deadGrantStaysHidden(Door door) {
		String user = login("users", Duration.ofMinutes(-1));
		this.server.kill(Objects
			.requireNonNull(service().<OAuth2AuthorizedClient>loadAuthorizedClient("users", user).getRefreshToken())
			.getTokenValue());

		assertThat(fails(() -> door.get(this.application, this.api.uri("/x"), "users", user)))
			.isInstanceOf(GrantLostException.class);

		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.DEAD);
		Await.until("the lost grant", BOUND, () -> !this.lost.isEmpty());
		assertThat(this.lost).extracting(GrantLostEvent::principalName).containsExactly(user);
		assertThat(this.audits).extracting(AuditEvent::getType)
			.containsExactly("OAUTH_REDIS_SAVED", "OAUTH_REDIS_DEAD");
		assertThat(this.logs.text()).contains("event=DEAD registration=users key=");
		look("users", user);
	}

	@ParameterizedTest
	@EnumSource
	void missingGrantStaysHidden(Door door) {
		assertThat(fails(() -> door.get(this.application, this.api.uri("/x"), "users", MARK + "-nobody")))
			.isInstanceOf(GrantLostException.class);
		assertThat(fails(() -> door.get(this.application, this.api.uri("/x"), "users", null)))
			.isInstanceOf(TokenUnavailableException.class);
		assertThat(fails(() -> door.get(this.application, URI.create("http://" + SECRET + "@127.0.0.1:1/"), "users",
				MARK + "-nobody")))
			.isInstanceOf(TokenUnavailableException.class);
	}

	@ParameterizedTest
	@EnumSource
	void recordWithUnknownKeyStaysHidden(Door door) {
		String user = login("users", Duration.ofMinutes(-1));
		if (this.stranger == null) {
			this.stranger = start(MARK + "-another-secret");
		}

		assertThat(fails(() -> door.get(this.stranger, this.api.uri("/x"), "users", user)))
			.isInstanceOf(TokenUnavailableException.class)
			.hasMessageContaining("key");
		fails(() -> login(this.stranger, "users", user, Duration.ofHours(1)));
		fails(() -> this.stranger.getBean(OAuth2AuthorizedClientService.class).loadAuthorizedClient("users", user));
		assertThat(this.failures).hasSize(3);
	}

	@ParameterizedTest
	@EnumSource
	void brokenRecordStaysHidden(Door door) {
		String user = login("users", Duration.ofHours(1));
		byte[] key = bytes(recordName("users", user));
		byte[] sealed = (byte[]) Objects.requireNonNull(this.redis.binaryCommand(bytes("HGET"), key, bytes("sealed")));
		sealed[sealed.length - 1] ^= 1;
		this.redis.binaryCommand(bytes("HSET"), key, bytes("sealed"), sealed);

		assertThat(fails(() -> door.get(this.application, this.api.uri("/x"), "users", user)))
			.isInstanceOf(GrantLostException.class);

		awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.SET_ASIDE);
		Await.until("the lost grant", BOUND, () -> !this.lost.isEmpty());
		assertThat(this.lost).containsExactly(new GrantLostEvent("users", user, "set_aside"));
	}

	@ParameterizedTest
	@EnumSource
	void revokedGrantStaysHidden(Door door) {
		String user = login("posts", Duration.ofHours(1));
		this.application.getBean(TokenRevocations.class).revokePrincipal(user);

		assertThat(fails(() -> door.get(this.application, this.api.uri("/x"), "posts", user)))
			.isInstanceOf(GrantLostException.class);
	}

	@Test
	void removedGrantStaysHiddenOnItsWayToTheProvider() {
		String user = login("posts", Duration.ofHours(1));
		this.server.failRevocations(1, 503, "temporarily_unavailable", "60");
		service().removeAuthorizedClient("posts", user);

		Await.until("the provider to refuse", BOUND, () -> count(TokenEvent.Type.REVOCATION_FAILED) == 1);
		assertThat(this.redis.keys("*")).anyMatch((key) -> key.contains(":outbox:"));
		assertThat(scan().leaks()).isEmpty();
	}

	@Test
	void everythingStaysHiddenWhileRedisIsAway() {
		String user = login("users", Duration.ofHours(-1));
		String late = MARK + "-late";
		this.proxy.refuse();
		this.proxy.cut();
		try {
			for (Door door : Door.values()) {
				fails(() -> door.get(this.application, this.api.uri("/x"), "users", user));
				tries(() -> door.get(this.application, this.api.uri("/x"), "service", null));
			}
			tries(() -> service().loadAuthorizedClient("users", user));
			tries(() -> login(this.application, "users", late, Duration.ofHours(1)));
		}
		finally {
			this.proxy.comeBack();
		}
		Await.until("Redis to be back", Duration.ofSeconds(30),
				() -> catchThrowable(() -> service().loadAuthorizedClient("users", user)) == null);
		Await.until("the late login to be stored", Duration.ofSeconds(30), () -> count(TokenEvent.Type.SAVED) == 2);
		Await.until("the news that Redis is back", Duration.ofSeconds(30),
				() -> count(TokenEvent.Type.REDIS_BACK) == count(TokenEvent.Type.REDIS_AWAY));
		assertThat(count(TokenEvent.Type.REDIS_AWAY)).isOne();
	}

	private long count(TokenEvent.Type type) {
		return this.events.stream().filter((event) -> event.type() == type).count();
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis.encryption.keys[0].secret=%s", "oauth-redis.encryption.keys[0].id=%s",
			"oauth-redis.encryption.keys=%s", "oauth-redis.encryption.jwk-set-location=%s",
			"oauth-redis.clients.users.uris=https://u:%s@api.example.com",
			"oauth-redis.clients.users.previous-client-secrets[2]=%s" })
	void malformedSettingStaysHidden(String setting) {
		List<String> arguments = new ArrayList<>(settings(SECRET));
		arguments.add(setting.formatted(KEY));

		FailedStart failure = FailedStart.of(WebApplicationType.NONE, List.of(Everything.class),
				arguments.toArray(String[]::new));

		this.failures.add(failure.failure());
	}

	@Test
	void beansStayHidden() {
		String[] names = this.application.getBeanDefinitionNames();
		List<Object> beans = Arrays.stream(names)
			.map(this.application::getBean)
			.filter((bean) -> bean.getClass().getName().startsWith("io.github.oauthredis."))
			.toList();

		LeakScan scan = new LeakScan(MARKS);
		beans.forEach(scan::value);

		assertThat(beans).hasSizeGreaterThan(10);
		assertThat(scan.leaks()).isEmpty();
	}

	/**
	 * The test of the test: a mark is found wherever it is left.
	 */
	@Test
	void scanFindsWhatWasLeftOnPurpose() {
		assertThat(scan().leaks()).isEmpty();

		LoggerFactory.getLogger("some.logger").trace("A token: {}", MARK);
		assertThat(scan().leaks()).isNotEmpty();
		this.logs.clear();
		LoggerFactory.getLogger("some.logger").debug("It failed", new IllegalStateException(new Exception(MARK)));
		assertThat(scan().leaks()).isNotEmpty();
		this.logs.clear();
		assertFoundInRedis("SET", MARK, "value", "PX", "60000");
		assertFoundInRedis("HSET", "hash", "field", "x".repeat(1000) + MARK);
		assertThat(new LeakScan(MARKS).failure(new RuntimeException("x", new Exception(MARK))).leaks()).isNotEmpty();
		assertThat(new LeakScan(MARKS).text("header", "Basic " + base64("users:" + SECRET)).leaks()).isNotEmpty();
		assertThat(scan().leaks()).isEmpty();
	}

	private void assertFoundInRedis(String... command) {
		this.redis.command(command);
		this.redis.command("SLOWLOG", "RESET");
		assertThat(new LeakScan(MARKS).redis(this.redis).leaks()).isNotEmpty();
		this.redis.command("DEL", command[1]);
		this.redis.command("SLOWLOG", "RESET");
	}

	private LeakScan scan() {
		LeakScan scan = new LeakScan(MARKS).text("logs", this.logs.text()).redis(this.redis).threads();
		this.failures.forEach(scan::failure);
		this.events.forEach(scan::value);
		this.audits.forEach(scan::value);
		this.lost.forEach(scan::value);
		return scan;
	}

	private Throwable fails(Runnable call) {
		Throwable failure = tries(call);
		assertThat(failure).isNotNull();
		return failure;
	}

	private Throwable tries(Runnable call) {
		Throwable failure = catchThrowable(call::run);
		if (failure != null) {
			this.failures.add(failure);
		}
		return failure;
	}

	private void awaitEvents(TokenEvent.Type... types) {
		Await.holdsWithin(BOUND, () -> this.events.size() >= types.length);
		assertThat(this.events).extracting(TokenEvent::type).containsExactlyInAnyOrder(types);
	}

	private OAuth2AuthorizedClientService service() {
		return this.application.getBean(OAuth2AuthorizedClientService.class);
	}

	/**
	 * Save a grant as a login does.
	 */
	private String login(String registrationId, Duration remaining) {
		String user = MARK + "-user-" + ++this.users + "@example.org";
		login(this.application, registrationId, user, remaining);
		return user;
	}

	private void login(ConfigurableApplicationContext application, String registrationId, String user,
			Duration remaining) {
		IssuedGrant grant = this.server.issueGrant(registrationId, "read");
		Instant issuedAt = Instant.now().plus(remaining).minus(Duration.ofHours(1));
		ClientRegistration registration = application.getBean(ClientRegistrationRepository.class)
			.findByRegistrationId(registrationId);
		application.getBean(OAuth2AuthorizedClientService.class)
			.saveAuthorizedClient(
					new OAuth2AuthorizedClient(registration, user,
							new OAuth2AccessToken(TokenType.BEARER, grant.accessToken(), issuedAt,
									issuedAt.plus(Duration.ofHours(1)), Set.of("read")),
							new OAuth2RefreshToken(grant.refreshToken(), issuedAt)),
					new TestingAuthenticationToken(user, ""));
	}

	private TokenKey key(String registrationId, String user) {
		return TokenKey.grant(registrationId, registrationId, this.server.tokenUri(), user);
	}

	private String recordName(String registrationId, String user) {
		return "oauth-redis:{" + key(registrationId, user) + "}:token";
	}

	/**
	 * Look at the string forms of what lies beneath.
	 */
	private void look(String registrationId, String user) {
		TokenRecord record = this.application.getBean(TokenStore.class)
			.find(key(registrationId, user))
			.toCompletableFuture()
			.join();
		LeakScan scan = new LeakScan(MARKS).value(key(registrationId, user))
			.value(record)
			.value(record.requireTokens());
		assertThat(scan.leaks()).isEmpty();
	}

	private List<String> settings(String secret) {
		List<String> settings = new ArrayList<>();
		for (String id : List.of("users", "posts", "service")) {
			String prefix = "spring.security.oauth2.client.registration." + id + ".";
			Stream.of("client-id=" + id, "client-secret=" + secret, "provider=idp",
					"client-authentication-method="
							+ (id.equals("posts") ? "client_secret_post" : "client_secret_basic"),
					"authorization-grant-type=" + (id.equals("service") ? "client_credentials" : "authorization_code"),
					"redirect-uri={baseUrl}/login/oauth2/code/{registrationId}")
				.forEach((setting) -> settings.add(prefix + setting));
		}
		settings.add("spring.security.oauth2.client.provider.idp.token-uri=" + this.server.tokenUri());
		settings.add("spring.security.oauth2.client.provider.idp.authorization-uri=" + this.server.uri("/authorize"));
		settings.add("spring.data.redis.host=" + this.proxy.host());
		settings.add("spring.data.redis.port=" + this.proxy.port());
		settings.add("oauth-redis.clients.users.previous-client-secrets[0]=" + MARK + "-previous-secret");
		settings.add("oauth-redis.clients.posts.parameters.assertion=" + MARK + "-assertion");
		settings.add("oauth-redis.clients.posts.revocation-uri=" + this.server.uri("/revoke"));
		// What the starter brings; others write down the headers of the application's own
		// requests at DEBUG, and that is theirs and the application's.
		settings.add("spring.http.clients.imperative.factory=jdk");
		settings.add("oauth-redis.redis-timeout=3s");
		// Nothing is too young to be renewed.
		settings.add("oauth-redis.refresh.min-interval=1ns");
		// No failure of one test keeps the next one from sending.
		settings.add("oauth-redis.refresh.max-backoff=1ms");
		settings.add("oauth-redis.circuit-breaker.failure-threshold=1000");
		settings.add("server.port=0");
		return settings;
	}

	private ConfigurableApplicationContext start(String secret) {
		return new SpringApplicationBuilder(Everything.class).web(WebApplicationType.SERVLET)
			.listeners((ApplicationListener<ApplicationEvent>) (event) -> {
				if (event instanceof AuditApplicationEvent audit) {
					this.audits.add(audit.getAuditEvent());
				}
				else if (event instanceof PayloadApplicationEvent<?> told
						&& told.getPayload() instanceof TokenEvent fact) {
					this.events.add(fact);
				}
				else if (event instanceof PayloadApplicationEvent<?> told
						&& told.getPayload() instanceof GrantLostEvent grant) {
					this.lost.add(grant);
				}
			})
			.run(settings(secret).stream().map((setting) -> "--" + setting).toArray(String[]::new));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static String base64(String text) {
		return Base64.getEncoder().encodeToString(bytes(text));
	}

	/**
	 * How a caller sends a request.
	 */
	enum Door {

		/** As the user who is logged in on this thread. */
		REST_CLIENT {

			@Override
			int get(ConfigurableApplicationContext application, URI uri, String registrationId, String user) {
				if (user != null) {
					SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken(user, "", "x"));
				}
				try {
					return application.getBean(RestClient.Builder.class)
						.build()
						.get()
						.uri(uri)
						.attributes(clientRegistrationId(registrationId))
						.exchange((request, response) -> response.getStatusCode().value());
				}
				finally {
					SecurityContextHolder.clearContext();
				}
			}

		},

		/** As the user who is named. */
		WEB_CLIENT {

			@Override
			int get(ConfigurableApplicationContext application, URI uri, String registrationId, String user) {
				Consumer<Map<String, Object>> principal = (user != null)
						? RequestAttributePrincipalResolver.principal(user) : (attributes) -> {
						};
				return Objects.requireNonNull(application.getBean(WebClient.Builder.class)
					.build()
					.get()
					.uri(uri)
					.attributes(clientRegistrationId(registrationId))
					.attributes(principal)
					.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
					.block());
			}

		};

		abstract int get(ConfigurableApplicationContext application, URI uri, String registrationId, String user);

	}

	/**
	 * What may go wrong at the token endpoint, with answers that quote what they got.
	 */
	enum Fault {

		INVALID_GRANT(400, "invalid_grant"), UNAUTHORIZED(401, "invalid_client"), BUSY(429, "slow_down"),
		DOWN(503, "temporarily_unavailable"), ERROR_THAT_IS_NONE(400, "not a code: " + MARK), DROPPED(0, ""),
		GARBLED(0, ""), TOKEN_THAT_IS_NO_HEADER(200, ""), TYPE_THAT_IS_NONE(200, "");

		private final int status;

		private final String error;

		Fault(int status, String error) {
			this.status = status;
			this.error = error;
		}

		void prepare(FakeAuthorizationServer server) {
			switch (this) {
				case DROPPED -> server.faults().dropNextAnswers(2);
				case GARBLED -> server.faults().garbleNextAnswers(2);
				case TOKEN_THAT_IS_NO_HEADER -> server.faults()
					.answerNext(2, this.status, Map.of("Content-Type", MediaType.APPLICATION_JSON_VALUE),
							"{\"access_token\":\"%s\\n\",\"token_type\":\"%s\"}".formatted(MARK, MARK));
				case TYPE_THAT_IS_NONE ->
					server.faults().answerNext(2, this.status, Map.of("Content-Type", MARK + ";;;"), "{}");
				default -> server.faults()
					.answerNext(2, this.status,
							Map.of("Content-Type", MediaType.APPLICATION_JSON_VALUE, "Retry-After", "1"),
							"{\"error\":\"%s\",\"error_description\":\"%s\",\"error_uri\":\"https://%s\"}"
								.formatted(this.error, MARK + "-description", MARK + "-uri"));
			}
		}

	}

	@EnableAutoConfiguration
	static class Everything {

	}

}
