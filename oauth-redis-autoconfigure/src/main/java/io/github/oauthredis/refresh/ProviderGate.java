package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.resilience.CallGuard.Change;
import io.github.oauthredis.resilience.CallGuard.Outcome;
import io.github.oauthredis.resilience.CallGuard.State;
import io.github.oauthredis.resilience.CallGuard.Status;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.token.TokenKey;

/**
 * Where token requests to one provider must pass, whatever record they are for: it works,
 * it did not ask to be left alone, one of its slots is free, the fleet's budget is not
 * used up. Comes before the lease, so what is refused here writes nothing to any record.
 * Thread-safe.
 * <p>
 * A request with a caller queues; a renewal in the background does not, it gets another
 * chance with the next call. A provider has three quarters of the slots and never all
 * unless there is but one, so one that hangs leaves the rest to others.
 * <p>
 * When a provider that failed may work again, one instance asks it for the whole fleet:
 * the probe. The right to it is in Redis. It ends at once where the probe is answered, so
 * that others follow one after another, and lasts as long as the breaker of the prober
 * where it fails. Without Redis each instance asks for itself.
 */
final class ProviderGate {

	private static final int MAXIMUM_PROVIDERS = 1_000;

	private static final Duration AT_ONCE = Duration.ofMillis(1);

	private static final Duration UNTIL_NEXT_PROBE = Duration.ofSeconds(1);

	private static final Log logger = LogFactory.getLog(ProviderGate.class);

	private final String owner = UUID.randomUUID().toString();

	private final BoundedMap<String, Provider> providers = new BoundedMap<>(MAXIMUM_PROVIDERS);

	private final EngineContext context;

	private final CallGuard guard;

	private final @Nullable Budget budget;

	// Of all providers together.
	private final Slots slots;

	private final int share;

	ProviderGate(EngineContext context, RequestLimits limits, CallGuard guard) {
		this.context = context;
		this.guard = guard;
		this.budget = limits.budget();
		this.slots = new Slots(limits.concurrency());
		this.share = Math.max(limits.concurrency() - Math.max(limits.concurrency() / 4, 1), 1);
	}

	/**
	 * Ask for leave to send a token request.
	 * @param demand what is wanted
	 * @param background whether no caller waits for it
	 * @param giveUpAt when it is too late
	 * @return the pass, which must be ended; fails if the request must not be sent now
	 */
	CompletionStage<Pass> enter(TokenDemand demand, boolean background, Instant giveUpAt) {
		TokenKey key = demand.key();
		Provider provider = provider(key);
		Refusal refusal = refusal(demand, provider, background);
		if (refusal != null) {
			return CompletableFuture.failedFuture(refused(key, refusal));
		}
		Pass pass = new Pass((ended, outcome, failure) -> ended(demand, ended, outcome, failure));
		return pass.take(provider.slots, !background)
			.thenCompose(
					(taken) -> (provider.budget != null) ? provider.budget.admit(pass, demand, background, giveUpAt)
							: CompletableFuture.completedFuture(true))
			.thenCompose((admitted) -> pass.take(this.slots, !background))
			.thenCompose((taken) -> ask(demand, provider, pass))
			.whenComplete((entered, ex) -> {
				if (ex != null) {
					pass.leave();
				}
			});
	}

	/**
	 * Whether it is known already that {@link #enter} would fail for a renewal in the
	 * background.
	 */
	boolean refusesBackground(TokenDemand demand) {
		return refusal(demand, provider(demand.key()), true) != null;
	}

	private @Nullable Refusal refusal(TokenDemand demand, Provider provider, boolean background) {
		Status status = this.guard.status(demand.key().tokenUri());
		if (status.state() == State.OPEN) {
			return circuitOpen(status.retryAt());
		}
		boolean usedUp = background && provider.budget != null && provider.budget.isUsedUp();
		return usedUp ? new Refusal("budget", null) : heldOff(demand, provider);
	}

	private Provider provider(TokenKey key) {
		Provider known = this.providers.get(key.tokenUri());
		if (known != null) {
			return known;
		}
		Provider created = new Provider(this.share,
				(this.budget != null) ? new ProviderBudget(this.context, this.budget) : null);
		Provider before = this.providers.update(key.tokenUri(), (present) -> (present != null) ? present : created);
		return (before != null) ? before : created;
	}

	private static Refusal circuitOpen(@Nullable Instant retryAt) {
		return new Refusal("circuit_open", retryAt);
	}

	private @Nullable Refusal heldOff(TokenDemand demand, Provider provider) {
		Instant until = provider.heldUntil;
		Instant now = this.context.now();
		// Further ahead than it ever was it comes from a clock that was put back since.
		boolean held = until.isAfter(now) && !until.isAfter(now.plus(demand.policy().maxBackoff()));
		return held ? new Refusal(RefreshPolicy.HELD_OFF, until) : null;
	}

	private RuntimeException refused(TokenKey key, Refusal refusal) {
		return CallerFailures.refused(key, refusal.code(), refusal.retryAt());
	}

	/**
	 * Ask once more now that the request could be sent: much may have happened meanwhile.
	 */
	private CompletionStage<Pass> ask(TokenDemand demand, Provider provider, Pass pass) {
		TokenKey key = demand.key();
		Refusal heldOff = heldOff(demand, provider);
		if (heldOff != null) {
			return CompletableFuture.failedFuture(refused(key, heldOff));
		}
		Status status = this.guard.ask(key.tokenUri());
		return switch (status.state()) {
			case CLOSED -> CompletableFuture.completedFuture(pass);
			case HALF_OPEN -> probe(demand, pass);
			case OPEN -> CompletableFuture.failedFuture(refused(key, circuitOpen(status.retryAt())));
		};
	}

	private CompletionStage<Pass> probe(TokenDemand demand, Pass pass) {
		TokenKey key = demand.key();
		return this.context.store().probe(key, this.owner, demand.policy().lease()).handle((granted, ex) -> {
			if (ex != null || granted) {
				return pass.asProbe();
			}
			Duration pause = Duration.ofMillis((long) (UNTIL_NEXT_PROBE.toMillis() * (1 + this.context.random() / 2)));
			this.guard.postpone(key.tokenUri(), pause);
			throw refused(key, circuitOpen(this.context.now().plus(pause)));
		});
	}

	/**
	 * Learn what became of a request.
	 */
	private void ended(TokenDemand demand, Pass pass, Outcome outcome, @Nullable TokenRequestException failure) {
		if (outcome == Outcome.NOT_SENT && !pass.isProbe()) {
			// Only a probe has taken what it must give back.
			return;
		}
		TokenKey key = demand.key();
		if (failure != null) {
			holdOff(demand, failure.getRetryAfter());
		}
		Change change = this.guard.report(key.tokenUri(), outcome);
		if (pass.isProbe()) {
			endProbe(key);
		}
		if (change == Change.OPENED) {
			String cause = (failure != null) ? failure.getCode() : null;
			logger.warn(("The token endpoint of registration '%s' failed repeatedly, at last with '%s'; it is sent no "
					+ "token requests for now, tokens that have not ended are served")
				.formatted(key.registrationId(), cause));
			this.context.publish(TokenEvent.Type.CIRCUIT_OPEN, key, 0, cause);
		}
		else if (change == Change.CLOSED) {
			logger.info("The token endpoint of registration '%s' works again".formatted(key.registrationId()));
			this.context.publish(TokenEvent.Type.CIRCUIT_CLOSED, key, 0, null);
		}
	}

	/**
	 * Tell the whole fleet if the provider asked to be left alone.
	 */
	private void holdOff(TokenDemand demand, @Nullable Duration asked) {
		if (asked == null || asked.isNegative() || asked.isZero()) {
			return;
		}
		Duration longest = demand.policy().maxBackoff();
		Duration time = (asked.compareTo(longest) < 0) ? asked : longest;
		provider(demand.key()).heldUntil = this.context.now().plus(time);
		CompletionStage<@Nullable Void> unused = this.context.store().holdOff(demand.key(), time);
	}

	private void endProbe(TokenKey key) {
		Instant retryAt = this.guard.status(key.tokenUri()).retryAt();
		Duration time = (retryAt != null) ? Duration.between(this.context.now(), retryAt) : AT_ONCE;
		CompletionStage<Boolean> unused = this.context.store()
			.probe(key, this.owner, (time.compareTo(AT_ONCE) > 0) ? time : AT_ONCE);
	}

	/**
	 * Why nothing is sent now: what callers are told of it costs far more.
	 */
	private record Refusal(String code, @Nullable Instant retryAt) {
	}

	/**
	 * What this instance knows of one provider.
	 */
	private static final class Provider {

		private final Slots slots;

		private final @Nullable ProviderBudget budget;

		private volatile Instant heldUntil = Instant.MIN;

		private Provider(int share, @Nullable ProviderBudget budget) {
			this.slots = new Slots(share);
			this.budget = budget;
		}

	}

}
