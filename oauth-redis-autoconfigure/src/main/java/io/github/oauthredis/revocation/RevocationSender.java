package io.github.oauthredis.revocation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.scheduling.concurrent.CustomizableThreadFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.resilience.Backoff;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.RevocationOutbox.Claim;
import io.github.oauthredis.store.RevocationOutbox.Entry;
import io.github.oauthredis.token.Digests;

/**
 * Empties the outbox: each instance looks into it every two seconds, and when it released
 * something itself, and sends what is due, at most four at once, as long as there is
 * something. What an instance took and did not settle, because it died, becomes visible
 * to others again. After a failure nothing is sent for that registration for a while.
 * Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RevocationSender implements AutoCloseable {

	private static final int THREADS = 4;

	private static final Duration LOOK = Duration.ofSeconds(2);

	private static final Duration IDLE = Duration.ofSeconds(10);

	private static final Duration LONGEST_RETRY_AFTER = Duration.ofDays(1);

	private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5));

	private static final Log logger = LogFactory.getLog(RevocationSender.class);

	private final BoundedMap<String, Pause> pauses = new BoundedMap<>(10_000);

	private final Semaphore helpers = new Semaphore(THREADS - 1);

	private final RevocationOutbox outbox;

	private final RevocationEndpoint endpoint;

	private final TokenEvents events;

	private final Clock clock;

	private final Duration hidden;

	private final Duration look;

	private final ScheduledThreadPoolExecutor threads;

	/**
	 * Create a sender that does nothing before it is started.
	 * @param outbox what to send
	 * @param endpoint where to send it
	 * @param events hears what was sent
	 * @param clock local clock
	 * @param hidden how long nobody else sends what an instance took; longer than sending
	 * lasts
	 */
	public RevocationSender(RevocationOutbox outbox, RevocationEndpoint endpoint, TokenEvents events, Clock clock,
			Duration hidden) {
		this(outbox, endpoint, events, clock, hidden, LOOK);
	}

	RevocationSender(RevocationOutbox outbox, RevocationEndpoint endpoint, TokenEvents events, Clock clock,
			Duration hidden, Duration look) {
		this.outbox = outbox;
		this.endpoint = endpoint;
		this.events = events;
		this.clock = clock;
		this.hidden = hidden;
		this.look = look;
		CustomizableThreadFactory factory = new CustomizableThreadFactory("oauth-redis-revocation-");
		factory.setDaemon(true);
		this.threads = new ScheduledThreadPoolExecutor(THREADS, factory);
		this.threads.setKeepAliveTime(IDLE.toMillis(), TimeUnit.MILLISECONDS);
		this.threads.allowCoreThreadTimeOut(true);
		this.threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
	}

	/**
	 * Begin to look into the outbox.
	 */
	public void start() {
		this.outbox.onRelease(this::help);
		lookLater(this.look);
	}

	private void lookLater(Duration pause) {
		// Not all instances at once.
		double jittered = pause.toMillis() * (1 + 0.2 * ThreadLocalRandom.current().nextDouble());
		try {
			Future<?> unused = this.threads.schedule(this::look, (long) jittered, TimeUnit.MILLISECONDS);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("What is left in the outbox is sent by others, or after the next start");
		}
	}

	private void look() {
		Duration pause = this.look;
		try {
			pause = sendAll();
		}
		catch (RuntimeException ex) {
			logger.debug("The outbox of revocations cannot be read; it is tried again", ex);
		}
		finally {
			lookLater(pause);
		}
	}

	/**
	 * Send until nothing is due.
	 * @return how long nothing will be
	 */
	private Duration sendAll() {
		while (true) {
			Claim claim = get(this.outbox.claim(this.hidden));
			Entry entry = claim.entry();
			if (entry != null) {
				help();
				send(entry);
			}
			else if (!claim.pause().isZero()) {
				return (claim.pause().compareTo(this.look) < 0) ? claim.pause() : this.look;
			}
			if (this.threads.isShutdown()) {
				return this.look;
			}
		}
	}

	/**
	 * Where one is due there may be more.
	 */
	private void help() {
		if (this.helpers.tryAcquire()) {
			try {
				this.threads.execute(() -> {
					try {
						sendAll();
					}
					catch (RuntimeException ex) {
						logger.debug("The outbox of revocations cannot be read; it is tried again", ex);
					}
					finally {
						this.helpers.release();
					}
				});
			}
			catch (RejectedExecutionException ex) {
				this.helpers.release();
			}
		}
	}

	private void send(Entry entry) {
		Pause pause = this.pauses.get(entry.registrationId());
		Instant now = this.clock.instant();
		if (pause != null && now.isBefore(pause.until())) {
			get(this.outbox.settle(entry, Duration.between(now, pause.until())));
			return;
		}
		RevocationAnswer answer = answer(entry);
		switch (answer.outcome()) {
			case DONE -> {
				this.pauses.update(entry.registrationId(), (before) -> null);
				settle(entry, null, TokenEvent.Type.REVOCATION_SENT, null);
			}
			case NOTHING -> get(this.outbox.settle(entry, null));
			case RETRY -> settle(entry, delay(entry, answer), TokenEvent.Type.REVOCATION_FAILED, answer.code());
			case REFUSED -> settle(entry, null, TokenEvent.Type.REVOCATION_FAILED, "given_up:" + answer.code());
		}
	}

	private RevocationAnswer answer(Entry entry) {
		try {
			return this.endpoint.revoke(entry.registrationId(), entry.tokens());
		}
		catch (RuntimeException ex) {
			return new RevocationAnswer(RevocationAnswer.Outcome.RETRY, "unexpected", null);
		}
	}

	/**
	 * As long as the provider asks for; else longer with each failure in a row of the
	 * registration, and with the age of an entry that fails while others succeed.
	 */
	private Duration delay(Entry entry, RevocationAnswer answer) {
		Pause before = this.pauses.get(entry.registrationId());
		int failures = (before != null) ? before.failures() : 0;
		Duration delay = BACKOFF.delay(failures, ThreadLocalRandom.current().nextDouble());
		Duration asked = answer.retryAfter();
		if (asked != null && asked.compareTo(delay) > 0) {
			delay = (asked.compareTo(LONGEST_RETRY_AFTER) < 0) ? asked : LONGEST_RETRY_AFTER;
		}
		Pause next = new Pause(failures + 1, this.clock.instant().plus(delay));
		this.pauses.update(entry.registrationId(), (any) -> next);
		Duration aged = (entry.age().compareTo(BACKOFF.max()) < 0) ? entry.age() : BACKOFF.max();
		return (aged.compareTo(delay) > 0) ? aged : delay;
	}

	private void settle(Entry entry, @Nullable Duration again, TokenEvent.Type type, @Nullable String detail) {
		get(this.outbox.settle(entry, again));
		String principalName = entry.tokens().principalName();
		this.events.publish(new TokenEvent(type, entry.registrationId(), entry.record().digest(),
				(principalName != null) ? Digests.sha256(principalName) : null, 0, detail));
	}

	/**
	 * Every stage has a deadline of its own.
	 */
	private static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
		try {
			return stage.toCompletableFuture().join();
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof RuntimeException cause) ? cause : ex;
		}
	}

	/**
	 * Take no more. Waits for nothing: what is being sent and does not end in time is
	 * sent again by another instance.
	 */
	@Override
	public void close() {
		this.threads.shutdown();
	}

	private record Pause(int failures, Instant until) {
		// Time without requests for one registration.
	}

}
