package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * Issued tokens for this instance alone, used while the shared record is sealed with a
 * key it does not know, or Redis does not answer. At most 1,000, and at most one token
 * request per minimum interval. Thread-safe.
 */
final class UnsharedTokens {

	static final TokenRecord NOTHING = new TokenRecord(State.ABSENT, 0, 1, null, null, Timing.NONE, Marks.NONE);

	private static final String UNSHARED = "unshared";

	private final BoundedMap<TokenKey, TokenRecord> records = new BoundedMap<>(1_000);

	private final SingleFlight flights = new SingleFlight();

	private final EngineContext context;

	UnsharedTokens(EngineContext context) {
		this.context = context;
	}

	/**
	 * Get a token.
	 * @param demand what is wanted
	 * @param locked reading of the shared record, whose marks count here, too
	 */
	CompletionStage<TokenRecord> obtain(TokenDemand demand, TokenRecord locked) {
		TokenRecord record = current(demand, locked);
		RefreshDecision decision = this.context.decide(demand, record);
		return switch (decision.action()) {
			case USE -> CompletableFuture.completedFuture(record);
			case USE_AND_REFRESH -> {
				CompletableFuture<TokenRecord> unused = request(demand, locked);
				yield CompletableFuture.completedFuture(record);
			}
			case REFRESH_FIRST, OBTAIN_UNSHARED -> request(demand, locked);
			case DECLINE, LOST -> CompletableFuture.failedFuture(CallerFailures.of(demand, decision, record));
		};
	}

	CompletableFuture<Void> drained() {
		return this.flights.drained();
	}

	void abandon(RejectedExecutionException ex) {
		this.flights.abandon(ex);
	}

	/**
	 * Mark a token as refused if it is the one that is used here and not too young.
	 */
	void refuse(TokenDemand demand, String refused) {
		this.records.update(demand.key(), (record) -> {
			if (record == null || record.tokens() == null || !record.tokens().accessToken().equals(refused)
					|| this.context.decide(demand, withoutEnd(record)).action() == RefreshDecision.Action.DECLINE) {
				return record;
			}
			return withoutEnd(record);
		});
	}

	private static TokenRecord withoutEnd(TokenRecord record) {
		Timing timing = record.timing();
		return new TokenRecord(
				record.state(), 0, 1, record.tokens(), record.detail(), new Timing(timing.expiresAt(),
						timing.writtenAt(), true, 0, null, timing.failures(), timing.nextAttemptAt(), null, null),
				Marks.NONE);
	}

	private TokenRecord current(TokenDemand demand, TokenRecord locked) {
		TokenRecord record = this.records.get(demand.key());
		if (record != null && record.tokens() != null && locked.equals(NOTHING)
				&& !this.context.records().isServable(record)) {
			// There are no marks to compare with, and it may have been revoked.
			record = null;
		}
		return ((record != null) ? record : NOTHING).checked(locked.marks(), locked.timing().heldUntil());
	}

	private CompletableFuture<TokenRecord> request(TokenDemand demand, TokenRecord locked) {
		return this.flights.join(demand.key(), () -> {
			CompletableFuture<TokenRecord> result = new CompletableFuture<>();
			TokenRecord before = current(demand, locked);
			if (this.context.decide(demand, before).action() == RefreshDecision.Action.USE) {
				return CompletableFuture.completedFuture(before);
			}
			boolean background = this.context.decide(demand, before).isUsable();
			Instant giveUpAt = this.context.now().plus(demand.policy().callerWait());
			return this.context.gate().enter(demand, background, giveUpAt).thenCompose((pass) -> {
				new TokenExchange(this.context.threads(), this.context.clock(), demand.policy().callTimeout(), pass,
						new Listener(demand, before, result))
					.send(demand.source(), before.liveTokens());
				return result;
			});
		});
	}

	private final class Listener implements TokenExchange.Listener {

		private final TokenDemand demand;

		private final TokenRecord before;

		private final CompletableFuture<TokenRecord> result;

		private Listener(TokenDemand demand, TokenRecord before, CompletableFuture<TokenRecord> result) {
			this.demand = demand;
			this.before = before;
			this.result = result;
		}

		@Override
		public void answered(TokenAnswer answer, Instant sentAt) {
			Tokens tokens = Renewal.apply(this.demand.key(), this.before, answer, sentAt);
			Life life = this.demand.policy().life(this.demand.key(), tokens, null, sentAt);
			Duration interval = this.demand.policy().interval(tokens);
			TokenRecord record = put(tokens, null,
					new Timing(life.expiresAt(), sentAt, false, 0, null, 0, sentAt.plus(interval), null, null));
			this.result.complete(record);
			UnsharedTokens.this.context.publish(TokenEvent.Type.OBTAINED, this.demand.key(), 0, UNSHARED);
		}

		@Override
		public void failed(TokenRequestException failure) {
			Duration delay = this.demand.policy().delay(this.before, failure, UnsharedTokens.this.context.random());
			Timing timing = this.before.timing();
			put(this.before.tokens(), failure.getCode(),
					new Timing(timing.expiresAt(), timing.writtenAt(), timing.refused(), 0, null, timing.failures() + 1,
							UnsharedTokens.this.context.now().plus(delay), null, null));
			this.result.completeExceptionally(
					CallerFailures.of(this.demand, failure, UnsharedTokens.this.context.now().plus(delay)));
			UnsharedTokens.this.context.publish(TokenEvent.Type.FAILED, this.demand.key(), 0, failure.getCode());
		}

		@Override
		public void notSent(RejectedExecutionException ex) {
			this.result.completeExceptionally(ex);
		}

		private TokenRecord put(@Nullable Tokens tokens, @Nullable String detail, Timing timing) {
			TokenRecord record = new TokenRecord((tokens != null) ? State.LIVE : State.ABSENT, 0, 1, tokens, detail,
					timing, Marks.NONE);
			UnsharedTokens.this.records.update(this.demand.key(), (before) -> record);
			return record;
		}

	}

}
