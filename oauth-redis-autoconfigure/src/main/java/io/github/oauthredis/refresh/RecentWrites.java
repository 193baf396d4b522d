package io.github.oauthredis.refresh;

import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

/**
 * The last grants that this instance stored, at most 10,000, in memory: a failover of
 * Redis may lose a write that it acknowledged, and with it the only refresh token that
 * still works. Thread-safe.
 * <p>
 * Only a record that is there and older is repaired, with the generation that was stored
 * before: an instance that stored a yet newer one still sees that its own is missing. A
 * record that is not there may have been removed, so it is never made anew.
 */
final class RecentWrites {

	private static final Log logger = LogFactory.getLog(RecentWrites.class);

	private final BoundedMap<TokenKey, Write> writes = new BoundedMap<>(10_000);

	private final EngineContext context;

	RecentWrites(EngineContext context) {
		this.context = context;
	}

	/**
	 * Remember what was stored.
	 * @return completes when replicas of Redis have it, too, as far as the store waits
	 * for them; never fails
	 */
	CompletionStage<@Nullable Void> stored(TokenKey key, long generation, Tokens tokens, Life life) {
		if (!key.isGrant()) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		this.writes.update(key, (before) -> (before != null && before.generation > generation) ? before
				: new Write(generation, tokens, life));
		return (tokens.refreshToken() != null) ? this.context.store().replicated(key, generation)
				: CompletableFuture.<@Nullable Void>completedFuture(null);
	}

	void removed(TokenKey key) {
		this.writes.update(key, (before) -> null);
	}

	/**
	 * Put back what this instance stored if Redis shows something older.
	 * @return the record as it is now
	 */
	CompletionStage<TokenRecord> repaired(TokenKey key, TokenRecord record) {
		if (record.state() == State.ABSENT) {
			removed(key);
			return CompletableFuture.completedFuture(record);
		}
		Write write = (record.state() == State.DEAD && TokenRecord.STALE.equals(record.detail())) ? this.writes.get(key)
				: null;
		if (write == null || write.generation <= record.generation()) {
			return CompletableFuture.completedFuture(record);
		}
		logger.warn("Redis went back to an older record; the newer one that this instance stored is put back: " + key);
		Lease lease = new Lease(UUID.randomUUID().toString(), record.generation(), write.generation, Instant.MAX);
		return this.context.store().commit(key, lease, write.tokens, write.life).thenApply((written) -> {
			if (written.accepted()) {
				this.context.publish(TokenEvent.Type.REPAIRED, key, write.generation, null);
			}
			return written.record().checked(record.marks(), record.timing().heldUntil());
		});
	}

	private static final class Write {

		private final long generation;

		private final Tokens tokens;

		private final Life life;

		private Write(long generation, Tokens tokens, Life life) {
			this.generation = generation;
			this.tokens = tokens;
			this.life = life;
		}

	}

}
