package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisPassword;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.testkit.TcpProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is heard of a Redis of more than one node, and through TLS.
 *
 * @author OAuth Redis
 */
class SourceTopologiesIntegrationTests {

	private static final Duration NODE_TIMEOUT = Duration.ofSeconds(2);

	private static final String KEY = Heard.key("some");

	private final List<AutoCloseable> open = new ArrayList<>();

	@AfterEach
	void close() throws Exception {
		for (int i = this.open.size(); i > 0; i--) {
			this.open.get(i - 1).close();
		}
	}

	private <C extends AutoCloseable> C open(C closeable) {
		this.open.add(closeable);
		return closeable;
	}

	private Heard listen(RedisTarget redis) {
		return open(Heard.of(redis.configuration(), redis.client())).await("armed");
	}

	/**
	 * Nodes may disagree for a while about what happened, so it may start anew more than
	 * once; what changes meanwhile is not told.
	 */
	private static void awaitNews(Heard heard, RedisTarget redis) {
		Await.until("news of a key", Heard.BOUND, () -> {
			redis.command("SET", KEY, "x");
			return heard.count(KEY) > 0;
		});
	}

	private static void assertHearsEveryShard(Heard heard, RedisCluster cluster) {
		List<String> keys = IntStream.range(0, 32).mapToObj((i) -> Heard.key(String.valueOf(i))).toList();
		assertThat(keys.stream().map(cluster::primaryOf).distinct()).hasSameSizeAs(cluster.primaries());
		for (String key : keys) {
			long before = heard.count(key);
			cluster.command("SET", key, "x");
			Await.until("news of any shard", Heard.BOUND, () -> heard.count(key) > before);
		}
	}

	@Test
	void clusterTellsOfEveryShardAndLeavesNoCanary() {
		RedisCluster cluster = RedisCluster.shared();
		Heard heard = listen(cluster);

		heard.awaitConfirmation();
		assertThat(cluster.keys("*canary*")).isEmpty();
		assertHearsEveryShard(heard, cluster);
		Await.until("a steady time", Heard.BOUND, () -> {
			long before = heard.count("armed");
			heard.awaitConfirmation();
			heard.awaitConfirmation();
			return heard.count("armed") == before;
		});

		for (RedisServer primary : cluster.primaries()) {
			long before = heard.count("all");
			primary.flushAll();
			Await.until("a flush", Heard.BOUND, () -> heard.count("all") > before);
		}
	}

	@Test
	void clusterThatDoesNotTrackTellsOnOneConnectionWhatIsPublishedAnywhere() {
		RedisCluster cluster = RedisCluster.shared();
		Heard heard = open(Heard.of(cluster.configuration(),
				cluster.client().clientOptions(ClientOptions.builder().protocolVersion(ProtocolVersion.RESP2).build())))
			.await("armed");

		for (RedisServer node : cluster.nodes()) {
			node.command("PUBLISH", "oauth-redis:changed", Heard.key("at-" + node.port()));
			heard.await(Heard.key("at-" + node.port()));
		}
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void clusterThatLosesAPrimaryArmsTheNext(boolean killed) {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		Heard heard = listen(cluster);
		RedisServer lost = cluster.primaryOf(KEY);

		if (killed) {
			lost.kill();
		}
		else {
			lost.pause();
		}
		heard.await("disarmed");
		cluster.awaitFailover(KEY, lost);
		heard.await("armed", 2);
		awaitNews(heard, cluster);
		if (killed) {
			lost.restart();
		}
		else {
			lost.resume();
		}
		cluster.awaitWhole();
		heard.awaitConfirmation();
		heard.awaitConfirmation();
		assertHearsEveryShard(heard, cluster);
	}

	@Test
	void clusterWhoseReplicaTakesOverInPeaceArmsIt() {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		Heard heard = listen(cluster);
		RedisServer before = cluster.primaryOf(KEY);

		cluster.replicaOf(KEY).command("CLUSTER", "FAILOVER");
		cluster.awaitFailover(KEY, before);
		heard.await("armed", 2);
		awaitNews(heard, cluster);
	}

	@Test
	void clusterThatMovesASlotTellsOfItsKeysAllTheTime() {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		Heard heard = listen(cluster);
		cluster.command("SET", KEY, "x");
		heard.await(KEY);
		RedisServer from = cluster.primaryOf(KEY);
		RedisServer to = cluster.primaries().stream().filter((primary) -> primary != from).findFirst().orElseThrow();

		cluster.startMove(cluster.slot(KEY), to);
		cluster.command("SET", KEY, "moving");
		heard.await(KEY, 2);
		cluster.finishMove(cluster.slot(KEY), to);
		long before = heard.count(KEY);
		cluster.command("SET", KEY, "moved");

		Await.until("news of a moved key", Heard.BOUND, () -> heard.count(KEY) > before);
		assertThat(cluster.primaryOf(KEY)).isSameAs(to);
	}

	@Test
	void clusterThatGetsAPrimaryListensToItBeforeItServesASlot() {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		Heard heard = listen(cluster);
		RedisServer joining = open(RedisServer.start("--cluster-enabled", "yes"));
		RedisServer known = cluster.primaryOf(KEY);
		String slot = String.valueOf(cluster.slot(KEY));

		joining.command("CLUSTER", "MEET", known.host(), String.valueOf(known.port()));
		heard.await("armed", 2);
		String id = (String) Objects.requireNonNull(joining.command("CLUSTER", "MYID"));
		String from = (String) Objects.requireNonNull(known.command("CLUSTER", "MYID"));
		Await.until("nodes that know each other", Heard.BOUND,
				() -> knows(joining, from) && cluster.nodes().stream().allMatch((node) -> knows(node, id)));
		// Only the two nodes know that a slot is on its way, which may take long.
		joining.command("CLUSTER", "SETSLOT", slot, "IMPORTING", from);
		known.command("CLUSTER", "SETSLOT", slot, "MIGRATING", id);
		try (var client = joining.connect()) {
			Await.until("a node that takes writes", Heard.BOUND,
					() -> Objects.requireNonNull(joining.command("CLUSTER", "INFO")).toString().contains("state:ok"));
			client.command("ASKING");
			client.command("SET", KEY, "x");
		}

		heard.await(KEY);
		joining.kill();
		heard.await("disarmed", 2);
		cluster.nodes().forEach((node) -> node.command("CLUSTER", "FORGET", id));
		heard.await("armed", 3);
	}

	private static boolean knows(RedisServer node, String id) {
		return Objects.requireNonNull(node.command("CLUSTER", "NODES")).toString().contains(id);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void sentinelsThatLoseThePrimaryArmTheNext(boolean killed) {
		RedisSentinels sentinels = open(RedisSentinels.start(NODE_TIMEOUT));
		Heard heard = listen(sentinels);
		sentinels.command("SET", Heard.key("before"), "x");
		heard.await(Heard.key("before"));
		RedisServer lost = sentinels.primary();

		if (killed) {
			lost.kill();
		}
		else {
			lost.pause();
		}
		heard.await("disarmed");
		sentinels.awaitFailover(lost);
		heard.await("armed", 2);
		awaitNews(heard, sentinels);
	}

	@Test
	void clusterWhoseFirstNodeIsBehindIsHeardCompletely() {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		RedisServer unknown = cluster.primaryOf(KEY);
		RedisServer behind = cluster.primaries().stream().filter((node) -> node != unknown).findFirst().orElseThrow();
		behind.command("CONFIG", "SET", "cluster-require-full-coverage", "no");
		behind.command("CLUSTER", "FORGET", (String) Objects.requireNonNull(unknown.command("CLUSTER", "MYID")));

		Heard heard = open(
				Heard.of(new RedisClusterConfiguration(List.of(behind.host() + ":" + behind.port())), cluster.client()))
			.await("armed");

		unknown.command("SET", KEY, "x");
		heard.await(KEY);
	}

	@Test
	void clusterThatKnowsUsersIsAskedAsOne() {
		RedisCluster cluster = open(RedisCluster.start(NODE_TIMEOUT));
		for (RedisServer node : cluster.nodes()) {
			node.command("ACL", "SETUSER", "app", "on", ">secret", "~oauth-redis:*", "+@all");
			node.command("ACL", "SETUSER", "default", "-client|tracking");
		}
		RedisClusterConfiguration configuration = (RedisClusterConfiguration) cluster.configuration();
		configuration.setUsername("app");
		configuration.setPassword("secret");

		Heard heard = open(Heard.of(configuration, cluster.client())).await("armed");

		heard.awaitConfirmation();
	}

	@ParameterizedTest
	@EnumSource(value = ProtocolVersion.class, names = { "RESP2", "RESP3" })
	void replicasAtFixedAddressesArePassedOver(ProtocolVersion protocol) {
		RedisSentinels servers = open(RedisSentinels.start(Duration.ofMinutes(1)));
		for (RedisServer server : List.of(servers.primary(), servers.replica())) {
			server.command("ACL", "SETUSER", "app", "on", ">secret", "~oauth-redis:*", "&*", "+@all");
			server.command("ACL", "SETUSER", "default", "-client|tracking", "-subscribe");
		}
		RedisStaticMasterReplicaConfiguration configuration = new RedisStaticMasterReplicaConfiguration(
				servers.replica().host(), servers.replica().port());
		configuration.addNode(servers.primary().host(), servers.primary().port());
		configuration.setUsername("app");
		configuration.setPassword(RedisPassword.of("secret"));

		Heard heard = open(Heard.of(configuration,
				servers.client().clientOptions(ClientOptions.builder().protocolVersion(protocol).build())))
			.await("armed");

		if (protocol == ProtocolVersion.RESP3) {
			heard.awaitConfirmation();
		}
		servers.primary().command("SET", KEY, "x");
		servers.primary().command("PUBLISH", "oauth-redis:changed", KEY);
		heard.await(KEY);
	}

	@Test
	void sentinelThatDoesNotAnswerIsPassedOver() {
		RedisSentinels sentinels = open(RedisSentinels.start(NODE_TIMEOUT));
		TcpProxy silent = open(TcpProxy.to(sentinels.primary()));
		silent.blackHole(TcpProxy.Direction.DOWNSTREAM);
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration().master("main")
			.sentinel(silent.host(), silent.port());
		((RedisSentinelConfiguration) sentinels.configuration()).getSentinels().forEach(configuration::addSentinel);

		Heard heard = open(Heard.of(configuration, sentinels.client()));

		heard.await("armed").awaitConfirmation();
	}

	@Test
	void serverThatWantsTlsAndAPasswordTells() {
		RedisServer redis = open(RedisServer.startWithTls("server-password"));
		Heard heard = listen(redis);

		redis.command("SET", KEY, "x");

		heard.await(KEY);
	}

}
