package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;
import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Threads on which token requests are sent, and the timer. Thread-safe.
 * <p>
 * A token request needs a slot, of which there are as many as may be sent at once; 1,000
 * more may queue for one. A request that runs past its deadline gives its slot back and
 * may linger for a late answer, as long as no more linger than there are slots.
 */
final class EngineThreads implements AutoCloseable {

	private static final int MAXIMUM_QUEUE = 1_000;

	private final ReentrantLock lock = new ReentrantLock();

	// Guarded by lock.
	private final Deque<CompletableFuture<Boolean>> queue = new ArrayDeque<>();

	// Guarded by lock.
	private int free;

	// Guarded by lock: whether a thread hands out slots to those who wait.
	private boolean serving;

	// Guarded by lock.
	private int lingering;

	private final int slots;

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("oauth-redis-");

	private final ScheduledThreadPoolExecutor timer;

	EngineThreads(int slots, boolean virtualThreads) {
		this.slots = slots;
		this.free = slots;
		this.executor.setDaemon(true);
		if (virtualThreads) {
			this.executor.setVirtualThreads(true);
		}
		this.timer = new ScheduledThreadPoolExecutor(1, (task) -> {
			Thread thread = new Thread(task, "oauth-redis-timer");
			thread.setDaemon(true);
			return thread;
		});
		this.timer.setRemoveOnCancelPolicy(true);
		this.timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
	}

	/**
	 * Take a slot.
	 * @return completes when the caller has one; fails at once if too many wait
	 */
	CompletionStage<Boolean> takeSlot() {
		this.lock.lock();
		try {
			if (this.free > 0 && this.queue.isEmpty()) {
				this.free--;
				return CompletableFuture.completedFuture(true);
			}
			if (this.queue.size() >= MAXIMUM_QUEUE) {
				return CompletableFuture
					.failedFuture(new RejectedExecutionException("1,000 token requests wait already"));
			}
			CompletableFuture<Boolean> waiting = new CompletableFuture<>();
			this.queue.add(waiting);
			return waiting;
		}
		finally {
			this.lock.unlock();
		}
	}

	void returnSlot() {
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

	/**
	 * Ask whether one more request may linger.
	 * @return {@code true} if it may, and {@link #lingered()} must be called when it ends
	 */
	boolean mayLinger() {
		this.lock.lock();
		try {
			if (this.lingering >= this.slots) {
				return false;
			}
			this.lingering++;
			return true;
		}
		finally {
			this.lock.unlock();
		}
	}

	void lingered() {
		this.lock.lock();
		try {
			this.lingering--;
		}
		finally {
			this.lock.unlock();
		}
	}

	void execute(Runnable task) {
		this.executor.execute(task);
	}

	ScheduledFuture<?> schedule(Runnable task, Duration delay) {
		return this.timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.executor.close();
	}

}
