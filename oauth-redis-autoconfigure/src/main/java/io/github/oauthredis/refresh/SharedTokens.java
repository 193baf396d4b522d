package io.github.oauthredis.refresh;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * Tokens that the fleet shares, for whoever calls: from memory, from Redis, or renewed
 * first. Where Redis does not answer or the record is locked, tokens for this instance
 * alone take their place. Thread-safe; never blocks.
 */
final class SharedTokens {

	private final EngineContext context;

	private final RecordReader records;

	private final SingleFlight flights;

	private final BoundedMap<TokenKey, Refusals> refusals = new BoundedMap<>(1_000);

	SharedTokens(EngineContext context, SingleFlight flights) {
		this.context = context;
		this.records = context.records();
		this.flights = flights;
	}

	/**
	 * Get a token that may be sent now, renewing it if need be.
	 */
	CompletionStage<TokenRecord> obtain(TokenDemand demand) {
		TokenRecord waiting = this.context.pending().find(demand.key());
		TokenRecord known = (waiting != null) ? waiting : this.records.confirmed(demand.key());
		if (known != null) {
			RefreshDecision decision = this.context.decide(demand, known);
			if (waiting == null && decision.action() == RefreshDecision.Action.USE_AND_REFRESH) {
				renewInBackground(demand);
			}
			if (decision.isUsable() && (waiting == null || mayServe(demand.key(), waiting))) {
				return CompletableFuture.completedFuture(known);
			}
		}
		if (waiting != null) {
			// Its refresh token counts, so it has to be stored before anything else.
			return CallerFailures.translated(demand.key(),
					this.context.pending().settle(demand.key()).thenCompose((settled) -> read(demand)));
		}
		return CallerFailures.translated(demand.key(),
				(this.records.isAway() && !this.records.mayAskAgain()) ? withoutRedis(demand, null) : read(demand));
	}

	private boolean mayServe(TokenKey key, TokenRecord waiting) {
		return this.records.isServable(waiting) && !this.context.pending().isDoubted(key);
	}

	/**
	 * Get another token after an API refused one.
	 */
	CompletionStage<TokenRecord> replace(TokenDemand demand, String refused) {
		count(demand.key());
		this.context.unshared().refuse(demand, refused);
		this.records.refuse(demand.key(), refused);
		CompletionStage<TokenRecord> other = this.context.store()
			.invalidateIf(demand.key(), Digests.sha256(refused), demand.policy().minInterval())
			.thenCompose((marked) -> {
				if (marked) {
					this.context.publish(TokenEvent.Type.REFUSED, demand.key(), 0, null);
				}
				return obtain(demand);
			})
			.thenCompose((record) -> record.requireTokens().accessToken().equals(refused) ? askAgain(demand)
					: CompletableFuture.completedFuture(record))
			.exceptionallyCompose(
					(ex) -> RecordReader.isAway(ex) ? withoutRedis(demand, ex) : CompletableFuture.failedFuture(ex));
		return CallerFailures.translated(demand.key(), other);
	}

	private void count(TokenKey key) {
		Instant now = this.context.now();
		Refusals before = this.refusals.update(key, (present) -> Refusals.after(present, now));
		if (Refusals.after(before, now).isUnusualAfter(before)) {
			this.context.publish(TokenEvent.Type.REFUSED_OFTEN, key, 0, null);
		}
	}

	/**
	 * Who had asked Redis before the refusal was noted there may have brought the refused
	 * token into memory after it.
	 */
	private CompletionStage<TokenRecord> askAgain(TokenDemand demand) {
		this.records.forget(demand.key());
		return obtain(demand);
	}

	private CompletionStage<TokenRecord> read(TokenDemand demand) {
		TokenRecord copy = this.records.isAway() ? usable(demand, this.records.inOutage(demand.key())) : null;
		CompletionStage<TokenRecord> read = this.records.read(demand.key());
		if (copy != null) {
			// Finds out whether Redis is back; nobody has to wait for that.
			this.records.servedStale(demand.key(), copy);
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
			this.records.servedStale(demand.key(), copy);
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
		if (!this.context.gate().refusesBackground(demand)) {
			CompletableFuture<TokenRecord> unused = this.flights.join(demand.key(),
					() -> this.records.read(demand.key())
						.thenCompose((record) -> new Refresh(this.context, demand, record).start()));
		}
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
			case DECLINE, LOST -> CompletableFuture.failedFuture(CallerFailures.of(demand, decision, record));
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
			timer = this.context.threads()
				.schedule(() -> waiting.completeExceptionally(CallerFailures.timedOut(demand)),
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
				waiting.completeExceptionally(CallerFailures.timedOut(demand));
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

}
