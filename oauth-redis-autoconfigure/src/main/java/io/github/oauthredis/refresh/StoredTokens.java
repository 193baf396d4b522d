package io.github.oauthredis.refresh;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * What an authorized client service does with records: load, save and remove, without any
 * call to a provider. Thread-safe; never blocks.
 */
final class StoredTokens {

	private static final int WRITE_TRIES = 5;

	// A login beats whatever is stored, and nobody knows what that is.
	private static final long BEYOND_ALL = Long.MAX_VALUE;

	private final EngineContext context;

	private final TokenStore store;

	private final RecordReader records;

	StoredTokens(EngineContext context) {
		this.context = context;
		this.store = context.store();
		this.records = context.records();
	}

	CompletionStage<@Nullable Tokens> load(TokenKey key, RefreshPolicy policy) {
		TokenRecord waiting = this.context.pending().find(key);
		if (waiting != null) {
			return CompletableFuture.completedFuture(waiting.tokens());
		}
		TokenRecord near = this.records.confirmed(key);
		if (near != null) {
			return CompletableFuture.completedFuture(worth(key, policy, near));
		}
		return this.records.readOrCopy(key).thenApply((record) -> {
			if (record.state() == State.LOCKED) {
				throw this.context.locked(key, record);
			}
			return worth(key, policy, record);
		});
	}

	private @Nullable Tokens worth(TokenKey key, RefreshPolicy policy, TokenRecord record) {
		Tokens tokens = (record.state() == State.LIVE) ? record.tokens() : null;
		boolean worth = tokens != null
				&& (tokens.refreshToken() != null || policy.decide(key, record, this.context.now(), 0).isUsable());
		return worth ? tokens : null;
	}

	CompletionStage<@Nullable Void> save(TokenKey key, RefreshPolicy policy, Tokens tokens) {
		Instant since = (tokens.lifetime() != null) ? tokens.issuedAt() : this.context.now();
		return put(key, policy, tokens, since, () -> true).exceptionallyCompose((ex) -> {
			boolean kept = key.isGrant() && RecordReader.isAway(ex) && keep(key, policy, tokens, since);
			return kept ? CompletableFuture.<@Nullable Void>completedFuture(null)
					: CompletableFuture.<@Nullable Void>failedFuture(ex);
		});
	}

	/**
	 * Redis does not answer, but the login succeeded: serve it from here until it can be
	 * stored.
	 */
	private boolean keep(TokenKey key, RefreshPolicy policy, Tokens tokens, Instant since) {
		Life life = policy.life(key, tokens, null, since);
		TokenRecord record = new TokenRecord(State.LIVE, BEYOND_ALL, BEYOND_ALL, tokens, null,
				new Timing(life.expiresAt(), this.context.now(), false, 0, null, 0, null, null, null), Marks.NONE);
		boolean kept = this.context.pending()
			.add(new PendingCommits.Pending(key, record, life.keepUntil(),
					() -> put(key, policy, tokens, since, () -> record.equals(this.context.pending().find(key)))
						.thenApply((done) -> null)));
		if (kept) {
			this.context.publish(TokenEvent.Type.PENDING, key, 0, null);
		}
		return kept;
	}

	/**
	 * Store tokens, unless they are no longer wanted after a reading: what was stored by
	 * then may be what replaced them.
	 */
	private CompletionStage<@Nullable Void> put(TokenKey key, RefreshPolicy policy, Tokens tokens, Instant since,
			BooleanSupplier wanted) {
		return write(key, WRITE_TRIES, (record) -> {
			Tokens stored = record.tokens();
			if (!wanted.getAsBoolean() || (stored != null && isStaleCopy(tokens, stored))) {
				return CompletableFuture.completedFuture(true);
			}
			Tokens content = ((stored != null) ? tokens.replacing(stored) : tokens).withMarks(record.marks());
			Life life = policy.life(key, content, null, since);
			return this.store.put(key, record, content, life)
				.thenCompose((written) -> written.accepted() ? saved(key, stored, content, life, written)
						: CompletableFuture.completedFuture(false));
		});
	}

	private CompletionStage<Boolean> saved(TokenKey key, @Nullable Tokens before, Tokens tokens, Life life,
			Written written) {
		long generation = written.record().generation();
		CompletionStage<@Nullable Void> replicated = this.context.recent().stored(key, generation, tokens, life);
		this.context.pending().drop(key);
		this.records.written(key, written.record());
		this.context.publish(TokenEvent.Type.SAVED, key, generation, null);
		this.context.publishNarrowed(key, before, tokens, generation);
		return replicated.thenApply((done) -> true);
	}

	private static boolean isStaleCopy(Tokens tokens, Tokens stored) {
		String digest = tokens.accessTokenDigest();
		String refreshToken = tokens.refreshToken();
		boolean replaced = refreshToken != null && stored.lineage().stream().anyMatch((one) -> one.isOf(refreshToken));
		return (replaced || digest.equals(stored.accessTokenDigest()) || digest.equals(stored.previousAccessToken()))
				&& !tokens.issuedAt().isAfter(stored.issuedAt());
	}

	CompletionStage<@Nullable Void> remove(TokenKey key) {
		// Before the removal: what is being stored must not find it and still be wanted.
		this.context.pending().drop(key);
		return write(key, WRITE_TRIES, (record) -> this.store.tombstone(key, record).thenApply((removed) -> {
			if (removed) {
				this.context.recent().removed(key);
				this.context.pending().drop(key);
				this.records.forget(key);
				this.context.publish(TokenEvent.Type.REMOVED, key, record.nextGeneration(), null);
			}
			return removed;
		}));
	}

	private CompletionStage<@Nullable Void> write(TokenKey key, int tries,
			Function<TokenRecord, CompletionStage<Boolean>> write) {
		return this.records.read(key).thenCompose((record) -> {
			if (record.state() == State.LOCKED) {
				return CompletableFuture.<@Nullable Void>failedFuture(this.context.locked(key, record));
			}
			return write.apply(record).thenCompose((done) -> {
				if (done) {
					return CompletableFuture.<@Nullable Void>completedFuture(null);
				}
				return (tries > 1) ? write(key, tries - 1, write)
						: CompletableFuture.<@Nullable Void>failedFuture(this.context.contended(key));
			});
		});
	}

}
