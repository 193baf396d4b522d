package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;

/**
 * Publishes token events as application events. A listener that fails is logged, once
 * until one succeeds again, and harms nobody else. Thread-safe.
 */
final class ApplicationTokenEvents implements TokenEvents, AutoCloseable {

	private static final Log logger = LogFactory.getLog(ApplicationTokenEvents.class);

	private static final int QUEUE = 1_000;

	private static final Duration IDLE = Duration.ofSeconds(10);

	private final ApplicationEventPublisher publisher;

	private final AtomicBoolean failing = new AtomicBoolean();

	private final ThreadPoolExecutor executor;

	ApplicationTokenEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
		CustomizableThreadFactory thread = new CustomizableThreadFactory("oauth-redis-events-");
		thread.setDaemon(true);
		this.executor = new ThreadPoolExecutor(1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new ArrayBlockingQueue<>(QUEUE), thread, (task, rejecting) -> logger
					.debug("An event was not told: the application stops, or listeners are 1,000 events behind"));
		this.executor.allowCoreThreadTimeOut(true);
	}

	@Override
	public void publish(TokenEvent event) {
		this.executor.execute(() -> tell(event));
	}

	private void tell(TokenEvent event) {
		try {
			this.publisher.publishEvent(event);
			this.failing.set(false);
		}
		catch (Throwable ex) {
			String message = "A listener failed on event %s of registration '%s'; tokens are not affected"
				.formatted(event.type(), event.registrationId());
			if (this.failing.compareAndSet(false, true)) {
				logger.warn(message, ex);
			}
			else {
				logger.debug(message, ex);
			}
		}
	}

	/**
	 * Tell what waits to be told, for at most a second.
	 */
	@Override
	public void close() {
		this.executor.shutdown();
		try {
			if (!this.executor.awaitTermination(1, TimeUnit.SECONDS)) {
				this.executor.shutdownNow();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.executor.shutdownNow();
		}
	}

}
