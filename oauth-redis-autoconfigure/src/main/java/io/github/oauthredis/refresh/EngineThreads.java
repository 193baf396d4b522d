package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Threads on which token requests are sent, one for each, and the timer. Thread-safe.
 * <p>
 * A request that runs past its deadline may linger for a late answer, as long as no more
 * linger than may be sent at once.
 */
final class EngineThreads implements AutoCloseable {

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("oauth-redis-");

	private final ScheduledThreadPoolExecutor timer;

	private final Semaphore lingering;

	EngineThreads(int concurrency, boolean virtualThreads) {
		this.lingering = new Semaphore(concurrency);
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

	void execute(Runnable task) {
		this.executor.execute(task);
	}

	ScheduledFuture<?> schedule(Runnable task, Duration delay) {
		return this.timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
	}

	/**
	 * Wait without a thread.
	 * @param delay how long
	 * @return completes on the timer's thread; fails if the application stops
	 */
	CompletionStage<Boolean> after(Duration delay) {
		CompletableFuture<Boolean> waiting = new CompletableFuture<>();
		try {
			ScheduledFuture<?> unused = schedule(() -> waiting.complete(true), delay);
		}
		catch (RejectedExecutionException ex) {
			waiting.completeExceptionally(ex);
		}
		return waiting;
	}

	/**
	 * Ask whether one more request may linger.
	 * @return {@code true} if it may, and {@link #lingered()} must be called when it ends
	 */
	boolean mayLinger() {
		return this.lingering.tryAcquire();
	}

	void lingered() {
		this.lingering.release();
	}

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.executor.close();
	}

}
