package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.Backoff;
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

	private final Semaphore room = new Semaphore(MAXIMUM_SIZE);

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
	 * @return completes when they are there; fails if Redis does not answer
	 */
	CompletionStage<@Nullable Void> add(TokenKey key, @Nullable Tokens tokens) {
		if (this.outbox == null || tokens == null) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		return this.outbox.add(key.registrationId(), tokens).thenApply((added) -> {
			if (added) {
				this.forgets.set(false);
			}
			else {
				forget(key, "outbox_full");
			}
			return null;
		});
	}

	private void forget(TokenKey key, String why) {
		if (this.forgets.compareAndSet(false, true)) {
			logger.error("A provider is not told of a revocation (%s), and perhaps of more: %s".formatted(why, key));
		}
		this.context.publish(TokenEvent.Type.REVOCATION_FAILED, key, 0, "given_up:" + why);
	}

	/**
	 * Put tokens that are stored nowhere into the outbox, and try again as long as Redis
	 * does not answer; at most 1,000 wait.
	 */
	void hand(TokenKey key, Tokens tokens) {
		if (this.outbox == null) {
			return;
		}
		if (this.room.tryAcquire()) {
			hand(key, tokens, 0);
		}
		else {
			forget(key, "too_many");
		}
	}

	private void hand(TokenKey key, Tokens tokens, int failures) {
		add(key, tokens).whenComplete((added, ex) -> {
			if (ex == null || !RecordReader.isAway(ex)) {
				this.room.release();
				if (ex != null) {
					forget(key, "failed");
				}
				return;
			}
			try {
				Future<?> unused = this.context.threads()
					.schedule(() -> hand(key, tokens, failures + 1), BACKOFF.delay(failures, 0));
			}
			catch (RejectedExecutionException stopped) {
				forget(key, "shutdown");
			}
		});
	}

}
