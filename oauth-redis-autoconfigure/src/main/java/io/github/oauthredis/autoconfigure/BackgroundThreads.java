package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

/**
 * A thread for what neither a caller nor the start-up may wait for: deriving keys,
 * reading a changed key file, looking at the configuration of Redis. It ends when there
 * is nothing to do. Not an executor itself, so that no bean makes those of Spring Boot
 * back off. Thread-safe.
 */
final class BackgroundThreads implements AutoCloseable {

	private static final int THREADS = 1;

	private static final int QUEUE = 10_000;

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final ThreadPoolExecutor executor;

	BackgroundThreads() {
		CustomizableThreadFactory threads = new CustomizableThreadFactory("oauth-redis-background-");
		threads.setDaemon(true);
		threads.setThreadPriority(Thread.MIN_PRIORITY);
		this.executor = new ThreadPoolExecutor(THREADS, THREADS, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new ArrayBlockingQueue<>(QUEUE), threads);
		this.executor.allowCoreThreadTimeOut(true);
	}

	/**
	 * Where tasks are handed in.
	 * @return an executor that rejects tasks when closed or when 10,000 are waiting
	 */
	Executor executor() {
		return this.executor;
	}

	@Override
	public void close() {
		this.executor.shutdownNow();
	}

}
