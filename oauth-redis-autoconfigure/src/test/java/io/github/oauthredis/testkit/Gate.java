package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Parks whoever wants to pass until the test lets them go. Thread-safe.
 */
public final class Gate implements AutoCloseable {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private int held; // guarded by lock

	private int passes; // guarded by lock

	private boolean open; // guarded by lock

	/**
	 * Wait at the gate, at most a minute.
	 * @throws AssertionError if nobody opens it
	 */
	public void pass() {
		this.lock.lock();
		try {
			this.held++;
			this.changed.signalAll();
			if (!await(BOUND.multipliedBy(2), () -> this.open || this.passes > 0)) {
				throw new AssertionError("Nobody opened the gate");
			}
			this.passes -= this.open ? 0 : 1;
		}
		finally {
			this.held--;
			this.changed.signalAll();
			this.lock.unlock();
		}
	}

	/**
	 * Return how many wait at the gate now.
	 * @return the number of those who wait
	 */
	public int held() {
		this.lock.lock();
		try {
			return this.held - this.passes;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Wait until so many wait at the gate.
	 * @param count the number of those who wait, or more
	 * @return this gate
	 * @throws AssertionError if they do not come within half a minute
	 */
	public Gate awaitHeld(int count) {
		this.lock.lock();
		try {
			if (!await(BOUND, () -> this.held - this.passes >= count)) {
				throw new AssertionError("%d came to the gate instead of %d".formatted(this.held - this.passes, count));
			}
			return this;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let one pass: who waits, else who comes next.
	 */
	public void releaseOne() {
		this.lock.lock();
		try {
			this.passes++;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Let all pass, now and from now on.
	 */
	public void release() {
		this.lock.lock();
		try {
			this.open = true;
			this.passes = 0;
			this.changed.signalAll();
		}
		finally {
			this.lock.unlock();
		}
	}

	@Override
	public void close() {
		release();
	}

	private boolean await(Duration bound, BooleanSupplier condition) {
		long nanos = bound.toNanos();
		try {
			while (!condition.getAsBoolean()) {
				if (nanos <= 0) {
					return false;
				}
				nanos = this.changed.awaitNanos(nanos);
			}
			return true;
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

}
