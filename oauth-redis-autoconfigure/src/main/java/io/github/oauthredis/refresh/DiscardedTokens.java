package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

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

	// Null where providers are not told.
	private final @Nullable RevocationOutbox outbox;

	private final EngineThreads threads;

	DiscardedTokens(@Nullable RevocationOutbox outbox, EngineThreads threads) {
		this.outbox = outbox;
		this.threads = threads;
	}

	/**
	 * Put tokens that are still stored into the outbox, before they are removed.
	 * @return completes when they are there; fails if Redis does not answer
	 */
	CompletionStage<Boolean> add(TokenKey key, @Nullable Tokens tokens) {
		return (this.outbox != null && tokens != null) ? this.outbox.add(key.registrationId(), tokens)
				: CompletableFuture.completedFuture(false);
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
			logger.error("A provider is not told of a revocation, because 1,000 wait already: " + key);
		}
	}

	private void hand(TokenKey key, Tokens tokens, int failures) {
		add(key, tokens).whenComplete((added, ex) -> {
			if (ex == null || !RecordReader.isAway(ex)) {
				this.room.release();
				if (ex != null) {
					logger.error("A provider is not told of a revocation: " + key, ex);
				}
				return;
			}
			try {
				Future<?> unused = this.threads.schedule(() -> hand(key, tokens, failures + 1),
						BACKOFF.delay(failures, 0));
			}
			catch (RejectedExecutionException stopped) {
				logger.error(
						"A provider is not told of a revocation, because Redis did not answer before shutdown: " + key,
						stopped);
			}
		});
	}

}
