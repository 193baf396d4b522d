package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * Waits for a condition, never longer than a bound. Thread-safe.
 */
public final class Await {

	private static final long POLL_NANOS = Duration.ofMillis(1).toNanos();

	private Await() {
	}

	/**
	 * Wait until the condition holds.
	 * @param bound the longest wait
	 * @param condition the condition, asked about once a millisecond
	 * @throws AssertionError if it does not hold within the bound
	 */
	public static void until(Duration bound, BooleanSupplier condition) {
		until("the condition", bound, condition);
	}

	/**
	 * Wait until the condition holds.
	 * @param what what is awaited, for the failure message
	 * @param bound the longest wait
	 * @param condition the condition, asked about once a millisecond
	 * @throws AssertionError if it does not hold within the bound
	 */
	public static void until(String what, Duration bound, BooleanSupplier condition) {
		if (!holdsWithin(bound, condition)) {
			throw new AssertionError("Waited %s in vain for %s".formatted(bound, what));
		}
	}

	/**
	 * Wait until the condition holds or the time is over.
	 * @param bound the longest wait
	 * @param condition the condition, asked about once a millisecond
	 * @return whether it held
	 */
	public static boolean holdsWithin(Duration bound, BooleanSupplier condition) {
		long deadline = System.nanoTime() + bound.toNanos();
		while (!condition.getAsBoolean()) {
			if (System.nanoTime() - deadline >= 0) {
				return false;
			}
			if (Thread.currentThread().isInterrupted()) {
				throw new AssertionError("Interrupted while waiting");
			}
			LockSupport.parkNanos(POLL_NANOS);
		}
		return true;
	}

}
