package io.github.oauthredis.resilience;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;

/**
 * One circuit breaker of Resilience4j for each provider that failed: opens after so many
 * failures in a row, and after a while lets one probe pass. Remembers 1,000 providers.
 * Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class CircuitBreakerCallGuard implements CallGuard {

	private static final int MAXIMUM_PROVIDERS = 1_000;

	private static final Duration SHORTEST = Duration.ofMillis(1);

	// While one caller's probe is under way, the others come back soon.
	private static final Duration DURING_PROBE = Duration.ofSeconds(1);

	private final BoundedMap<String, Breaker> breakers = new BoundedMap<>(MAXIMUM_PROVIDERS);

	private final CircuitBreakerConfig config;

	private final Duration openFor;

	private final Clock clock;

	/**
	 * Create a guard.
	 * @param failureThreshold failures in a row that open a breaker
	 * @param openFor how long it stays open before a probe; at least a millisecond counts
	 * @param clock local clock
	 */
	public CircuitBreakerCallGuard(int failureThreshold, Duration openFor, Clock clock) {
		this.openFor = (openFor.compareTo(SHORTEST) > 0) ? openFor : SHORTEST;
		this.clock = clock;
		// All of the last n calls failed: with that, n in a row are exactly what opens
		// it.
		this.config = CircuitBreakerConfig.custom()
			.slidingWindow(failureThreshold, failureThreshold, CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
			.failureRateThreshold(100)
			.permittedNumberOfCallsInHalfOpenState(1)
			.waitDurationInOpenState(this.openFor)
			.clock(clock)
			.build();
	}

	@Override
	public Status ask(String provider) {
		Breaker breaker = this.breakers.get(provider);
		return (breaker != null) ? breaker.ask() : Status.CLOSED;
	}

	@Override
	public Status status(String provider) {
		Breaker breaker = this.breakers.get(provider);
		return (breaker != null) ? breaker.status() : Status.CLOSED;
	}

	@Override
	public Change report(String provider, Outcome outcome) {
		Breaker breaker = this.breakers.get(provider);
		if (breaker == null && outcome == Outcome.FAILED) {
			this.breakers.update(provider, (present) -> (present != null) ? present : new Breaker());
			breaker = this.breakers.get(provider);
		}
		return (breaker != null) ? breaker.report(outcome) : Change.NONE;
	}

	@Override
	public void postpone(String provider, Duration time) {
		Breaker breaker = this.breakers.get(provider);
		if (breaker != null) {
			breaker.postpone((time.compareTo(SHORTEST) > 0) ? time : SHORTEST);
		}
	}

	/**
	 * One provider. The lock makes one step of a change and of the news of it; who only
	 * looks takes none, and may see a change a moment later.
	 */
	private final class Breaker {

		private final ReentrantLock lock = new ReentrantLock();

		// Guarded by lock for changes. Its name is logged, the provider's is not.
		private final CircuitBreaker breaker = CircuitBreaker.of("token-endpoint", CircuitBreakerCallGuard.this.config);

		// Guarded by lock for changes.
		private volatile Wait wait = new Wait(Instant.MIN, Instant.MIN);

		Status ask() {
			Status status = status();
			return (status.state() != State.HALF_OPEN) ? status : askForProbe();
		}

		private Status askForProbe() {
			this.lock.lock();
			try {
				endWait();
				if (this.breaker.tryAcquirePermission()) {
					return isState(CircuitBreaker.State.HALF_OPEN) ? Status.HALF_OPEN : Status.CLOSED;
				}
				Instant soon = CircuitBreakerCallGuard.this.clock.instant().plus(DURING_PROBE);
				return new Status(State.OPEN, isState(CircuitBreaker.State.OPEN) ? this.wait.until() : soon);
			}
			finally {
				this.lock.unlock();
			}
		}

		Status status() {
			CircuitBreaker.State state = this.breaker.getState();
			if (state == CircuitBreaker.State.CLOSED) {
				return Status.CLOSED;
			}
			Wait wait = this.wait;
			boolean waiting = state == CircuitBreaker.State.OPEN && isUnderWay(wait);
			return waiting ? new Status(State.OPEN, wait.until()) : Status.HALF_OPEN;
		}

		Change report(Outcome outcome) {
			this.lock.lock();
			try {
				CircuitBreaker.State before = this.breaker.getState();
				switch (outcome) {
					case ANSWERED -> this.breaker.onSuccess(0, TimeUnit.NANOSECONDS);
					case FAILED ->
						this.breaker.onError(0, TimeUnit.NANOSECONDS, new IllegalStateException("The provider failed"));
					case NOT_SENT -> this.breaker.releasePermission();
				}
				if (isState(before)) {
					return Change.NONE;
				}
				if (isState(CircuitBreaker.State.CLOSED)) {
					return Change.CLOSED;
				}
				openFor(CircuitBreakerCallGuard.this.openFor);
				return (before == CircuitBreaker.State.CLOSED) ? Change.OPENED : Change.NONE;
			}
			finally {
				this.lock.unlock();
			}
		}

		void postpone(Duration time) {
			this.lock.lock();
			try {
				if (isState(CircuitBreaker.State.HALF_OPEN)) {
					this.breaker.transitionToOpenStateFor(time);
					openFor(time);
				}
			}
			finally {
				this.lock.unlock();
			}
		}

		private void openFor(Duration time) {
			Instant now = CircuitBreakerCallGuard.this.clock.instant();
			this.wait = new Wait(now, now.plus(time));
		}

		/**
		 * Resilience4j would wait for a clock that was put back to come up again.
		 */
		private void endWait() {
			if (isState(CircuitBreaker.State.OPEN) && !isUnderWay(this.wait)) {
				this.breaker.transitionToHalfOpenState();
			}
		}

		private boolean isUnderWay(Wait wait) {
			Instant now = CircuitBreakerCallGuard.this.clock.instant();
			return now.isBefore(wait.until()) && !now.isBefore(wait.since());
		}

		private boolean isState(CircuitBreaker.State state) {
			return Objects.equals(this.breaker.getState(), state);
		}

	}

	/**
	 * For how long an open breaker lets nothing pass.
	 */
	private record Wait(Instant since, Instant until) {
	}

}
