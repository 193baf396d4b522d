package io.github.oauthredis.refresh;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * A number of slots and a queue of 1,000 before them. Thread-safe; blocks nobody.
 */
final class Slots {

	private static final int MAXIMUM_QUEUE = 1_000;

	private final ReentrantLock lock = new ReentrantLock();

	// Guarded by lock.
	private final Deque<CompletableFuture<Boolean>> queue = new ArrayDeque<>();

	// Guarded by lock.
	private int free;

	// Guarded by lock: whether a thread hands out slots to those who wait.
	private boolean serving;

	Slots(int count) {
		this.free = count;
	}

	/**
	 * Take a slot.
	 * @param queues whether to queue if none is free
	 * @return completes when the caller has one; fails at once if none is free for who
	 * does not queue, or if too many wait
	 */
	CompletionStage<Boolean> take(boolean queues) {
		this.lock.lock();
		try {
			if (this.free > 0 && this.queue.isEmpty()) {
				this.free--;
				return CompletableFuture.completedFuture(true);
			}
			if (!queues || this.queue.size() >= MAXIMUM_QUEUE) {
				return CompletableFuture.failedFuture(new RejectedExecutionException("Too many token requests"));
			}
			CompletableFuture<Boolean> waiting = new CompletableFuture<>();
			this.queue.add(waiting);
			return waiting;
		}
		finally {
			this.lock.unlock();
		}
	}

	void giveBack() {
		this.lock.lock();
		try {
			this.free++;
			if (this.serving) {
				return;
			}
			this.serving = true;
		}
		finally {
			this.lock.unlock();
		}
		serve();
	}

	/**
	 * Hand out what is free, one after another: a waiter that returns its slot at once
	 * gets here again, and must not do so deeper and deeper in the stack.
	 */
	private void serve() {
		for (CompletableFuture<Boolean> next = next(); next != null; next = next()) {
			next.complete(true);
		}
	}

	private @Nullable CompletableFuture<Boolean> next() {
		this.lock.lock();
		try {
			CompletableFuture<Boolean> next = (this.free > 0) ? this.queue.poll() : null;
			if (next != null) {
				this.free--;
			}
			else {
				this.serving = false;
			}
			return next;
		}
		finally {
			this.lock.unlock();
		}
	}

}
