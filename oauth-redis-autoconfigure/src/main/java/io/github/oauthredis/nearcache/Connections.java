package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.RedisStaticMasterReplicaConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Plain connections to single nodes, made as a connection factory makes its own, but with
 * short deadlines and never made anew: a connection that came back by itself would not be
 * told anything. Blocks the calling thread.
 */
final class Connections implements AutoCloseable {

	// A connection takes about as many round trips, with TLS.
	private static final int STEPS = 3;

	// If most nodes of a cluster are frozen, the application's client soon knows others.
	private static final int TRIES = 3;

	private final boolean cluster;

	// Where Redis was when the application looked last.
	private final List<RedisURI> known;

	private final Duration timeout;

	private final RedisClient client;

	Connections(LettuceConnectionFactory factory, Duration timeout) {
		AbstractRedisClient configured = factory.getRequiredNativeClient();
		this.timeout = timeout;
		this.cluster = configured instanceof RedisClusterClient;
		this.known = (configured instanceof RedisClusterClient nodes) ? known(nodes)
				: known(factory, (RedisURI) configured(configured, "redisURI"));
		this.client = RedisClient.create(configured.getResources());
		this.client.setOptions(configured.getOptions().mutate().autoReconnect(false).build());
	}

	/**
	 * A few of the nodes that were configured and of those that the application's client
	 * found, of which it tells no more than host and port.
	 */
	private List<RedisURI> known(RedisClusterClient client) {
		List<RedisURI> seeds = new ArrayList<>();
		((Iterable<?>) configured(client, "initialUris")).forEach((seed) -> seeds.add(hurried((RedisURI) seed)));
		List<RedisURI> known = new ArrayList<>(seeds);
		client.getPartitions().forEach((node) -> known.add(at(node.getUri(), seeds.get(0))));
		Collections.shuffle(known.subList(1, known.size()));
		return known.subList(0, Math.min(known.size(), TRIES));
	}

	/**
	 * Where there are a primary and replicas at fixed addresses, the client knows none of
	 * them; which is the primary shows when it is written to.
	 */
	private List<RedisURI> known(LettuceConnectionFactory factory, RedisURI uri) {
		if (uri.getHost() != null || uri.getSocket() != null || !uri.getSentinels().isEmpty()) {
			return List.of(hurried(uri));
		}
		RedisStaticMasterReplicaConfiguration fixed = (RedisStaticMasterReplicaConfiguration) configured(factory,
				"configuration");
		return fixed.getNodes().stream().map((node) -> {
			RedisStandaloneConfiguration alone = new RedisStandaloneConfiguration(node.getHostName(), node.getPort());
			alone.setUsername(fixed.getUsername());
			alone.setPassword(fixed.getPassword());
			return alone(alone, factory.getClientConfiguration());
		}).toList();
	}

	/**
	 * How Spring Data Redis connects to a node that is the only one.
	 */
	private RedisURI alone(RedisStandaloneConfiguration node, LettuceClientConfiguration client) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(node, client);
		factory.afterPropertiesSet();
		factory.start();
		try {
			return hurried((RedisURI) configured(factory.getRequiredNativeClient(), "redisURI"));
		}
		finally {
			factory.destroy();
		}
	}

	/**
	 * Lettuce does not tell how it was configured; Spring Data Redis reads fields, too.
	 */
	private static Object configured(Object configured, String field) {
		return Objects.requireNonNull(new DirectFieldAccessor(configured).getPropertyValue(field));
	}

	private RedisURI hurried(RedisURI uri) {
		RedisURI.Builder builder = RedisURI.builder(uri).withTimeout(this.timeout.multipliedBy(STEPS));
		if (!uri.getSentinels().isEmpty()) {
			builder.withSentinelMasterId(uri.getSentinelMasterId());
			uri.getSentinels().forEach((sentinel) -> builder.withSentinel(RedisURI.builder(sentinel).build()));
		}
		RedisURI hurried = builder.build();
		hurried.getSentinels().forEach((sentinel) -> sentinel.setTimeout(this.timeout));
		return hurried;
	}

	/**
	 * Another address, reached in the same way.
	 */
	static RedisURI at(RedisURI address, RedisURI way) {
		return RedisURI.builder(way).withHost(address.getHost()).withPort(address.getPort()).build();
	}

	/**
	 * Whether Redis is a cluster.
	 */
	boolean isCluster() {
		return this.cluster;
	}

	/**
	 * Try one node after the other.
	 * @param use what to do with a node
	 * @return its result for the first node where it does not fail
	 */
	<T> T first(Function<RedisURI, T> use) {
		RedisException failure = new RedisException("No node of Redis is known");
		for (RedisURI node : this.known) {
			try {
				return use.apply(node);
			}
			catch (RedisException ex) {
				failure = ex;
			}
		}
		throw failure;
	}

	StatefulRedisConnection<String, String> connect(RedisURI uri) {
		return await(this.client.connectAsync(StringCodec.UTF8, uri).toCompletableFuture(), uri);
	}

	StatefulRedisPubSubConnection<String, String> subscriber(RedisURI uri) {
		return await(this.client.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture(), uri);
	}

	/**
	 * Wait as long as Lettuce does, whatever becomes of its timers. Each Sentinel may
	 * have to be asked before.
	 */
	<C extends StatefulConnection<?, ?>> C await(CompletableFuture<C> connecting, RedisURI uri) {
		try {
			C connection = connecting.get(uri.getTimeout().toMillis() * (1 + uri.getSentinels().size()),
					TimeUnit.MILLISECONDS);
			connection.setTimeout(this.timeout);
			return connection;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new RedisCommandInterruptedException(ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new RedisConnectionException("Redis could not be reached", ex);
		}
	}

	@Override
	public void close() {
		CompletableFuture<Void> unused = this.client.shutdownAsync(0, this.timeout.toMillis(), TimeUnit.MILLISECONDS);
	}

}
