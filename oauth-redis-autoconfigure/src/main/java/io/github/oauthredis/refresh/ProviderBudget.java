package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Admission;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.token.TokenKey;

/**
 * Keeps what this instance sends to one provider within the budget of the fleet. One
 * request at a time asks Redis: one with a caller waits until it is admitted, too late or
 * no longer needed, a renewal in the background neither queues nor waits. Thread-safe.
 */
final class ProviderBudget {

	// Without Redis nobody knows what others sent.
	private static final Admission UNKNOWN = new Admission(true, Duration.ZERO);

	private static final Duration SHORTEST_WAIT = Duration.ofMillis(10);

	// By then another instance may have got the token.
	private static final Duration LONGEST_WAIT = Duration.ofMillis(250);

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
	 * Take a token request out of the budget. It is put back if nothing is sent.
	 * @param pass leave to send it
	 * @param demand what is wanted
	 * @param background whether no caller waits for it
	 * @param giveUpAt when it is too late
	 * @return completes when it may be sent; fails if it may not in time or need not
	 */
	CompletionStage<Boolean> admit(Pass pass, TokenDemand demand, boolean background, Instant giveUpAt) {
		return this.turn.take(!background)
			.thenCompose((taken) -> (background ? askOnce(pass, demand.key()) : askUntil(giveUpAt, pass, demand))
				.whenComplete((admitted, ex) -> this.turn.giveBack()));
	}

	/**
	 * Whether nothing was left for the background a moment ago.
	 */
	boolean isUsedUp() {
		Instant now = this.context.now();
		return now.isBefore(this.usedUpAt.plus(PAUSE)) && !now.isBefore(this.usedUpAt);
	}

	private CompletionStage<Boolean> askOnce(Pass pass, TokenKey key) {
		return ask(pass, key, true).thenApply((admission) -> {
			if (!admission.admitted()) {
				this.usedUpAt = this.context.now();
				throw refused(key, this.usedUpAt.plus(admission.retryAfter()));
			}
			return true;
		});
	}

	private CompletionStage<Boolean> askUntil(Instant giveUpAt, Pass pass, TokenDemand demand) {
		TokenKey key = demand.key();
		if (!this.context.now().isBefore(giveUpAt)) {
			return CompletableFuture.failedFuture(CallerFailures.timedOut(demand));
		}
		return ask(pass, key, false).thenCompose((admission) -> {
			if (admission.admitted()) {
				return CompletableFuture.completedFuture(true);
			}
			Instant next = this.context.now().plus(admission.retryAfter());
			if (next.isAfter(giveUpAt)) {
				return CompletableFuture.failedFuture(refused(key, next));
			}
			return this.context.records().read(key).thenCompose((record) -> {
				if (!this.context.needsRequest(demand, record)) {
					return CompletableFuture.failedFuture(refused(key, next));
				}
				return this.context.threads()
					.after(pause(admission.retryAfter()))
					.thenCompose((waited) -> askUntil(giveUpAt, pass, demand));
			});
		});
	}

	private CompletionStage<Admission> ask(Pass pass, TokenKey key, boolean background) {
		if (this.context.records().isAway()) {
			return CompletableFuture.completedFuture(UNKNOWN);
		}
		return this.context.store().admit(key, this.budget, background).thenApply((admission) -> {
			if (admission.admitted()) {
				pass.ifUnsent(() -> giveBack(key));
			}
			return admission;
		}).exceptionally((ex) -> UNKNOWN);
	}

	private void giveBack(TokenKey key) {
		CompletionStage<@Nullable Void> unused = this.context.store().giveBack(key, this.budget);
	}

	private RuntimeException refused(TokenKey key, Instant next) {
		return CallerFailures.refused(key, "budget", next);
	}

	private static Duration pause(Duration least) {
		if (least.compareTo(LONGEST_WAIT) > 0) {
			return LONGEST_WAIT;
		}
		return (least.compareTo(SHORTEST_WAIT) > 0) ? least : SHORTEST_WAIT;
	}

}
