package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.springframework.core.task.SimpleAsyncTaskExecutor;

/**
 * Threads on which token requests are sent, one for each, and the timer. Thread-safe.
 * {@link Slots} bound how many are sent at once.
 */
final class EngineThreads implements AutoCloseable {

	private final SimpleAsyncTaskExecutor executor = new SimpleAsyncTaskExecutor("oauth-redis-");

	private final ScheduledThreadPoolExecutor timer;

	EngineThreads(boolean virtualThreads) {
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

	@Override
	public void close() {
		this.timer.shutdownNow();
		this.executor.close();
	}

}
