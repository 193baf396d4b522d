package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * Threads for what neither a caller nor the start-up may wait for: deriving keys, reading
 * changed keys, looking at the configuration of Redis. They end when there is nothing to
 * do. Not an executor itself, so that no bean makes those of Spring Boot back off.
 * Thread-safe.
 */
final class BackgroundThreads implements AutoCloseable {

	private static final int QUEUE = 10_000;

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final ThreadPoolExecutor executor = thread("oauth-redis-background-");

	private final ThreadPoolExecutor patient = thread("oauth-redis-keys-");

	private static ThreadPoolExecutor thread(String name) {
		CustomizableThreadFactory threads = new CustomizableThreadFactory(name);
		threads.setDaemon(true);
		threads.setThreadPriority(Thread.MIN_PRIORITY);
		ThreadPoolExecutor executor = new ThreadPoolExecutor(1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new ArrayBlockingQueue<>(QUEUE), threads);
		executor.allowCoreThreadTimeOut(true);
		return executor;
	}

	/**
	 * Where tasks are handed in.
	 * @return an executor that rejects tasks when closed or when 10,000 are waiting
	 */
	Executor executor() {
		return this.executor;
	}

	/**
	 * Where a part of the application is asked that may hang, so that only the next
	 * question to it waits.
	 * @return another such executor
	 */
	Executor patient() {
		return this.patient;
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
		this.patient.shutdownNow();
	}

}
