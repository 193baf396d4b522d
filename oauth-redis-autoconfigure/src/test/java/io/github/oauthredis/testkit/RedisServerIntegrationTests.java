package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RedisServer}.
 */
class RedisServerIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	@Test
	void sharedWhenCalledTwiceReturnsOneServer() {
		RedisServer shared = RedisServer.shared();

		shared.close();

		assertThat(RedisServer.shared()).isSameAs(shared);
		assertThat(shared.command("PING")).isEqualTo("PONG");
		assertThatIllegalStateException().isThrownBy(shared::pause);
		assertThatIllegalStateException().isThrownBy(shared::kill);
		assertThatIllegalStateException().isThrownBy(shared::restart);
	}

	@Test
	void atWhenPropertyIsNotHostAndPortFailsWithItsName() {
		assertThatIllegalStateException().isThrownBy(() -> RedisServer.at("localhost"))
			.withMessageContaining(RedisServer.URL_PROPERTY);
	}

	@Test
	void commandReturnsEachKindOfReply() {
		try (RedisServer server = RedisServer.start()) {
			assertThat(server.command("SET", "key", "välue")).isEqualTo("OK");
			assertThat(server.command("GET", "key")).isEqualTo("välue");
			assertThat(server.command("GET", "absent")).isNull();
			assertThat(server.command("INCR", "number")).isEqualTo(1L);
			assertThat(server.command("MGET", "number", "absent")).asInstanceOf(InstanceOfAssertFactories.LIST)
				.containsExactly("1", null);
			assertThatIllegalStateException().isThrownBy(() -> server.command("NONSENSE"))
				.withMessageContaining("unknown command");
		}
	}

	@Test
	void binaryCommandKeepsBytes() {
		byte[] value = { 0, (byte) 0xff, '\r', '\n', (byte) 0x80 };

		try (RedisServer server = RedisServer.start()) {
			server.binaryCommand(bytes("SET"), bytes("key"), value);

			assertThat(server.binaryCommand(bytes("GET"), bytes("key"))).isEqualTo(value);
		}
	}

	@Test
	void keysAndFlushAllAndCommandCountsSeeTheServer() {
		try (RedisServer server = RedisServer.start()) {
			server.command("SET", "b:1", "x");
			server.command("SET", "a:1", "x");
			server.resetCommandCounts();
			server.command("GET", "a:1");
			server.command("GET", "b:1");

			assertThat(server.commandCounts()).containsEntry("get", 2L).doesNotContainKey("set");
			assertThat(server.keys("*:1")).containsExactly("a:1", "b:1");

			server.flushAll();

			assertThat(server.keys("*")).isEmpty();
		}
	}

	@Test
	void startWhenGivenArgumentsPassesThemOn() {
		try (RedisServer server = RedisServer.start("--maxmemory-policy", "allkeys-lru")) {
			assertThat(server.command("CONFIG", "GET", "maxmemory-policy"))
				.isEqualTo(List.of("maxmemory-policy", "allkeys-lru"));
		}
	}

	@Test
	void startWhenArgumentsAreWrongFailsWithTheLog() {
		assertThatIllegalStateException().isThrownBy(() -> RedisServer.start("--nonsense", "yes"))
			.withMessageContaining("nonsense");
	}

	@Test
	void startWhenMembersOfAClusterLeavesRoomForTheirBus() {
		try (RedisServer server = RedisServer.start("--cluster-enabled", "yes")) {
			assertThat((String) server.command("CLUSTER", "INFO")).contains("cluster_known_nodes:1");
		}
	}

	@Test
	void pauseWhenRunningSilencesUntilResume() {
		try (RedisServer server = RedisServer.start()) {
			server.command("SET", "key", "kept");
			server.pause();

			try (RespClient client = new RespClient(server.host(), server.port(), Duration.ofMillis(200))) {
				assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> client.command("PING"))
					.withMessageContaining("timed out");
			}
			server.resume();

			assertThat(server.command("GET", "key")).isEqualTo("kept");
		}
	}

	@Test
	void restartWhenKilledServesTheSamePortWithoutData() {
		try (RedisServer server = RedisServer.start()) {
			int port = server.port();
			server.command("SET", "key", "lost");
			server.kill();

			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> server.command("PING"));
			server.restart();

			assertThat(server.port()).isEqualTo(port);
			assertThat(server.command("GET", "key")).isNull();
		}
	}

	@Test
	void closeWhenPausedLeavesNoProcess() {
		RedisServer server = RedisServer.start();
		ProcessHandle process = ProcessHandle.of(server.pid()).orElseThrow();
		server.pause();

		server.close();
		server.close();

		assertThat(process.isAlive()).isFalse();
	}

	@Test
	void startWhenItsJvmIsKilledLeavesNoProcess() throws IOException {
		Process jvm = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
				System.getProperty("java.class.path"), Starter.class.getName())
			.redirectErrorStream(true)
			.start();
		BufferedReader output = jvm.inputReader();
		String line = output.readLine();
		ProcessHandle redis = ProcessHandle.of(Long.parseLong(line)).orElseThrow();
		assertThat(redis.isAlive()).isTrue();

		jvm.destroyForcibly();

		Await.until("the end of Redis", BOUND, () -> !redis.isAlive());
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * A JVM that starts a server and then waits to be killed.
	 */
	public static final class Starter {

		private Starter() {
		}

		public static void main(String[] args) throws IOException {
			System.out.println(RedisServer.start().pid());
			System.in.read();
		}

	}

}
