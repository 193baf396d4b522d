package io.github.oauthredis.autoconfigure;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EvictionCheck} against a real Redis.
 */
class EvictionCheckIntegrationTests {

	@ParameterizedTest
	@ValueSource(strings = { "allkeys-lru", "volatile-ttl" })
	void startWhenRedisEvictsWarns(String policy) {
		try (RedisServer redis = RedisServer.start("--maxmemory-policy", policy); Logged logged = Logged.open()) {
			Applications.nonWeb()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withPropertyValues("spring.data.redis.port=" + redis.port())
				.run((context) -> {
					assertThat(context).hasNotFailed();
					Await.until(Duration.ofSeconds(20), () -> !logged.warnings().isEmpty());
				});

			assertThat(logged.warnings()).singleElement().asString().contains("maxmemory-policy", policy);
		}
	}

	@Test
	void runWhenRedisEvictsNothingSaysNothing() {
		try (RedisServer redis = RedisServer.start("--maxmemory-policy", "noeviction")) {
			assertThat(warnings(redis)).isEmpty();
			assertThat(redis.commandCounts()).containsKey("config|get");
		}
	}

	@Test
	void runWhenRedisDoesNotPermitTheQuestionSaysNothing() {
		try (RedisServer redis = RedisServer.start("--maxmemory-policy", "allkeys-lru", "--rename-command", "CONFIG",
				"")) {
			assertThat(warnings(redis)).isEmpty();
		}
	}

	@Test
	void runWhenRedisIsAwaySaysNothing() {
		RedisServer redis = RedisServer.start();
		redis.close();

		assertThat(warnings(redis)).isEmpty();
	}

	private static Iterable<String> warnings(RedisServer redis) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(redis.host(), redis.port());
		connections.afterPropertiesSet();
		try (Logged logged = Logged.open()) {
			new EvictionCheck(connections, Duration.ofSeconds(5)).run();
			return logged.warnings();
		}
		finally {
			connections.destroy();
		}
	}

}
