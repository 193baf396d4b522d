package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.Backoff;
import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.Tokens;

/**
 * Tokens that nobody may use any more, on their way to the outbox. Thread-safe.
 */
final class DiscardedTokens {

	private static final int MAXIMUM_SIZE = 1_000;

	private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

	private static final Log logger = LogFactory.getLog(DiscardedTokens.class);

	private static final Duration LONGEST_WAIT = Duration.ofHours(1);

	private final Semaphore room = new Semaphore(MAXIMUM_SIZE);

	private final Map<Object, CompletableFuture<@Nullable Void>> handing = new ConcurrentHashMap<>();

	private final AtomicBoolean forgets = new AtomicBoolean();

	// Null where providers are not told.
	private final @Nullable RevocationOutbox outbox;

	private final EngineContext context;

	DiscardedTokens(EngineContext context, @Nullable RevocationOutbox outbox) {
		this.context = context;
		this.outbox = outbox;
	}

	/**
	 * Put tokens that are still stored into the outbox, before they are removed.
	 * @param key the record
	 * @param generation generation that held them
	 * @param tokens the tokens; null if there are none
	 * @return completes when they are there, with what names them there, or null if they
	 * are not; fails if Redis does not answer
	 */
	CompletionStage<@Nullable String> add(TokenKey key, long generation, @Nullable Tokens tokens) {
		if (this.outbox == null || tokens == null) {
			return CompletableFuture.<@Nullable String>completedFuture(null);
		}
		return this.outbox.add(RecordVersion.of(key, generation), tokens).thenApply((added) -> {
			if (added.refusal() != null) {
				forget(key, added.refusal());
			}
			else {
				this.forgets.set(false);
			}
			return added.id();
		});
	}

	/**
	 * Let tokens be sent, because they were removed. If that fails they are sent a little
	 * later.
	 * @param id what {@link #add} returned
	 */
	void release(@Nullable String id) {
		if (this.outbox != null && id != null) {
			CompletionStage<@Nullable Void> unused = this.outbox.release(id);
		}
	}

	private void forget(TokenKey key, String why) {
		if (this.forgets.compareAndSet(false, true)) {
			logger.error("A provider is not told of a revocation (%s), and perhaps of more: %s".formatted(why, key));
		}
		this.context.publish(TokenEvent.Type.REVOCATION_FAILED, key, 0, "given_up:" + why);
	}

	/**
	 * Put tokens that are stored nowhere into the outbox, and try again as long as Redis
	 * does not answer, for at most an hour; at most 1,000 wait.
	 * @param key the record
	 * @param generation generation that they had or would have had; 0 if none
	 * @param tokens the tokens
	 */
	void hand(TokenKey key, long generation, Tokens tokens) {
		if (this.outbox == null) {
			return;
		}
		if (this.room.tryAcquire()) {
			CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
			Object one = new Object();
			this.handing.put(one, ended);
			CompletionStage<@Nullable Void> unused = ended.whenComplete((done, ex) -> {
				this.handing.remove(one);
				this.room.release();
			});
			hand(key, generation, tokens, this.context.now().plus(LONGEST_WAIT), 0, ended);
		}
		else {
			forget(key, "too_many");
		}
	}

	/**
	 * All tokens that are on their way now.
	 * @return completes when they are in the outbox or given up
	 */
	CompletableFuture<Void> drained() {
		return CompletableFuture.allOf(this.handing.values().toArray(CompletableFuture<?>[]::new));
	}

	private void hand(TokenKey key, long generation, Tokens tokens, Instant until, int failures,
			CompletableFuture<@Nullable Void> ended) {
		add(key, generation, tokens).whenComplete((id, ex) -> {
			release(id);
			if (ex == null || !RecordReader.isAway(ex) || !this.context.now().isBefore(until)) {
				if (ex != null) {
					forget(key, "failed");
				}
				ended.complete(null);
				return;
			}
			try {
				Future<?> unused = this.context.threads()
					.schedule(() -> hand(key, generation, tokens, until, failures + 1, ended),
							BACKOFF.delay(failures, 0));
			}
			catch (RejectedExecutionException stopped) {
				forget(key, "shutdown");
				ended.complete(null);
			}
		});
	}

}
