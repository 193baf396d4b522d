package io.github.oauthredis.resilience;

import java.time.Duration;

/**
 * Exponential back-off with jitter. Pure.
 *
 * @param min shortest delay
 * @param max longest delay
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Backoff(Duration min, Duration max) {

	public Backoff {
		if (min.isNegative() || min.compareTo(max) > 0) {
			throw new IllegalArgumentException(
					"'min' must not be negative or above 'max', but was %s and %s".formatted(min, max));
		}
	}

	/**
	 * Delay after a number of failures in a row.
	 * @param failures failures so far; 0 or less counts as none
	 * @param random a number in [0, 1) that spreads the delays of several instances
	 * @return a delay within [min, max]
	 */
	public Duration delay(int failures, double random) {
		double doubled = nanos(this.min) * Math.pow(2, Math.min(Math.max(failures, 0), 62));
		double spread = Math.min(doubled, nanos(this.max)) * (1 + 0.2 * random);
		Duration delay = Duration.ofNanos((long) spread);
		if (delay.compareTo(this.min) < 0) {
			return this.min;
		}
		return (delay.compareTo(this.max) > 0) ? this.max : delay;
	}

	private static double nanos(Duration duration) {
		return duration.toSeconds() * 1e9 + duration.toNanosPart();
	}

}
