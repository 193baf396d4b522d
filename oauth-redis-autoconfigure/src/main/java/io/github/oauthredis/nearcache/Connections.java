package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandInterruptedException;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * Plain connections to single nodes, made as a connection factory makes its own, but with
 * short deadlines and never made anew: a connection that came back by itself would not be
 * told anything. Blocks the calling thread.
 */
final class Connections implements AutoCloseable {

	// A connection takes about as many round trips, with TLS.
	private static final int STEPS = 3;

	private final boolean cluster;

	private final List<RedisURI> known;

	private final Duration timeout;

	private final RedisClient client;

	Connections(LettuceConnectionFactory factory, Duration timeout) {
		AbstractRedisClient configured = factory.getRequiredNativeClient();
		this.timeout = timeout;
		this.cluster = configured instanceof RedisClusterClient;
		this.known = (configured instanceof RedisClusterClient nodes) ? known(nodes)
				: List.of(hurried((RedisURI) configured(configured, "redisURI")));
		this.client = RedisClient.create(configured.getResources());
		this.client.setOptions(configured.getOptions().mutate().autoReconnect(false).build());
	}

	/**
	 * Nodes that were configured, and those that the application's client found, of which
	 * it tells no more than host and port.
	 */
	private List<RedisURI> known(RedisClusterClient client) {
		List<RedisURI> seeds = new ArrayList<>();
		((Iterable<?>) configured(client, "initialUris")).forEach((seed) -> seeds.add(hurried((RedisURI) seed)));
		List<RedisURI> known = new ArrayList<>(seeds);
		client.getPartitions().forEach((node) -> known.add(at(node.getUri(), seeds.get(0))));
		return known;
	}

	/**
	 * Lettuce does not tell how it was configured; Spring Data Redis reads fields, too.
	 */
	private static Object configured(AbstractRedisClient client, String field) {
		return Objects.requireNonNull(new DirectFieldAccessor(client).getPropertyValue(field));
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
	 * Where Redis was when the application looked last: the nodes of a cluster, or the
	 * one address that leads to the primary.
	 */
	List<RedisURI> known() {
		return this.known;
	}

	StatefulRedisConnection<String, String> connect(RedisURI uri) {
		return await(this.client.connectAsync(StringCodec.UTF8, uri).toCompletableFuture());
	}

	StatefulRedisPubSubConnection<String, String> subscriber(RedisURI uri) {
		return await(this.client.connectPubSubAsync(StringCodec.UTF8, uri).toCompletableFuture());
	}

	private <C extends StatefulConnection<?, ?>> C await(CompletableFuture<C> connecting) {
		try {
			C connection = connecting.get();
			connection.setTimeout(this.timeout);
			return connection;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new RedisCommandInterruptedException(ex);
		}
		catch (ExecutionException ex) {
			throw new RedisConnectionException("Redis could not be reached", ex);
		}
	}

	@Override
	public void close() {
		CompletableFuture<Void> unused = this.client.shutdownAsync(0, this.timeout.toMillis(), TimeUnit.MILLISECONDS);
	}

}
