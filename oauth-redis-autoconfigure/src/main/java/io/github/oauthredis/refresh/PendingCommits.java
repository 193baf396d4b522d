package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.resilience.Backoff;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * Received tokens whose storing has not succeeded yet: at most 1,000, kept in memory,
 * served, and offered to Redis again until it takes or refuses them. Thread-safe.
 */
final class PendingCommits {

	private static final int MAXIMUM_SIZE = 1_000;

	private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

	private static final Log logger = LogFactory.getLog(PendingCommits.class);

	private final ConcurrentMap<TokenKey, Pending> pending = new ConcurrentHashMap<>();

	private final EngineThreads threads;

	private final Clock clock;

	PendingCommits(EngineThreads threads, Clock clock) {
		this.threads = threads;
		this.clock = clock;
	}

	/**
	 * What waits to be stored.
	 * @param key the record
	 * @return the record as it will be, or null if nothing waits
	 */
	@Nullable TokenRecord find(TokenKey key) {
		Pending waiting = this.pending.get(key);
		return (waiting != null) ? waiting.record : null;
	}

	/**
	 * Keep tokens until they are stored, in place of older ones.
	 * @return whether there was room, and nothing newer waits
	 */
	boolean add(Pending waiting) {
		if (this.pending.size() >= MAXIMUM_SIZE && !this.pending.containsKey(waiting.key)) {
			logger
				.error("A received token could neither be stored nor kept, because 1,000 wait already: " + waiting.key);
			return false;
		}
		Pending present = this.pending.putIfAbsent(waiting.key, waiting);
		if (present != null) {
			if (present.record.generation() > waiting.record.generation()) {
				waiting.settled.complete(null);
				return false;
			}
			if (!this.pending.replace(waiting.key, present, waiting)) {
				return add(waiting);
			}
			present.settled.complete(null);
		}
		retryLater(waiting, 0);
		return true;
	}

	/**
	 * Offer tokens that wait to Redis now.
	 * @param key the record
	 * @return completes when nothing waits any more; fails if Redis does not answer
	 */
	CompletionStage<@Nullable Void> settle(TokenKey key) {
		Pending waiting = this.pending.get(key);
		return (waiting != null) ? offer(waiting).thenApply((written) -> null)
				: CompletableFuture.<@Nullable Void>completedFuture(null);
	}

	/**
	 * Somebody revoked what a scope holds: nothing of it is served until Redis has said
	 * whether it counts, for which it is offered at once.
	 */
	void doubt(MarkScope scope) {
		this.pending.values().stream().filter((waiting) -> scope.holds(waiting.key)).forEach((waiting) -> {
			waiting.doubted = true;
			CompletionStage<@Nullable Written> unused = offer(waiting);
		});
	}

	boolean isDoubted(TokenKey key) {
		Pending waiting = this.pending.get(key);
		return waiting != null && waiting.doubted;
	}

	void drop(TokenKey key) {
		Pending dropped = this.pending.remove(key);
		if (dropped != null) {
			dropped.settled.complete(null);
		}
	}

	/**
	 * All tokens that wait now.
	 * @return completes when they were stored or refused
	 */
	CompletableFuture<Void> drained() {
		return CompletableFuture.allOf(
				this.pending.values().stream().map((waiting) -> waiting.settled).toArray(CompletableFuture<?>[]::new));
	}

	private void retryLater(Pending waiting, int failures) {
		try {
			Future<?> unused = this.threads.schedule(() -> retry(waiting, failures), BACKOFF.delay(failures, 0));
		}
		catch (RejectedExecutionException ex) {
			logger.error("A received token was not stored before shutdown: " + waiting.key, ex);
		}
	}

	private void retry(Pending waiting, int failures) {
		if (this.pending.get(waiting.key) != waiting) {
			return;
		}
		if (!this.clock.instant().isBefore(waiting.keepUntil)) {
			drop(waiting.key);
			return;
		}
		offer(waiting).whenComplete((written, ex) -> {
			if (ex != null) {
				retryLater(waiting, failures + 1);
			}
		});
	}

	private CompletionStage<@Nullable Written> offer(Pending waiting) {
		return waiting.offer.get().whenComplete((written, ex) -> {
			if (ex == null) {
				this.pending.remove(waiting.key, waiting);
				waiting.settled.complete(written);
			}
		});
	}

	/**
	 * Tokens that wait to be stored.
	 */
	static final class Pending {

		private final TokenKey key;

		private final TokenRecord record;

		private final Instant keepUntil;

		private final Supplier<CompletionStage<@Nullable Written>> offer;

		private final CompletableFuture<@Nullable Written> settled = new CompletableFuture<>();

		private volatile boolean doubted;

		/**
		 * Create a wait.
		 * @param key the record
		 * @param record the record as it will be
		 * @param keepUntil when it is no longer worth storing
		 * @param offer offers it to Redis once
		 */
		Pending(TokenKey key, TokenRecord record, Instant keepUntil,
				Supplier<CompletionStage<@Nullable Written>> offer) {
			this.key = key;
			this.record = record;
			this.keepUntil = keepUntil;
			this.offer = offer;
		}

		/**
		 * What became of them.
		 * @return completes with the answer of Redis, or with null if they were dropped
		 */
		CompletionStage<@Nullable Written> settled() {
			return this.settled;
		}

	}

}
