package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletionException;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ReadFrom;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions.RefreshTrigger;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode.NodeFlag;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.IntegerOutput;
import io.lettuce.core.resource.ClientResources;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link OwnConnections} and the store on top of them.
 */
class OwnConnectionsIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private final TokenKey key = TokenKey.grant("github", "client", "https://provider/token", "alice");

	@Test
	void factoryKeepsWhatTheApplicationConfiguredButForDeadlines() {
		ClientResources resources = ClientResources.create();
		LettuceClientConfiguration client = LettuceClientConfiguration.builder()
			.clientResources(resources)
			.clientName("app")
			.readFrom(ReadFrom.REPLICA)
			.clientOptions(ClientOptions.builder().autoReconnect(false).pingBeforeActivateConnection(false).build())
			.useSsl()
			.disablePeerVerification()
			.build();

		LettuceConnectionFactory own = own(new RedisStandaloneConfiguration("127.0.0.1", 1), client);

		LettuceClientConfiguration derived = own.getClientConfiguration();
		assertThat(own.getHostName()).isEqualTo("127.0.0.1");
		assertThat(derived.getClientName()).contains("app");
		assertThat(derived.isUseSsl()).isTrue();
		assertThat(derived.getVerifyMode()).isEqualTo(client.getVerifyMode());
		assertThat(derived.getReadFrom()).isEmpty();
		assertThat(derived.getCommandTimeout()).isEqualTo(Duration.ofSeconds(2));
		assertThat(derived.getClientOptions()).hasValueSatisfying((options) -> {
			assertThat(options.isAutoReconnect()).isTrue();
			assertThat(options.isPingBeforeActivateConnection()).isFalse();
			assertThat(options.getSocketOptions().getConnectTimeout()).isEqualTo(Duration.ofSeconds(2));
		});
		assertThat(derived.getClientResources()).hasValueSatisfying((shared) -> {
			assertThat(shared.eventLoopGroupProvider()).isSameAs(resources.eventLoopGroupProvider());
			assertThat(shared.reconnectDelay().createDelay(100)).isLessThanOrEqualTo(Duration.ofSeconds(1));
		});
		resources.shutdown();
	}

	@Test
	void factoryWhenApplicationIsLessPatientIsSo() {
		LettuceClientConfiguration client = LettuceClientConfiguration.builder()
			.clientOptions(ClientOptions.builder()
				.socketOptions(SocketOptions.builder().connectTimeout(Duration.ofMillis(100)).build())
				.build())
			.build();

		LettuceConnectionFactory own = own(new RedisStandaloneConfiguration(), client);

		assertThat(own.getClientConfiguration().getClientOptions().orElseThrow().getSocketOptions().getConnectTimeout())
			.isEqualTo(Duration.ofMillis(100));
	}

	@Test
	void factoryOfAClusterFollowsItsTopology() {
		LettuceConnectionFactory own = own(new RedisClusterConfiguration(List.of("127.0.0.1:1")),
				LettuceClientConfiguration.defaultConfiguration());

		assertThat(own.isClusterAware()).isTrue();
		assertThat(own.getClientConfiguration().getClientOptions()).get()
			.isInstanceOfSatisfying(ClusterClientOptions.class, (options) -> {
				ClusterTopologyRefreshOptions refresh = options.getTopologyRefreshOptions();
				assertThat(refresh.getAdaptiveRefreshTriggers()).containsExactlyInAnyOrder(RefreshTrigger.values());
				assertThat(refresh.getAdaptiveRefreshTimeout()).isEqualTo(Duration.ofSeconds(1));
				RedisClusterNode node = new RedisClusterNode();
				assertThat(options.getNodeFilter()).accepts(node);
				node.setFlags(Set.of(NodeFlag.FAIL));
				assertThat(options.getNodeFilter()).rejects(node);
			});
	}

	@Test
	void factoryOfReplicasAtFixedAddressesKnowsThem() {
		try (RedisSentinels servers = RedisSentinels.start(Duration.ofMinutes(1))) {
			RedisServer primary = servers.primary();
			RedisServer replica = servers.replica();
			RedisStaticMasterReplicaConfiguration configuration = new RedisStaticMasterReplicaConfiguration(
					primary.host(), primary.port());
			configuration.addNode(replica.host(), replica.port());

			try (StoreInstance instance = new StoreInstance(
					started(configuration, LettuceClientConfiguration.builder().readFrom(ReadFrom.REPLICA).build()),
					StoreInstance.PATIENT)) {
				assertThat(put(instance)).isTrue();
			}
			assertThat(primary.keys("*")).hasSize(1);
		}
	}

	// read-from

	@Test
	void findWhenReplicasArePreferredAsksTheUpstream() {
		try (RedisSentinels servers = RedisSentinels.start(Duration.ofMinutes(1))) {
			LettuceClientConfiguration client = servers.client().readFrom(ReadFrom.REPLICA_PREFERRED).build();
			try (StoreInstance instance = new StoreInstance(servers.connectionFactory(client), StoreInstance.PATIENT)) {
				put(instance);
				servers.replica().pause();

				assertThat(put(instance)).isTrue();
				assertThat(find(instance).requireTokens().accessToken()).isEqualTo("access-one");
				servers.replica().resume();
			}
		}
	}

	// a primary that became a replica

	@Test
	void putWhenServerBecameAReplicaConnectsAnewAndLeavesTheApplicationAlone() {
		try (RedisServer server = RedisServer.start(); RedisServer other = RedisServer.start()) {
			LettuceConnectionFactory application = server.connectionFactory();
			try (StoreInstance instance = new StoreInstance(application, TIMEOUT)) {
				put(instance);
				long id = id(application);
				List<Long> before = clients(server);
				server.command("REPLICAOF", other.host(), String.valueOf(other.port()));
				Await.until("a replica", BOUND,
						() -> String.valueOf(server.command("INFO", "replication")).contains("master_link_status:up"));

				assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> put(instance))
					.withStackTraceContaining("READONLY");

				Await.until("another connection", BOUND, () -> !clients(server).containsAll(before));
				server.command("REPLICAOF", "NO", "ONE");
				Await.until("a write", BOUND, () -> succeeds(instance));
				assertThat(id(application)).as("the application's connection").isEqualTo(id);
				assertThat(clients(server)).contains(id);
			}
		}
	}

	@Test
	void closeLeavesNothingButTheApplicationsConnections() {
		try (RedisServer server = RedisServer.start()) {
			LettuceConnectionFactory application = server.connectionFactory();
			OwnConnections connections = new OwnConnections(application, TIMEOUT);
			long id = id(application);
			Objects.requireNonNull(connections.factory().getReactiveConnection().ping().block());
			assertThat(clients(server)).hasSize(2);

			connections.close();

			Await.until("one connection", BOUND, () -> clients(server).equals(List.of(id)));
			assertThat(id(application)).isEqualTo(id);
			application.destroy();
		}
	}

	@Test
	void stopAndStartFollowTheApplicationContext() {
		try (RedisServer server = RedisServer.start()) {
			LettuceConnectionFactory application = server.connectionFactory();
			OwnConnections connections = new OwnConnections(application, TIMEOUT);
			assertThat(connections.isRunning()).isTrue();

			connections.stop();
			assertThat(connections.isRunning()).isFalse();
			connections.start();

			assertThat(connections.getPhase()).isEqualTo(application.getPhase());
			assertThat(connections.factory().getReactiveConnection().ping().block()).isEqualTo("PONG");
			connections.close();
			application.destroy();
		}
	}

	// connections of which no copy can be made

	@Test
	void factoryWhenApplicationHasASubclassIsItsOwn() {
		LettuceConnectionFactory given = new LettuceConnectionFactory(
				new RedisClusterConfiguration(List.of("127.0.0.1:1")),
				LettuceClientConfiguration.defaultConfiguration()) {
		};

		OwnConnections connections = new OwnConnections(given, TIMEOUT);

		assertThat(connections.factory()).isSameAs(given);
		assertThat(connections.shortcomings()).containsExactly("a command timeout of PT1M",
				"a connect timeout of PT10S");
		assertThat(connections.canConnectFurther()).isFalse();
		connections.close();
	}

	@Test
	void shortcomingsWhenConnectionsAreOurOwnAreNone() {
		OwnConnections connections = new OwnConnections(new LettuceConnectionFactory(), TIMEOUT);

		assertThat(connections.shortcomings()).isEmpty();
		connections.close();
	}

	@Test
	void canConnectFurtherUnlessThePrimaryIsAmongFixedAddresses() {
		OwnConnections connections = new OwnConnections(new LettuceConnectionFactory(), TIMEOUT);
		OwnConnections fixed = new OwnConnections(
				new LettuceConnectionFactory(new RedisStaticMasterReplicaConfiguration("127.0.0.1", 1)), TIMEOUT);

		assertThat(connections.canConnectFurther()).isTrue();
		assertThat(fixed.canConnectFurther()).isFalse();
		connections.close();
		fixed.close();
	}

	private static LettuceConnectionFactory own(RedisConfiguration configuration, LettuceClientConfiguration client) {
		try (OwnConnections connections = new OwnConnections(new LettuceConnectionFactory(configuration, client),
				TIMEOUT)) {
			return (LettuceConnectionFactory) connections.factory();
		}
	}

	private static LettuceConnectionFactory started(RedisConfiguration configuration,
			LettuceClientConfiguration client) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration, client);
		factory.afterPropertiesSet();
		return factory;
	}

	private static long id(LettuceConnectionFactory connectionFactory) {
		try (LettuceConnection connection = (LettuceConnection) connectionFactory.getConnection()) {
			return (Long) Objects.requireNonNull(connection.execute("CLIENT",
					new IntegerOutput<>(ByteArrayCodec.INSTANCE), "ID".getBytes(StandardCharsets.UTF_8)));
		}
	}

	/**
	 * Ids of all connections of clients, without that which asks.
	 */
	private static List<Long> clients(RedisTarget server) {
		return String.valueOf(server.command("CLIENT", "LIST", "TYPE", "NORMAL"))
			.lines()
			.filter((line) -> !line.contains("cmd=client|list"))
			.map((line) -> Long.valueOf(line.substring("id=".length(), line.indexOf(' '))))
			.toList();
	}

	private boolean put(StoreInstance instance) {
		return StoreInstance.get(instance.store.put(this.key, find(instance), StoreInstance.tokens("one"),
				StoreInstance.life(Duration.ofHours(1), Duration.ofHours(1))))
			.accepted();
	}

	private boolean succeeds(StoreInstance instance) {
		try {
			return put(instance);
		}
		catch (CompletionException ex) {
			return false;
		}
	}

	private TokenRecord find(StoreInstance instance) {
		return StoreInstance.get(instance.store.find(this.key));
	}

}
