package io.github.oauthredis.sample.launcher;

import java.time.Duration;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link EmbeddedRedis}.
 *
 * @author OAuth Redis
 */
@DisabledOnOs(OS.WINDOWS)
class EmbeddedRedisTests {

	@Test
	void startReturnsServerThatAccepts() {
		try (EmbeddedRedis redis = EmbeddedRedis.start()) {
			assertThat(Ports.accepts(redis.port())).isTrue();
		}
	}

	@Test
	void closeEndsTheServer() {
		EmbeddedRedis redis = EmbeddedRedis.start();

		redis.close();

		Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !Ports.accepts(redis.port()));
	}

}
