package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.nearcache.NearRecord;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.TokenStoreException;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Reads records: from memory where that is as good as asking Redis, from Redis otherwise,
 * and from memory once more where Redis does not answer. Thread-safe; never blocks.
 */
final class RecordReader {

	// Between two questions to a Redis that did not answer the last one.
	private static final Duration PAUSE = Duration.ofSeconds(1);

	// Between two reports: a Redis that answers now and then would fill the log.
	private static final Duration QUIET = Duration.ofMinutes(1);

	// Without records in memory there is no setting for it.
	private static final Duration UNCONFIRMED = Duration.ofMinutes(10);

	private static final Log logger = LogFactory.getLog(RecordReader.class);

	private final EngineContext context;

	private final @Nullable NearCache near;

	// When Redis may be asked again, in milliseconds; 0 as long as it answers.
	private final AtomicLong askAgainAt = new AtomicLong();

	// When it was told last that Redis does not answer, and whether that still holds.
	private volatile long toldAt;

	private volatile boolean told;

	// When the outage was told in which a record was last told to be served from memory.
	private final BoundedMap<TokenKey, Long> stale = new BoundedMap<>(10_000);

	RecordReader(EngineContext context, @Nullable NearCache near) {
		this.context = context;
		this.near = near;
	}

	/**
	 * What is in memory and confirmed.
	 * @return the record, or null if Redis has to be asked
	 */
	@Nullable TokenRecord confirmed(TokenKey key) {
		NearRecord found = confirmedNear(key);
		return (found != null) ? found.record() : null;
	}

	@Nullable NearRecord confirmedNear(TokenKey key) {
		return (this.near != null) ? this.near.find(key) : null;
	}

	/**
	 * What is in memory and not too old to be used while Redis does not answer.
	 */
	@Nullable TokenRecord inOutage(TokenKey key) {
		return (this.near != null) ? this.near.findInOutage(key) : null;
	}

	/**
	 * Ask Redis. A record that went back to an older one is repaired on the way.
	 */
	CompletionStage<TokenRecord> read(TokenKey key) {
		CompletionStage<TokenRecord> read = (this.near != null) ? this.near.load(key, () -> ask(key)) : ask(key);
		return read.whenComplete((record, ex) -> {
			if (ex != null && isAway(ex)) {
				away(key, ex);
			}
			else if (ex == null && this.askAgainAt.get() != 0 && this.askAgainAt.getAndSet(0) != 0) {
				back(key);
			}
		});
	}

	/**
	 * Ask Redis, and use what is in memory if it does not answer. Once it did not, nobody
	 * waits for it who has something in memory.
	 */
	CompletionStage<TokenRecord> readOrCopy(TokenKey key) {
		TokenRecord copy = isAway() ? inOutage(key) : null;
		if (copy == null) {
			return read(key).exceptionallyCompose((ex) -> {
				TokenRecord late = isAway(ex) ? inOutage(key) : null;
				if (late == null) {
					return CompletableFuture.failedFuture(ex);
				}
				servedStale(key, late);
				return CompletableFuture.completedFuture(late);
			});
		}
		if (mayAskAgain()) {
			CompletionStage<TokenRecord> unused = read(key);
		}
		servedStale(key, copy);
		return CompletableFuture.completedFuture(copy);
	}

	private CompletionStage<TokenRecord> ask(TokenKey key) {
		return this.context.store().find(key).thenCompose((record) -> this.context.recent().repaired(key, record));
	}

	/**
	 * Whether Redis did not answer when it was asked last.
	 */
	boolean isAway() {
		return this.askAgainAt.get() != 0;
	}

	/**
	 * Ask for the right to find out whether Redis answers again: one caller a second has
	 * it.
	 */
	boolean mayAskAgain() {
		long at = this.askAgainAt.get();
		if (at == 0) {
			return true;
		}
		long now = millis();
		// Further ahead than the pause, it was reckoned before the clock was set back.
		boolean due = at <= now || at - now > PAUSE.toMillis();
		return due && this.askAgainAt.compareAndSet(at, now + PAUSE.toMillis());
	}

	/**
	 * Whether the marks of a record are certain to be those that were read: the news of a
	 * change would have come.
	 */
	boolean isUnmarked(TokenKey key, Marks read) {
		return this.near != null && read.equals(this.near.marks(key));
	}

	/**
	 * Keep what this instance stored for the time when Redis does not answer.
	 */
	void written(TokenKey key, TokenRecord record) {
		if (this.near != null) {
			this.near.written(key, record);
		}
	}

	/**
	 * Forget what is in memory, because it does not count any more.
	 */
	void forget(TokenKey key) {
		if (this.near != null) {
			this.near.forget(key);
		}
	}

	/**
	 * Note that this instance revoked what a scope holds, or may have.
	 */
	void revoked(MarkScope scope) {
		if (this.near != null) {
			this.near.revoked(scope);
		}
	}

	/**
	 * Whether tokens that are not in Redis may be used: somebody may have revoked them
	 * meanwhile, so no longer than anything else that Redis cannot confirm.
	 */
	boolean isServable(TokenRecord received) {
		Instant receivedAt = received.timing().writtenAt();
		if (receivedAt == null) {
			return false;
		}
		return (this.near != null) ? this.near.isServable(receivedAt)
				: this.context.now().isBefore(receivedAt.plus(UNCONFIRMED));
	}

	/**
	 * Forget what is in memory if an API refused it.
	 */
	void refuse(TokenKey key, String refused) {
		TokenRecord copy = inOutage(key);
		if (copy != null && copy.requireTokens().accessToken().equals(refused)) {
			forget(key);
		}
	}

	/**
	 * Tell that a record was handed out which Redis could not confirm, once for each
	 * outage.
	 */
	void servedStale(TokenKey key, TokenRecord record) {
		Long outage = this.toldAt;
		if (!outage.equals(this.stale.get(key)) && !outage.equals(this.stale.update(key, (before) -> outage))) {
			this.context.publish(TokenEvent.Type.STALE_SERVED, key, record.generation(), null);
		}
	}

	/**
	 * Wait for the next change that is heard of; complete the future to end the wait.
	 */
	CompletableFuture<Boolean> nextChange(TokenKey key) {
		return (this.near != null) ? this.near.nextChange(key) : new CompletableFuture<>();
	}

	/**
	 * Whether a failure means that Redis did not answer.
	 */
	static boolean isAway(Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		return cause instanceof TokenStoreException
				|| (cause instanceof TokenUnavailableException && cause.getCause() instanceof TokenStoreException);
	}

	private void away(TokenKey key, Throwable ex) {
		long now = millis();
		if (this.askAgainAt.getAndSet(now + PAUSE.toMillis()) == 0 && Math.abs(now - this.toldAt) >= QUIET.toMillis()) {
			this.toldAt = now;
			this.told = true;
			String cause = cause(ex);
			logger
				.warn(("Redis does not do what it is asked (%s); until it does, this instance serves what is in memory "
						+ "and has issued tokens of its own")
					.formatted(cause));
			this.context.publish(TokenEvent.Type.REDIS_AWAY, key, 0, cause);
		}
	}

	private void back(TokenKey key) {
		if (this.told) {
			this.told = false;
			logger.info("Redis answers again");
			this.context.publish(TokenEvent.Type.REDIS_BACK, key, 0, null);
		}
	}

	/**
	 * What went wrong at the bottom. Behind a colon Redis may quote what it was sent.
	 */
	private static String cause(Throwable failure) {
		Throwable cause = failure;
		while (cause.getCause() != null) {
			cause = cause.getCause();
		}
		String message = cause.getMessage();
		String name = cause.getClass().getSimpleName();
		return (message != null) ? "%s '%s'".formatted(name, message.split(":", 2)[0]) : name;
	}

	private long millis() {
		return this.context.clock().millis();
	}

}
