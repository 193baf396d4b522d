package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.nearcache.NearRecord;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;
import io.github.oauthredis.token.Tokens;

/**
 * Hands out tokens and renews each once for the whole fleet. Thread-safe; never blocks a
 * caller. Cancelling a returned stage stops nothing but the wait of its owner.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenRefresher implements AutoCloseable {

	private static final Duration DRAIN = Duration.ofSeconds(10);

	private static final Log logger = LogFactory.getLog(TokenRefresher.class);

	private final SingleFlight flights = new SingleFlight();

	private final TokenStore store;

	private final EngineThreads threads;

	private final EngineContext context;

	private final RecordReader records;

	private final StoredTokens stored;

	/**
	 * Create an engine.
	 * @param store the shared records
	 * @param near records in memory; null to ask Redis each time
	 * @param events hears what happened
	 * @param clock local clock
	 * @param concurrency token requests at once; 1,000 more may queue
	 * @param virtualThreads whether token requests are sent on virtual threads
	 */
	public TokenRefresher(TokenStore store, @Nullable NearCache near, TokenEvents events, Clock clock, int concurrency,
			boolean virtualThreads) {
		this(store, near, events, clock, concurrency, virtualThreads, StopPoints.NONE);
	}

	TokenRefresher(TokenStore store, @Nullable NearCache near, TokenEvents events, Clock clock, int concurrency,
			boolean virtualThreads, StopPoints stopPoints) {
		this.store = store;
		this.threads = new EngineThreads(concurrency, virtualThreads);
		this.context = new EngineContext(store, near, events, clock, this.threads, stopPoints);
		this.records = this.context.records();
		this.stored = new StoredTokens(this.context);
	}

	/**
	 * Get a token that may be sent now, renewing it if need be.
	 * @param demand what is wanted
	 * @return a record with tokens; fails with
	 * {@link io.github.oauthredis.token.GrantLostException} or
	 * {@link TokenUnavailableException}, at the latest after
	 * {@link RefreshPolicy#callerWait()} and the time of a few calls to Redis
	 */
	public CompletionStage<TokenRecord> obtain(TokenDemand demand) {
		TokenRecord waiting = this.context.pending().find(demand.key());
		TokenRecord near = usable(demand, (waiting != null) ? waiting : this.records.confirmed(demand.key()));
		if (near != null) {
			if (waiting == null
					&& this.context.decide(demand, near).action() == RefreshDecision.Action.USE_AND_REFRESH) {
				renewInBackground(demand);
			}
			return CompletableFuture.completedFuture(near);
		}
		if (waiting != null) {
			// Its refresh token counts, so it has to be stored before anything else.
			return translated(demand.key(),
					this.context.pending().settle(demand.key()).thenCompose((settled) -> read(demand)));
		}
		return translated(demand.key(),
				(this.records.isAway() && !this.records.mayAskAgain()) ? withoutRedis(demand, null) : read(demand));
	}

	private CompletionStage<TokenRecord> read(TokenDemand demand) {
		TokenRecord copy = this.records.isAway() ? usable(demand, this.records.inOutage(demand.key())) : null;
		CompletionStage<TokenRecord> read = this.records.read(demand.key());
		if (copy != null) {
			// Finds out whether Redis is back; nobody has to wait for that.
			return CompletableFuture.completedFuture(copy);
		}
		return read.thenCompose((record) -> serve(demand, record))
			.exceptionallyCompose(
					(ex) -> RecordReader.isAway(ex) ? withoutRedis(demand, ex) : CompletableFuture.failedFuture(ex));
	}

	/**
	 * Redis does not answer: serve what is in memory; have a token issued for this
	 * instance alone. A refresh token is not presented without a lease.
	 */
	private CompletionStage<TokenRecord> withoutRedis(TokenDemand demand, @Nullable Throwable ex) {
		TokenRecord copy = usable(demand, this.records.inOutage(demand.key()));
		if (copy != null) {
			return CompletableFuture.completedFuture(copy);
		}
		if (!demand.key().isGrant()) {
			return bounded(demand, this.context.unshared().obtain(demand, UnsharedTokens.NOTHING));
		}
		return (ex != null) ? CompletableFuture.failedFuture(ex) : read(demand);
	}

	private @Nullable TokenRecord usable(TokenDemand demand, @Nullable TokenRecord record) {
		return (record != null && this.context.decide(demand, record).isUsable()) ? record : null;
	}

	/**
	 * The refresh starts from what Redis says now, not from what is in memory.
	 */
	private void renewInBackground(TokenDemand demand) {
		CompletableFuture<TokenRecord> unused = this.flights.join(demand.key(), () -> this.records.read(demand.key())
			.thenCompose((record) -> new Refresh(this.context, demand, record).start()));
	}

	/**
	 * What is in memory of a record and is as good as asking Redis.
	 * @param key the record
	 * @return the record, or null if Redis has to be asked
	 */
	public @Nullable NearRecord near(TokenKey key) {
		return this.records.confirmedNear(key);
	}

	/**
	 * Until when a record may be handed out without a decision.
	 * @param demand what is wanted
	 * @param record the record
	 * @return the time by the clock of this instance
	 */
	public Instant freshUntil(TokenDemand demand, TokenRecord record) {
		return this.context.freshUntil(demand, record);
	}

	private CompletionStage<TokenRecord> serve(TokenDemand demand, TokenRecord record) {
		RefreshDecision decision = this.context.decide(demand, record);
		return switch (decision.action()) {
			case USE -> CompletableFuture.completedFuture(record);
			case USE_AND_REFRESH -> {
				CompletableFuture<TokenRecord> unused = fly(demand, record);
				yield CompletableFuture.completedFuture(record);
			}
			case REFRESH_FIRST -> this.context.stopPoints()
				.reach(StopPoints.Step.FOUND, demand.key())
				.thenCompose((go) -> bounded(demand, renewed(demand, record)));
			case OBTAIN_UNSHARED -> bounded(demand, this.context.unshared().obtain(demand, record));
			case DECLINE, LOST -> CompletableFuture.failedFuture(this.context.failure(demand, decision, record));
		};
	}

	private CompletableFuture<TokenRecord> fly(TokenDemand demand, TokenRecord record) {
		return this.flights.join(demand.key(), () -> new Refresh(this.context, demand, record).start());
	}

	/**
	 * A flight that was under way may rest on a reading from before the token was refused
	 * and end with that very token: then a second one, which rests on this reading.
	 */
	private CompletionStage<TokenRecord> renewed(TokenDemand demand, TokenRecord record) {
		return fly(demand, record).thenCompose((result) -> (result.generation() == record.generation())
				? fly(demand, record) : CompletableFuture.completedFuture(result));
	}

	/**
	 * Wait on behalf of one caller: with a future of its own, so that cancelling it
	 * cancels nothing else, and no longer than a caller may wait.
	 */
	private CompletionStage<TokenRecord> bounded(TokenDemand demand, CompletionStage<TokenRecord> flight) {
		CompletableFuture<TokenRecord> waiting = new CompletableFuture<>();
		Future<?> timer;
		try {
			timer = this.threads.schedule(() -> waiting.completeExceptionally(this.context.timedOut(demand)),
					demand.policy().callerWait());
		}
		catch (RejectedExecutionException ex) {
			return CompletableFuture.failedFuture(ex);
		}
		flight.whenComplete((record, ex) -> {
			timer.cancel(false);
			if (ex != null) {
				waiting.completeExceptionally(ex);
			}
			else if (isUnended(record)) {
				waiting.complete(record);
			}
			else {
				waiting.completeExceptionally(this.context.timedOut(demand));
			}
		});
		return waiting;
	}

	/**
	 * An answer may come so late that its token has ended already.
	 */
	private boolean isUnended(TokenRecord record) {
		Instant end = record.timing().expiresAt();
		return end == null || this.context.now().isBefore(end);
	}

	/**
	 * Get another token after an API refused one: the stored one if it is another,
	 * otherwise a renewed one; the refused one again if it is too young to be renewed.
	 * @param demand what is wanted
	 * @param refused value of the refused access token
	 * @return as {@link #obtain}
	 */
	public CompletionStage<TokenRecord> replace(TokenDemand demand, String refused) {
		String digest = Digests.sha256(refused);
		this.context.unshared().refuse(demand, digest);
		this.records.refuse(demand.key(), digest);
		return translated(demand.key(),
				this.store.invalidateIf(demand.key(), digest, demand.policy().minInterval()).thenCompose((marked) -> {
					if (marked) {
						this.context.publish(TokenEvent.Type.REFUSED, demand.key(), 0, null);
					}
					return obtain(demand);
				})
					.exceptionallyCompose((ex) -> RecordReader.isAway(ex) ? withoutRedis(demand, ex)
							: CompletableFuture.failedFuture(ex)));
	}

	/**
	 * Read what is stored, without any call to the server. Serves received tokens that
	 * could not be stored yet.
	 * @param key the record
	 * @param policy settings of the registration
	 * @return the tokens, or null if there are none that are usable or renewable without
	 * the user; fails with {@link TokenUnavailableException} if Redis does not answer or
	 * the record is sealed with an unknown key
	 */
	public CompletionStage<@Nullable Tokens> load(TokenKey key, RefreshPolicy policy) {
		return translated(key, this.stored.load(key, policy));
	}

	/**
	 * Store tokens that came from a login. A copy of the stored or of the previous access
	 * token is stale and ignored, unless it was issued later.
	 * @param key the record
	 * @param policy settings of the registration
	 * @param tokens the tokens
	 * @return completes when stored, or, if Redis does not answer, when a grant is kept
	 * in memory until it can be
	 */
	public CompletionStage<@Nullable Void> save(TokenKey key, RefreshPolicy policy, Tokens tokens) {
		return translated(key, this.stored.save(key, policy, tokens));
	}

	/**
	 * Remove a record; what a refresh in flight brings is refused.
	 * @param key the record
	 * @return completes when a tombstone stands in its place
	 */
	public CompletionStage<@Nullable Void> remove(TokenKey key) {
		return translated(key, this.stored.remove(key));
	}

	private <T extends @Nullable Object> CompletionStage<T> translated(TokenKey key, CompletionStage<T> stage) {
		CompletableFuture<T> translated = new CompletableFuture<>();
		stage.whenComplete((value, ex) -> {
			if (ex == null) {
				translated.complete(value);
			}
			else {
				translated.completeExceptionally(this.context.failure(key, ex));
			}
		});
		return translated;
	}

	/**
	 * Wait, at most 10 seconds, for refreshes under way and for tokens that are not
	 * stored yet; then stop the threads and fail callers who still wait.
	 */
	@Override
	public void close() {
		try {
			CompletableFuture.allOf(this.flights.drained(), this.context.unshared().drained())
				.thenCompose((ended) -> this.context.pending().drained())
				.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.warn("Stopped while a refresh was under way or a received token was not stored yet");
		}
		this.threads.close();
		// The timer that bounds their wait is gone.
		RejectedExecutionException stopped = new RejectedExecutionException("The application stops");
		this.flights.abandon(stopped);
		this.context.unshared().abandon(stopped);
	}

}
