package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.github.oauthredis.store.Admission;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.token.TokenKey;

/**
 * Keeps what this instance sends to one provider within the budget of the fleet. One
 * request at a time asks Redis: one with a caller waits until it is admitted or too late,
 * a renewal in the background neither queues nor waits. Thread-safe.
 */
final class ProviderBudget {

	private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

	// Between two questions for the background while nothing is left for it.
	private static final Duration PAUSE = Duration.ofSeconds(1);

	private final Slots turn = new Slots(1);

	private final EngineContext context;

	private final Budget budget;

	private volatile Instant usedUpAt = Instant.MIN;

	ProviderBudget(EngineContext context, Budget budget) {
		this.context = context;
		this.budget = budget;
	}

	/**
	 * Take a token request out of the budget.
	 * @param key the record
	 * @param background whether no caller waits for it
	 * @param giveUpAt when it is too late
	 * @return completes when it may be sent; fails if it may not in time
	 */
	CompletionStage<Boolean> admit(TokenKey key, boolean background, Instant giveUpAt) {
		return this.turn.take(!background)
			.thenCompose(
					(taken) -> ask(key, background, giveUpAt).whenComplete((admitted, ex) -> this.turn.giveBack()));
	}

	/**
	 * Whether nothing was left for the background a moment ago.
	 */
	boolean isUsedUp() {
		Instant now = this.context.now();
		return now.isBefore(this.usedUpAt.plus(PAUSE)) && !now.isBefore(this.usedUpAt);
	}

	private CompletionStage<Boolean> ask(TokenKey key, boolean background, Instant giveUpAt) {
		if (this.context.records().isAway()) {
			return CompletableFuture.completedFuture(true);
		}
		return this.context.store()
			.admit(key, this.budget, background)
			// Without Redis nobody knows what others sent.
			.exceptionally((ex) -> new Admission(true, Duration.ZERO))
			.thenCompose((admission) -> {
				if (admission.admitted()) {
					return CompletableFuture.completedFuture(true);
				}
				Duration least = admission.retryAfter();
				Duration wait = (least.compareTo(SHORTEST_WAIT) > 0) ? least : SHORTEST_WAIT;
				Instant now = this.context.now();
				if (background) {
					this.usedUpAt = now;
				}
				if (background || now.plus(wait).isAfter(giveUpAt)) {
					return CompletableFuture.failedFuture(this.context.refused(key, "budget", now.plus(wait)));
				}
				return this.context.threads().after(wait).thenCompose((waited) -> ask(key, false, giveUpAt));
			});
	}

}
