package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;
import org.springframework.util.function.SingletonSupplier;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;

/**
 * Tells events to audits and publishes them as application events, in their order. A
 * listener that fails is logged, once until it succeeds again, and harms nobody else;
 * events that listeners are too slow for are counted and reported once a minute.
 * Thread-safe.
 */
final class ApplicationTokenEvents implements TokenEvents, AutoCloseable {

	private static final Log logger = LogFactory.getLog(ApplicationTokenEvents.class);

	private static final int QUEUE = 1_000;

	private static final Duration IDLE = Duration.ofSeconds(10);

	private static final Duration QUIET = Duration.ofMinutes(1);

	private final Listener<TokenEvent> audits;

	private final Listener<Object> application;

	private final Clock clock;

	private final AtomicInteger untold = new AtomicInteger();

	// When it was reported last that events were not told, in milliseconds.
	private final AtomicLong reportedAt = new AtomicLong();

	private final ThreadPoolExecutor executor;

	/**
	 * Create a teller.
	 * @param publisher publishes to the application
	 * @param audits hear each event first; asked for with the first event, because an
	 * audit may need what publishes events
	 * @param instance what they are told about who tells it
	 * @param clock local clock
	 */
	ApplicationTokenEvents(ApplicationEventPublisher publisher, Supplier<Stream<TokenAudit>> audits, String instance,
			Clock clock) {
		this.application = new Listener<>(publisher::publishEvent);
		Supplier<List<Listener<TokenEvent>>> all = SingletonSupplier.of(() -> audits.get()
			.map((audit) -> new Listener<TokenEvent>((event) -> audit.record(event, instance)))
			.toList());
		this.audits = new Listener<>((event) -> all.get().forEach((audit) -> audit.tell(event, what(event))));
		this.clock = clock;
		CustomizableThreadFactory thread = new CustomizableThreadFactory("oauth-redis-events-");
		thread.setDaemon(true);
		this.executor = new ThreadPoolExecutor(1, 1, IDLE.toMillis(), TimeUnit.MILLISECONDS,
				new ArrayBlockingQueue<>(QUEUE), thread, (task, rejecting) -> {
					this.untold.incrementAndGet();
					reportUntoldIfDue();
				});
		this.executor.allowCoreThreadTimeOut(true);
	}

	@Override
	public void publish(TokenEvent event) {
		this.executor.execute(() -> {
			this.audits.tell(event, what(event));
			this.application.tell(event, what(event));
			reportUntoldIfDue();
		});
	}

	private static String what(TokenEvent event) {
		return "event %s of registration '%s'".formatted(event.type(), event.registrationId());
	}

	@Override
	public void grantLost(GrantLostEvent event) {
		this.executor.execute(() -> this.application.tell(event, "a lost grant"));
	}

	private void reportUntoldIfDue() {
		long last = this.reportedAt.get();
		long now = this.clock.millis();
		if (this.untold.get() > 0 && Math.abs(now - last) >= QUIET.toMillis()
				&& this.reportedAt.compareAndSet(last, now)) {
			reportUntold();
		}
	}

	private void reportUntold() {
		int count = this.untold.getAndSet(0);
		if (count > 0) {
			logger.warn(("%d events were neither told nor audited: listeners are 1,000 events behind, or the "
					+ "application stops")
				.formatted(count));
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
				this.untold.addAndGet(this.executor.shutdownNow().size());
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			this.untold.addAndGet(this.executor.shutdownNow().size());
		}
		reportUntold();
	}

	/**
	 * One who is told, on the thread of the events.
	 *
	 * @param <E> type of what is told
	 */
	private static final class Listener<E> {

		private final Consumer<E> consumer;

		private volatile boolean failing;

		private Listener(Consumer<E> consumer) {
			this.consumer = consumer;
		}

		private void tell(E event, String what) {
			try {
				this.consumer.accept(event);
				this.failing = false;
			}
			catch (Throwable ex) {
				String message = "A listener failed on %s; tokens are not affected".formatted(what);
				if (!this.failing) {
					logger.warn(message, ex);
				}
				else {
					logger.debug(message, ex);
				}
				this.failing = true;
			}
		}

	}

}
