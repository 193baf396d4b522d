package io.github.oauthredis.sample.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
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
	void freezeStopsTheServerUntilResume() {
		try (EmbeddedRedis redis = EmbeddedRedis.start()) {
			redis.freeze();
			Awaitility.await().until(() -> !answers(redis.port()));

			redis.resume();
			Awaitility.await().until(() -> answers(redis.port()));
		}
	}

	@Test
	void closeWhenFrozenEndsTheServer() {
		EmbeddedRedis redis = EmbeddedRedis.start();
		redis.freeze();

		redis.close();

		Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !Ports.accepts(redis.port()));
	}

	private static boolean answers(int port) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(500);
			socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
			return socket.getInputStream().read() == '+';
		}
		catch (SocketTimeoutException ex) {
			return false;
		}
	}

	@Test
	void closeEndsTheServer() {
		EmbeddedRedis redis = EmbeddedRedis.start();

		redis.close();

		Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> !Ports.accepts(redis.port()));
	}

}
