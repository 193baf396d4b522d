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
import io.github.oauthredis.token.TokenKey;

/**
 * Where token requests to one provider must pass, whatever record they are for: it works,
 * it did not ask to be left alone, the fleet's budget is not used up, a slot is free.
 * Comes before the lease, so what is refused here writes nothing to any record.
 * Thread-safe.
 * <p>
 * When a provider that failed may work again, one instance asks it for the whole fleet:
 * the probe. The right to it is in Redis. It ends at once where the probe is answered, so
 * that others follow one after another, and lasts as long as the breaker of the prober
 * where it fails. Without Redis each instance asks for itself.
 */
final class ProviderGate {

	private static final Duration AT_ONCE = Duration.ofMillis(1);

	private static final Duration UNTIL_NEXT_PROBE = Duration.ofSeconds(1);

	private static final int MAXIMUM_HOLDS = 1_000;

	private static final Log logger = LogFactory.getLog(ProviderGate.class);

	private final String owner = UUID.randomUUID().toString();

	// What this instance was asked to keep to; Redis tells of the others.
	private final BoundedMap<String, Pause> holds = new BoundedMap<>(MAXIMUM_HOLDS);

	private final EngineContext context;

	private final CallGuard guard;

	private final Slots slots;

	private final BudgetLine budget;

	ProviderGate(EngineContext context, CallGuard guard, RequestLimits limits) {
		this.context = context;
		this.guard = guard;
		this.slots = new Slots(limits.concurrency(), limits.concurrencyPerProvider());
		this.budget = new BudgetLine(context, limits.budget());
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
		RuntimeException refusal = refusal(key);
		if (refusal != null) {
			return CompletableFuture.failedFuture(refusal);
		}
		return this.budget.admit(key, background, giveUpAt)
			.thenCompose((admitted) -> this.slots.take(key.tokenUri(), background))
			.thenCompose((slot) -> pass(demand, slot));
	}

	/**
	 * Refuse at once what would be refused later.
	 */
	private @Nullable RuntimeException refusal(TokenKey key) {
		Status status = this.guard.status(key.tokenUri());
		return (status.state() != State.OPEN) ? heldOff(key)
				: this.context.refused(key, "circuit_open", status.retryAt());
	}

	private @Nullable RuntimeException heldOff(TokenKey key) {
		Pause hold = this.holds.get(key.tokenUri());
		return (hold != null && hold.lasts(this.context.now()))
				? this.context.refused(key, RefreshPolicy.HELD_OFF, hold.until()) : null;
	}

	private CompletionStage<Pass> pass(TokenDemand demand, Slots.Slot slot) {
		TokenKey key = demand.key();
		RuntimeException heldOff = heldOff(key);
		if (heldOff != null) {
			slot.giveBack();
			return CompletableFuture.failedFuture(heldOff);
		}
		Status status = this.guard.ask(key.tokenUri());
		return switch (status.state()) {
			case CLOSED -> CompletableFuture.completedFuture(new Pass(this::ended, key, slot, false));
			case HALF_OPEN -> probe(demand, slot);
			case OPEN -> {
				slot.giveBack();
				yield CompletableFuture.failedFuture(this.context.refused(key, "circuit_open", status.retryAt()));
			}
		};
	}

	private CompletionStage<Pass> probe(TokenDemand demand, Slots.Slot slot) {
		TokenKey key = demand.key();
		return this.context.store().probe(key, this.owner, demand.policy().lease()).handle((granted, ex) -> {
			if (ex != null || granted) {
				return new Pass(this::ended, key, slot, true);
			}
			Duration pause = Duration.ofMillis((long) (UNTIL_NEXT_PROBE.toMillis() * (1 + this.context.random() / 2)));
			this.guard.postpone(key.tokenUri(), pause);
			slot.giveBack();
			throw this.context.refused(key, "circuit_open", this.context.now().plus(pause));
		});
	}

	/**
	 * Learn what became of a request.
	 */
	private void ended(Pass pass, Outcome outcome, @Nullable String cause) {
		if (outcome == Outcome.NOT_SENT && !pass.isProbe()) {
			// Only a probe has taken what it must give back.
			return;
		}
		TokenKey key = pass.key();
		Change change = this.guard.report(key.tokenUri(), outcome);
		if (pass.isProbe()) {
			endProbe(key);
		}
		if (change == Change.OPENED) {
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

	private void endProbe(TokenKey key) {
		Instant retryAt = this.guard.status(key.tokenUri()).retryAt();
		Duration time = (retryAt != null) ? Duration.between(this.context.now(), retryAt) : AT_ONCE;
		CompletionStage<Boolean> unused = this.context.store()
			.probe(key, this.owner, (time.compareTo(AT_ONCE) > 0) ? time : AT_ONCE);
	}

	/**
	 * Tell the whole fleet if the provider asked to be left alone.
	 * @param demand for what the request was sent
	 * @param failure how it failed
	 * @return completes when told; never fails
	 */
	CompletionStage<@Nullable Void> holdOff(TokenDemand demand, TokenRequestException failure) {
		Duration asked = failure.getRetryAfter();
		if (asked == null || asked.isNegative() || asked.isZero()) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		Duration longest = demand.policy().maxBackoff();
		Duration time = (asked.compareTo(longest) < 0) ? asked : longest;
		Pause hold = Pause.of(this.context.now(), time);
		this.holds.update(demand.key().tokenUri(),
				(present) -> (present != null && present.until().isAfter(hold.until())) ? present : hold);
		return this.context.store().holdOff(demand.key(), time).exceptionally((ex) -> null);
	}

}
