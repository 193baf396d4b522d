package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.TokenUnavailableException;
import io.github.oauthredis.token.Tokens;

/**
 * What an authorized client service does with records: load, save and remove, without any
 * call to a provider. Thread-safe; never blocks.
 */
final class StoredTokens {

	private static final int WRITE_TRIES = 5;

	// A login beats whatever is stored, and nobody knows what that is.
	private static final long BEYOND_ALL = Long.MAX_VALUE;

	// By what times of two clocks in milliseconds may differ at most; in doubt a
	// revocation counts.
	private static final long ROUNDING_MILLIS = 5;

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
		if (waiting != null && this.records.isServable(waiting) && !this.context.pending().isDoubted(key)) {
			return CompletableFuture.completedFuture(waiting.tokens());
		}
		TokenRecord near = this.records.confirmed(key);
		if (near != null) {
			return CompletableFuture.completedFuture(worth(key, policy, near));
		}
		return this.records.readOrCopy(key).thenApply((record) -> {
			if (record.state() == State.LOCKED) {
				throw CallerFailures.locked(key, record);
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
		return put(key, policy, tokens, since, (record) -> true).exceptionallyCompose((ex) -> {
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
			.add(new PendingCommits.Pending(key, record, life.keepUntil(), () -> put(key, policy, tokens, since,
					(present) -> record.equals(this.context.pending().find(key)) && !isRevoked(key, record, present))
				.thenApply((done) -> null)));
		if (kept) {
			this.context.publish(TokenEvent.Type.PENDING, key, 0, null);
		}
		return kept;
	}

	/**
	 * Whether a login was revoked or removed by others while it waited for Redis: after
	 * the present time of Redis less the time that it waited.
	 */
	private boolean isRevoked(TokenKey key, TokenRecord waiting, TokenRecord present) {
		Instant receivedAt = Objects.requireNonNull(waiting.timing().writtenAt());
		Duration waited = Duration.between(receivedAt, this.context.now());
		long at = present.nextGeneration() - waited.toMillis() - ROUNDING_MILLIS;
		// After that long nobody knows whether there was a tombstone.
		boolean forgotten = waited.compareTo(TokenStore.TOMBSTONE) >= 0;
		boolean revoked = present.marks().revoke(new Marks(at, at, at))
				|| (present.state() == State.ABSENT && (forgotten || present.generation() > at));
		if (revoked) {
			this.context.discarded().hand(key, 0, waiting.requireTokens());
			this.context.publish(TokenEvent.Type.REVOKED, key, present.generation(), "while_waiting");
		}
		return revoked;
	}

	/**
	 * Store tokens, unless they are no longer wanted after a reading: what was stored by
	 * then may be what replaced them.
	 */
	private CompletionStage<@Nullable Void> put(TokenKey key, RefreshPolicy policy, Tokens tokens, Instant since,
			Predicate<TokenRecord> wanted) {
		return write(key, WRITE_TRIES, (record) -> {
			Tokens stored = record.tokens();
			if (!wanted.test(record) || (stored != null && isStaleCopy(tokens, stored))) {
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

	/**
	 * Put a tombstone in place of a record, and what it held into the outbox. In this
	 * order, so that whoever dies in between forgets no token.
	 * @param type what to tell
	 * @param cause why; null if nobody said
	 */
	CompletionStage<@Nullable Void> remove(TokenKey key, TokenEvent.Type type, @Nullable String cause) {
		TokenRecord waiting = this.context.pending().find(key);
		if (waiting != null && waiting.generation() == BEYOND_ALL) {
			// A login that is nowhere but here, so it goes whether Redis answers or not.
			discardWaiting(key);
		}
		return write(key, WRITE_TRIES,
				(record) -> this.context.discarded()
					.add(key, record.generation(), record.tokens())
					.thenCompose((id) -> this.store.tombstone(key, record).thenApply((removed) -> {
						if (removed) {
							this.context.discarded().release(id);
							this.context.recent().removed(key);
							discardWaiting(key);
							this.records.forget(key);
							if (record.tokens() != null || type == TokenEvent.Type.REMOVED) {
								this.context.publish(type, key, record.nextGeneration(), cause);
							}
							if (record.tokens() != null && cause != null && !cause.equals(GrantLostEvent.LOGOUT)) {
								this.context.publishLost(key, cause);
							}
						}
						return removed;
					})));
	}

	/**
	 * What waits can no longer be stored: the tombstone has a higher generation than any
	 * commit is based on, and a login finds it younger than itself.
	 */
	private void discardWaiting(TokenKey key) {
		TokenRecord waiting = this.context.pending().find(key);
		if (waiting != null) {
			this.context.pending().drop(key);
			this.context.discarded().hand(key, 0, waiting.requireTokens());
		}
	}

	/**
	 * Raise a mark. Also where Redis did not answer it may have been raised.
	 */
	CompletionStage<@Nullable Void> revoke(MarkScope scope, String cause) {
		String registrationId = (scope instanceof MarkScope.Registration one) ? one.registrationId() : null;
		String principal = (scope instanceof MarkScope.Principal one) ? Digests.sha256(one.principalName()) : null;
		return this.store.mark(scope).whenComplete((mark, ex) -> {
			this.records.revoked(scope);
			this.context.pending().doubt(scope);
		}).handle((mark, ex) -> {
			if (ex != null) {
				throw new TokenUnavailableException("redis_unavailable",
						"Redis did not answer, so nobody knows whether it was revoked; revoke it again",
						(registrationId != null) ? registrationId : "*", true, null, ex);
			}
			this.context.publish(new TokenEvent(TokenEvent.Type.REVOKED, registrationId, null, principal, 0, cause));
			return null;
		});
	}

	private CompletionStage<@Nullable Void> write(TokenKey key, int tries,
			Function<TokenRecord, CompletionStage<Boolean>> write) {
		return this.records.read(key).thenCompose((record) -> {
			if (record.state() == State.LOCKED) {
				return CompletableFuture.<@Nullable Void>failedFuture(CallerFailures.locked(key, record));
			}
			return write.apply(record).thenCompose((done) -> {
				if (done) {
					return CompletableFuture.<@Nullable Void>completedFuture(null);
				}
				return (tries > 1) ? write(key, tries - 1, write)
						: CompletableFuture.<@Nullable Void>failedFuture(CallerFailures.contended(key));
			});
		});
	}

}
