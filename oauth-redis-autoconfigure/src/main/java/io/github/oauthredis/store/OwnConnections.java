package io.github.oauthredis.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.beans.NotReadablePropertyException;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisConfiguration.ClusterConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Connections of our own to the Redis of the application: its addresses, credentials, TLS
 * and event loops, but our deadlines, so that a server that froze is given up in time and
 * a connection can be made anew without disturbing anybody. Reads go to the upstream.
 * Where it cannot be known how the application connects (a subclass, a proxy), its own
 * connections are used as they are. Starts and stops with them. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class OwnConnections implements SmartLifecycle, AutoCloseable {

	// What connecting may take longer than a call: name look-up, TLS, log-in.
	private static final Duration HANDSHAKE = Duration.ofSeconds(1);

	private static final Duration REFRESH_PAUSE = Duration.ofSeconds(1);

	private static final Duration PATIENT = Duration.ofSeconds(5);

	private static final Delay RECONNECT_DELAY = Delay.fullJitter(Duration.ofMillis(10), Duration.ofSeconds(1), 20,
			TimeUnit.MILLISECONDS);

	private final ReactiveRedisConnectionFactory given;

	private final @Nullable LettuceConnectionFactory own;

	private final @Nullable ClientResources resources;

	/**
	 * Prepare connections. Connects to nothing yet.
	 * @param given connections of the application
	 * @param timeout deadline of one call
	 */
	public OwnConnections(ReactiveRedisConnectionFactory given, Duration timeout) {
		this.given = given;
		RedisConfiguration configuration = configuration(given);
		if (configuration == null) {
			this.own = null;
			this.resources = null;
			return;
		}
		LettuceClientConfiguration client = ((LettuceConnectionFactory) given).getClientConfiguration();
		this.resources = resources(client);
		this.own = new LettuceConnectionFactory(configuration,
				client(client, configuration instanceof ClusterConfiguration, timeout.plus(HANDSHAKE), this.resources));
		this.own.afterPropertiesSet();
	}

	/**
	 * What a factory connects to. There is no accessor for a primary with replicas at
	 * fixed addresses, which would be taken for a single server on this machine.
	 */
	private static @Nullable RedisConfiguration configuration(ReactiveRedisConnectionFactory given) {
		if (given.getClass() != LettuceConnectionFactory.class) {
			return null;
		}
		try {
			return (RedisConfiguration) new DirectFieldAccessor(given).getPropertyValue("configuration");
		}
		catch (NotReadablePropertyException ex) {
			return null;
		}
	}

	/**
	 * The application's threads, but after an outage no wait of up to half a minute for
	 * the next attempt.
	 */
	private static ClientResources resources(LettuceClientConfiguration given) {
		ClientResources.Builder builder = given.getClientResources()
			.map((shared) -> shared.mutate()
				.eventLoopGroupProvider(shared.eventLoopGroupProvider())
				.eventExecutorGroup(shared.eventExecutorGroup())
				.timer(shared.timer())
				.commandLatencyRecorder(shared.commandLatencyRecorder()))
			.orElseGet(ClientResources::builder);
		return builder.reconnectDelay(RECONNECT_DELAY).build();
	}

	private static LettuceClientConfiguration client(LettuceClientConfiguration given, boolean cluster,
			Duration patience, ClientResources resources) {
		LettuceClientConfigurationBuilder builder = LettuceClientConfiguration.builder()
			.clientResources(resources)
			.clientOptions(options(given.getClientOptions().orElseGet(ClientOptions::create), cluster, patience))
			.commandTimeout(patience)
			.shutdownTimeout(Duration.ZERO);
		given.getClientName().ifPresent(builder::clientName);
		given.getRedisCredentialsProviderFactory().ifPresent(builder::redisCredentialsProviderFactory);
		if (given.isUseSsl()) {
			builder.useSsl().verifyPeer(given.getVerifyMode());
		}
		if (given.isStartTls()) {
			builder.useSsl().startTls();
		}
		return builder.build();
	}

	/**
	 * A map of the slots that is corrected whenever something hints at a change, and does
	 * not hold servers that the cluster has given up.
	 */
	private static ClientOptions options(ClientOptions given, boolean cluster, Duration patience) {
		Duration connectTimeout = given.getSocketOptions().getConnectTimeout();
		ClientOptions options = given.mutate()
			.autoReconnect(true)
			.socketOptions(given.getSocketOptions()
				.mutate()
				.connectTimeout((connectTimeout.compareTo(patience) < 0) ? connectTimeout : patience)
				.build())
			.build();
		if (!cluster) {
			return options;
		}
		ClusterClientOptions clusterOptions = ClusterClientOptions.builder(options).build();
		return clusterOptions.mutate()
			.topologyRefreshOptions(ClusterTopologyRefreshOptions.builder()
				.adaptiveRefreshTriggersTimeout(REFRESH_PAUSE)
				.dynamicRefreshSources(clusterOptions.getTopologyRefreshOptions().useDynamicRefreshSources())
				.build())
			.nodeFilter(clusterOptions.getNodeFilter().and((node) -> !node.is(RedisClusterNode.NodeFlag.FAIL)))
			.build();
	}

	/**
	 * The connections to use.
	 * @return our own, or the application's
	 */
	public ReactiveRedisConnectionFactory factory() {
		return (this.own != null) ? this.own : this.given;
	}

	/**
	 * Whether a further connection to the server that holds a record can be made.
	 * @return {@code false} if it cannot be known how the application connects, or if
	 * only the connection itself finds out which of several addresses is the primary
	 */
	public boolean canConnectFurther() {
		return this.own != null && !RedisConfiguration.isStaticMasterReplicaConfiguration(configuration(this.own));
	}

	/**
	 * What makes a failover of Redis last longer here than it must.
	 * @return settings of the application's connections, if these are used and found
	 * wanting
	 */
	public List<String> shortcomings() {
		List<String> shortcomings = new ArrayList<>();
		if (this.own == null && this.given instanceof LettuceConnectionFactory lettuce) {
			LettuceClientConfiguration client = lettuce.getClientConfiguration();
			ClientOptions options = client.getClientOptions().orElseGet(ClientOptions::create);
			Duration connectTimeout = options.getSocketOptions().getConnectTimeout();
			if (client.getCommandTimeout().compareTo(PATIENT) > 0) {
				shortcomings.add("a command timeout of " + client.getCommandTimeout());
			}
			if (connectTimeout.compareTo(PATIENT) > 0) {
				shortcomings.add("a connect timeout of " + connectTimeout);
			}
		}
		return shortcomings;
	}

	@Override
	public void start() {
		if (this.own != null) {
			this.own.start();
		}
	}

	@Override
	public void stop() {
		if (this.own != null) {
			this.own.stop();
		}
	}

	@Override
	public boolean isRunning() {
		return this.own != null && this.own.isRunning();
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return (this.given instanceof LettuceConnectionFactory lettuce) ? lettuce.getPhase() : 0;
	}

	/**
	 * Close all connections of our own.
	 */
	@Override
	public void close() {
		if (this.own != null && this.resources != null) {
			this.own.destroy();
			Future<Boolean> unused = this.resources.shutdown(0, 0, TimeUnit.SECONDS);
		}
	}

}
