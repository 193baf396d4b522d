package io.github.oauthredis.store;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.SlotHash;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.models.partitions.RedisClusterNode;
import io.lettuce.core.codec.StringCodec;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.DirectFieldAccessor;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.TokenKey;

/**
 * Waits until replicas of Redis have what was written ({@code WAIT}). Thread-safe; never
 * blocks.
 * <p>
 * {@code WAIT} stops the connection on which it is sent, so it has one of its own. There
 * it waits for nothing but the last write of this very connection: an empty key of a
 * millisecond ({@code PSETEX}) in the slot of the record, which a server refuses that
 * does not hold the slot. A replica that has it has everything that was written before.
 * <p>
 * A connection that does not answer in time, because it is broken or because others wait
 * in front, is closed; the next wait makes another one. Who was on it asks once more.
 */
final class ReplicaWait {

	private static final Duration QUIET = Duration.ofMinutes(1);

	private static final Log logger = LogFactory.getLog(ReplicaWait.class);

	private final LettuceConnectionFactory connectionFactory;

	private final RedisKeys keys;

	private final int replicas;

	private final Duration timeout;

	private final TokenEvents events;

	private final AtomicReference<@Nullable CompletableFuture<StatefulConnection<String, String>>> connection = new AtomicReference<>();

	// Whether a warning was written less than a minute ago.
	private final AtomicBoolean warned = new AtomicBoolean();

	/**
	 * Create a wait. Connects to nothing yet.
	 * @param connectionFactory closes all connections of its client when it is stopped
	 * @param keys names of keys
	 * @param replicas how many must have a write
	 * @param timeout deadline of one wait, connecting included
	 * @param events hears of writes that too few have
	 */
	ReplicaWait(LettuceConnectionFactory connectionFactory, RedisKeys keys, int replicas, Duration timeout,
			TokenEvents events) {
		this.connectionFactory = connectionFactory;
		this.keys = keys;
		this.replicas = replicas;
		this.timeout = timeout;
		this.events = events;
	}

	/**
	 * Wait until enough replicas have a record, at the latest until the deadline.
	 * @param key the record that was written
	 * @param generation its generation
	 * @return completes whether or not they have it
	 */
	CompletionStage<@Nullable Void> replicated(TokenKey key, long generation) {
		String name = this.keys.replicated(key);
		CompletableFuture<Long> acknowledged = acknowledged(name)
			.exceptionallyCompose((ex) -> isLate(ex) ? CompletableFuture.failedFuture(ex) : acknowledged(name));
		// Callers go on neither on an event loop nor on the thread that watches
		// deadlines.
		return within(acknowledged).handleAsync((count, ex) -> {
			if (ex != null || count < this.replicas) {
				tell(key, generation, (ex != null && !isLate(ex)) ? ex : null);
			}
			return null;
		});
	}

	private CompletableFuture<Long> within(CompletableFuture<Long> acknowledged) {
		return acknowledged.orTimeout(this.timeout.toMillis(), TimeUnit.MILLISECONDS);
	}

	private static boolean isLate(Throwable ex) {
		return ex instanceof TimeoutException || ex.getCause() instanceof TimeoutException;
	}

	private CompletableFuture<Long> acknowledged(String name) {
		CompletableFuture<StatefulConnection<String, String>> connection = connection();
		return within(connection.thenCompose((all) -> node(all, name)).thenCompose((node) -> acknowledged(node, name)))
			.whenComplete((count, ex) -> {
				if (ex != null) {
					close(connection);
				}
			});
	}

	private CompletionStage<Long> acknowledged(StatefulRedisConnection<String, String> node, String name) {
		RedisFuture<String> written = node.async().psetex(name, 1, "");
		// A tenth of the deadline is left for the answer; 0 would wait for ever.
		return node.async()
			.waitForReplication(this.replicas, Math.max(this.timeout.toMillis() / 10 * 9, 1))
			.thenCombine(written, (count, ok) -> count);
	}

	private static CompletionStage<StatefulRedisConnection<String, String>> node(
			StatefulConnection<String, String> connection, String name) {
		if (connection instanceof StatefulRedisClusterConnection<String, String> cluster) {
			RedisClusterNode node = Objects.requireNonNull(
					cluster.getPartitions().getMasterBySlot(SlotHash.getSlot(name)), "No server holds the slot");
			return cluster.getConnectionAsync(node.getNodeId());
		}
		return CompletableFuture.completedFuture((StatefulRedisConnection<String, String>) connection);
	}

	private CompletableFuture<StatefulConnection<String, String>> connection() {
		CompletableFuture<StatefulConnection<String, String>> created = new CompletableFuture<>();
		CompletableFuture<StatefulConnection<String, String>> present = this.connection.compareAndExchange(null,
				created);
		if (present != null) {
			return present;
		}
		CompletionStage<?> unused = CompletableFuture.completedFuture(true)
			.thenCompose((go) -> connect())
			.whenComplete((connection, ex) -> {
				if (ex != null) {
					created.completeExceptionally(ex);
				}
				else {
					created.complete(connection);
				}
			});
		return created;
	}

	private CompletionStage<StatefulConnection<String, String>> connect() {
		AbstractRedisClient client = this.connectionFactory.getRequiredNativeClient();
		if (client instanceof RedisClusterClient cluster) {
			return cluster.connectAsync(StringCodec.UTF8).thenApply((connection) -> connection);
		}
		// Lettuce does not tell how it was configured.
		RedisURI uri = (RedisURI) Objects.requireNonNull(new DirectFieldAccessor(client).getPropertyValue("redisURI"));
		return ((RedisClient) client).connectAsync(StringCodec.UTF8, uri).thenApply((connection) -> connection);
	}

	private void close(CompletableFuture<StatefulConnection<String, String>> connection) {
		if (this.connection.compareAndSet(connection, null)) {
			CompletionStage<Void> unused = connection.thenCompose(StatefulConnection::closeAsync);
		}
	}

	private void tell(TokenKey key, long generation, @Nullable Throwable ex) {
		String message = "Fewer than %d replicas of Redis acknowledged a write within %s; a failover may lose it: %s"
			.formatted(this.replicas, this.timeout, key);
		if (this.warned.compareAndSet(false, true)) {
			CompletableFuture.delayedExecutor(QUIET.toSeconds(), TimeUnit.SECONDS)
				.execute(() -> this.warned.set(false));
			logger.warn(message + " (said at most once a minute)", ex);
		}
		else {
			logger.debug(message, ex);
		}
		this.events.publish(TokenEvent.of(TokenEvent.Type.UNREPLICATED, key, generation, null));
	}

}
