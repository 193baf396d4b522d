package io.github.oauthredis.refresh;

import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A number of slots and a queue of 1,000 before them, a few more when many threads come
 * at once. Thread-safe without a lock.
 * <p>
 * Whoever queues does so before it is counted. So for each slot that is given to the
 * queue there is one in it, whichever thread comes between.
 */
final class Slots {

	private static final int MAXIMUM_QUEUE = 1_000;

	private final Queue<CompletableFuture<Boolean>> queue;

	// Below zero as many as wait.
	private final AtomicInteger free;

	// Slots on their way to those who wait.
	private final AtomicInteger due = new AtomicInteger();

	Slots(int count) {
		this(count, new ConcurrentLinkedQueue<>());
	}

	Slots(int count, Queue<CompletableFuture<Boolean>> queue) {
		this.free = new AtomicInteger(count);
		this.queue = queue;
	}

	/**
	 * Take a slot.
	 * @param queues whether to queue if none is free
	 * @return completes when the caller has one; fails at once if none is free for who
	 * does not queue, or if too many wait
	 */
	CompletionStage<Boolean> take(boolean queues) {
		int free = this.free.getAndUpdate((count) -> (count > 0) ? count - 1 : count);
		if (free > 0) {
			return CompletableFuture.completedFuture(true);
		}
		if (!queues || free <= -MAXIMUM_QUEUE) {
			return CompletableFuture.failedFuture(new RejectedExecutionException("Too many token requests"));
		}
		CompletableFuture<Boolean> waiting = new CompletableFuture<>();
		this.queue.add(waiting);
		if (this.free.getAndDecrement() > 0) {
			// One was given back meanwhile.
			serve();
		}
		return waiting;
	}

	void giveBack() {
		if (this.free.getAndIncrement() < 0) {
			serve();
		}
	}

	/**
	 * Give a slot to who waits longest. One thread at a time does so, for all who get
	 * here: a waiter that returns its slot at once gets here again, and must not do so
	 * deeper and deeper in the stack.
	 */
	private void serve() {
		if (this.due.getAndIncrement() == 0) {
			do {
				Objects.requireNonNull(this.queue.poll()).complete(true);
			}
			while (this.due.decrementAndGet() > 0);
		}
	}

}
