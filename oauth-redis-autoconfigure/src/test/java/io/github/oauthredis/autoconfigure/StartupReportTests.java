package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.SupplierClientRegistrationRepository;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.TokenStore;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link StartupReport} and {@link StartupCheck} in applications that start.
 */
class StartupReportTests {

	private static final String KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void startSaysHowTokensAreKeptInOneLine(AbstractApplicationContextRunner<?, ?, ?> runner) {
		try (Logged logged = Logged.open()) {
			runner.withPropertyValues(Applications.REGISTRATIONS)
				.withPropertyValues("oauth-redis.clients.two.uris=https://api.example.com/two/**")
				.run((context) -> assertThat((ApplicationContext) context).isNotNull());

			assertThat(logged.lines()).singleElement()
				.asString()
				.startsWith("INFO ")
				.contains("Redis (standalone)", "one", "two", "{two=[https://api.example.com/two/**]}",
						"derived from client secrets");
		}
	}

	@ParameterizedTest
	@CsvSource({ "cluster.nodes, cluster", "sentinel.nodes, sentinel" })
	void startNamesTheKindOfRedis(String property, String kind) {
		try (Logged logged = Logged.open()) {
			Applications.nonWeb()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withPropertyValues("spring.data.redis." + property + "=127.0.0.1:1")
				.withPropertyValues(kind.equals("sentinel")
						? new String[] { "spring.data.redis.sentinel.master=tokens" } : new String[0])
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.lines()).singleElement().asString().contains("Redis (" + kind + ")");
		}
	}

	@Test
	void startWhenConnectionsAreTheApplicationsNamesWhatTheyLack() {
		LettuceConnectionFactory subclass = new LettuceConnectionFactory("127.0.0.1", 1) {
		};

		try (Logged logged = Logged.open()) {
			Applications.nonWeb()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withBean(RedisConnectionFactory.class, () -> subclass)
				.run((context) -> {
					assertThat(context).hasNotFailed();
					assertThat(context.getBean(OwnConnections.class).factory()).isSameAs(subclass);
				});

			assertThat(logged.warnings()).singleElement()
				.asString()
				.contains("the application's own connections", "a command timeout of PT1M",
						"a connect timeout of PT10S");
		}
	}

	@Test
	void startWhenConnectionsAreOurOwnWarnsOfNothing() {
		try (Logged logged = Logged.open()) {
			Applications.nonWeb().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
				assertThat(context).hasSingleBean(RedisConnectionFactory.class);
				OwnConnections connections = context.getBean(OwnConnections.class);
				assertThat(connections.factory()).isNotSameAs(context.getBean(RedisConnectionFactory.class));
				assertThat(connections.isRunning()).isTrue();
			});

			assertThat(logged.warnings()).isEmpty();
		}
	}

	@Test
	void startNamesTheApplicationsOwnStoreAndKeys() {
		SealingKeys keys = (id) -> completedFuture(KeyRing.unsealed());

		try (Logged logged = Logged.open()) {
			Applications.nonWeb()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withPropertyValues(
						"spring.autoconfigure.exclude=org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration,"
								+ "org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration")
				.withBean(TokenStore.class, () -> mock(TokenStore.class))
				.withBean(SealingKeys.class, () -> keys)
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.lines()).singleElement()
				.asString()
				.contains("the application's own store", "keys of the application");
		}
	}

	@Test
	void startWhenKeyIsConfiguredSaysSoWithoutNamingIt() {
		try (Logged logged = Logged.open()) {
			Applications.nonWeb()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withPropertyValues("oauth-redis.encryption.keys[0].id=2026-11",
						"oauth-redis.encryption.keys[0].secret=" + KEY)
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.lines()).singleElement()
				.asString()
				.contains("sealed with a configured key")
				.doesNotContain(KEY);
		}
	}

	@Test
	void startWhenEncryptionIsOffWarnsEachTime() {
		for (int start = 0; start < 2; start++) {
			try (Logged logged = Logged.open()) {
				Applications.nonWeb()
					.withPropertyValues(Applications.REGISTRATIONS)
					.withPropertyValues("oauth-redis.encryption.enabled=false")
					.run((context) -> assertThat(context).hasNotFailed());

				assertThat(logged.lines()).anyMatch((line) -> line.contains("records are not sealed"));
				assertThat(logged.warnings()).singleElement().asString().contains("oauth-redis.encryption.enabled");
			}
		}
	}

	@Test
	void startWhenEncryptionIsOffAcceptsClientWithoutSecret() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("spring.security.oauth2.client.registration.one.client-secret=",
					"oauth-redis.encryption.enabled=false")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void startWhenKeyIsConfiguredAcceptsClientWithoutSecret() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("spring.security.oauth2.client.registration.one.client-secret=",
					"oauth-redis.encryption.keys[0].id=2026-11", "oauth-redis.encryption.keys[0].secret=" + KEY)
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@Test
	void startWhenRepositoryIsLazyDoesNotAskIt() {
		AtomicInteger asked = new AtomicInteger();
		ClientRegistrationRepository lazy = new SupplierClientRegistrationRepository(() -> {
			asked.incrementAndGet();
			return new InMemoryClientRegistrationRepository(Applications.registration("own").build());
		});

		try (Logged logged = Logged.open()) {
			// In a servlet application the login page of Spring Security asks it.
			Applications.nonWeb()
				.withBean(ClientRegistrationRepository.class, () -> lazy)
				.withPropertyValues("oauth-redis.clients.own.rotation-grace=5s")
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.warnings()).singleElement().asString().contains("nobody checked").contains("[own]");
			assertThat(logged.lines()).hasSize(2).last().asString().contains("looked up when needed");
		}
		assertThat(asked).hasValue(0);
	}

	@Test
	void startWhenRepositoryFailsGoesOn() {
		ClientRegistrationRepository broken = (id) -> {
			throw new IllegalStateException("The database is away");
		};

		Applications.servlet()
			.withBean(ClientRegistrationRepository.class, () -> broken)
			.withPropertyValues("oauth-redis.clients.own.rotation-grace=5s")
			.run((context) -> assertThat(context).hasNotFailed());
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void startWaitsNeitherForRedisNorForTheProvider(AbstractApplicationContextRunner<?, ?, ?> runner) {
		long begin = System.nanoTime();

		// Nobody answers in 192.0.2.0/24, so whoever connects waits for its own time-out.
		runner.withPropertyValues(Applications.registrations("http://192.0.2.1", "one", "two"))
			.withPropertyValues("spring.data.redis.host=192.0.2.1", "spring.data.redis.port=6379",
					"spring.data.redis.connect-timeout=90s")
			.run((context) -> {
				ApplicationContext started = (ApplicationContext) context;
				assertThat(started.getBeansOfType(StartupReport.class)).hasSize(1);
				assertThat(started.getBean(StartupReport.class).isRunning()).isTrue();
			});

		assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(40));
	}

}
