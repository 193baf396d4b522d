package io.github.oauthredis.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import io.lettuce.core.cluster.RedisClusterClient;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The one connection that all scripts share. The connection factory connects on the
 * thread that asks it, for as long as that takes, and holds a lock meanwhile. So it is
 * asked on a thread of its own, one at a time, and what it gave is held until it is
 * renewed. Thread-safe; never blocks.
 */
final class HeldConnection {

	private final ReactiveRedisConnectionFactory factory;

	private final AtomicReference<@Nullable CompletableFuture<ReactiveRedisConnection>> held = new AtomicReference<>();

	HeldConnection(ReactiveRedisConnectionFactory factory) {
		this.factory = factory;
	}

	/**
	 * The connection, being made if need be.
	 * @return completes when it stands; not to be completed or cancelled
	 */
	CompletableFuture<ReactiveRedisConnection> get() {
		CompletableFuture<ReactiveRedisConnection> held = this.held.get();
		return (held != null) ? held : replace(null, false);
	}

	/**
	 * Ask the factory again, unless that was done since.
	 * @param stale what served no more
	 * @param reset whether the factory is to close what it shares, too
	 */
	void renew(ReactiveRedisConnection stale, boolean reset) {
		CompletableFuture<ReactiveRedisConnection> held = this.held.get();
		if (held != null && isHeld(stale)) {
			CompletableFuture<ReactiveRedisConnection> unused = replace(held, reset);
			CompletableFuture<Void> unusedEnd = stale.closeLater().toFuture();
		}
	}

	boolean isHeld(ReactiveRedisConnection connection) {
		CompletableFuture<ReactiveRedisConnection> held = this.held.get();
		return held != null && held.isDone() && !held.isCompletedExceptionally() && held.join() == connection;
	}

	private CompletableFuture<ReactiveRedisConnection> replace(
			@Nullable CompletableFuture<ReactiveRedisConnection> stale, boolean reset) {
		CompletableFuture<ReactiveRedisConnection> next = new CompletableFuture<>();
		CompletableFuture<ReactiveRedisConnection> present = this.held.compareAndExchange(stale, next);
		if (present != stale) {
			return (present != null) ? present : replace(null, reset);
		}
		try {
			Thread thread = new Thread(() -> ask(next, reset), "oauth-redis-connect");
			thread.setDaemon(true);
			thread.start();
		}
		catch (OutOfMemoryError ex) {
			fail(next, ex);
		}
		return next;
	}

	private void ask(CompletableFuture<ReactiveRedisConnection> next, boolean reset) {
		try {
			if (reset && this.factory instanceof LettuceConnectionFactory lettuce) {
				lettuce.resetConnection();
			}
			next.complete(this.factory.getReactiveConnection());
		}
		catch (RuntimeException | Error ex) {
			fail(next, ex);
		}
	}

	/**
	 * Who comes next tries again.
	 */
	private void fail(CompletableFuture<ReactiveRedisConnection> next, Throwable ex) {
		this.held.compareAndSet(next, null);
		next.completeExceptionally(ex);
	}

	@Nullable RedisClusterClient cluster() {
		return (this.factory instanceof LettuceConnectionFactory lettuce
				&& lettuce.getNativeClient() instanceof RedisClusterClient cluster) ? cluster : null;
	}

}
