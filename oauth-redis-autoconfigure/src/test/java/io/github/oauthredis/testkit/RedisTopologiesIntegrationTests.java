package io.github.oauthredis.testkit;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

/**
 * Tests for {@link RedisCluster}, {@link RedisSentinels} and the secured
 * {@link RedisServer}.
 */
class RedisTopologiesIntegrationTests {

	private static final Duration SHORT = Duration.ofSeconds(1);

	@Test
	void clusterWhenSharedSpreadsKeysAndFindsThemAgain() {
		RedisCluster cluster = RedisCluster.shared();
		cluster.flushAll();

		for (int i = 0; i < 20; i++) {
			cluster.command("SET", "key:" + i, "value" + i);
		}

		assertThat(RedisCluster.shared()).isSameAs(cluster);
		assertThat(cluster.primaries()).hasSize(3)
			.allSatisfy((primary) -> assertThat(primary.keys("key:*")).isNotEmpty());
		assertThat(cluster.keys("key:1*")).hasSize(11).isSorted();
		assertThat(cluster.command("GET", "key:7")).isEqualTo("value7");
		assertThat((byte[]) cluster.binaryCommand(bytes("GET"), bytes("key:8"))).isEqualTo(bytes("value8"));
		assertThat(cluster.commandCounts()).containsKey("set");
		assertThat(cluster.replicaOf("key:7")).isNotIn(cluster.primaries());
	}

	@Test
	void clusterWhenSlotMovesKeepsItsKeysWithinReach() {
		RedisCluster cluster = RedisCluster.shared();
		cluster.flushAll();
		cluster.command("SET", "{moving}:1", "one");
		int slot = cluster.slot("{moving}:1");
		RedisServer from = cluster.primaryOf("{moving}:1");
		RedisServer to = cluster.primaries().stream().filter((node) -> node != from).findFirst().orElseThrow();

		cluster.startMove(slot, to);
		cluster.command("SET", "{moving}:2", "two");

		assertThat(cluster.command("GET", "{moving}:1")).isEqualTo("one");
		assertThat(cluster.command("GET", "{moving}:2")).isEqualTo("two");
		assertThat(from.keys("*")).containsExactly("{moving}:1");
		assertThatIllegalStateException().isThrownBy(() -> cluster.command("MGET", "{moving}:1", "{moving}:2"))
			.withMessageContaining("TRYAGAIN");

		cluster.finishMove(slot, to);

		assertThat(cluster.primaryOf("{moving}:1")).isSameAs(to);
		assertThat(to.keys("*")).containsExactly("{moving}:1", "{moving}:2");
		assertThat(cluster.command("MGET", "{moving}:1", "{moving}:2")).isEqualTo(List.of("one", "two"));
	}

	@Test
	void clusterWhenPrimaryIsKilledFailsOverAndHeals() {
		try (RedisCluster cluster = RedisCluster.start(SHORT)) {
			RedisServer primary = cluster.primaryOf("key");
			RedisServer replica = cluster.replicaOf("key");
			setReplicated(primary);

			primary.kill();
			cluster.awaitFailover("key", primary);

			assertThat(cluster.primaryOf("key")).isSameAs(replica);
			assertThat(cluster.command("GET", "key")).isEqualTo("kept");
			primary.restart();
			cluster.awaitWhole();
			assertThat(cluster.replicaOf("key")).isSameAs(primary);
		}
	}

	@Test
	void sentinelsWhenPrimaryIsPausedFailOverAndHeal() {
		try (RedisSentinels sentinels = RedisSentinels.start(SHORT)) {
			RedisServer primary = sentinels.primary();
			setReplicated(primary);

			primary.pause();
			sentinels.awaitFailover(primary);

			assertThat(sentinels.primary()).isNotSameAs(primary);
			assertThat(sentinels.command("GET", "key")).isEqualTo("kept");
			assertThat((byte[]) sentinels.binaryCommand(bytes("GET"), bytes("key"))).isEqualTo(bytes("kept"));
			primary.resume();
			sentinels.awaitWhole();
			assertThat(sentinels.replica()).isSameAs(primary);
			sentinels.failOver();
			assertThat(sentinels.primary()).isSameAs(primary);
		}
	}

	@Test
	void startWithTlsSpeaksNothingElseAndAsksForThePassword() {
		try (RedisServer server = RedisServer.startWithTls("secret")) {
			assertThat(server.command("SET", "key", "value")).isEqualTo("OK");
			server.restart();

			assertThat(server.command("GET", "key")).isNull();
			assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(() -> {
				try (RespClient plain = new RespClient(server.host(), server.port(), SHORT)) {
					plain.command("PING");
				}
			});
			assertThat(server.configuration().getPassword().isPresent()).isTrue();
			assertThat(server.client().build().isUseSsl()).isTrue();
		}
	}

	@Test
	void asUserWhenUserMayDoLittleKeepsTheRightsOfTheTest() {
		try (RedisServer server = RedisServer.start("--user", "app", "on", ">secret", "~app:*", "+get")) {
			RedisTarget target = server.asUser("app", "secret");

			target.command("SET", "other", "value");

			assertThat(target.keys("*")).containsExactly("other");
			try (RespClient client = server.connect()) {
				client.command("AUTH", "app", "secret");
				assertThat(client.command("GET", "app:1")).isNull();
				assertThatIllegalStateException().isThrownBy(() -> client.command("GET", "other"))
					.withMessageContaining("NOPERM");
			}
		}
	}

	/** One connection for both: Redis waits for what was written by the same one. */
	private static void setReplicated(RedisServer primary) {
		try (RespClient client = primary.connect()) {
			client.command("SET", "key", "kept");
			assertThat(client.command("WAIT", "1", "4000")).isEqualTo(1L);
		}
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
