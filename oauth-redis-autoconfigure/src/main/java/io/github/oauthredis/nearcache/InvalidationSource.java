package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.resilience.Backoff;

/**
 * Has every upstream node of Redis tell of changes, on connections and a thread of its
 * own, and tells a listener. After any break it starts anew: connections, requests to be
 * told, proofs. Where Redis does not track (no permission, a proxy, an old protocol) it
 * listens to what writers publish, and never confirms; where that is refused as well, the
 * listener stays disarmed. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class InvalidationSource implements AutoCloseable {

	private static final Duration BEAT = Duration.ofSeconds(1);

	private static final Duration WHEN_REFUSED = Duration.ofSeconds(30);

	private static final Duration JOIN = Duration.ofSeconds(2);

	private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(25), Duration.ofSeconds(1));

	// Attempts in a row, over some seconds.
	private static final int MANY = 10;

	private static final String FAILING = "Redis does not tell of changes now, because every attempt to listen fails, "
			+ "so each use of a token asks Redis. Further attempts follow";

	private static final Log logger = LogFactory.getLog(InvalidationSource.class);

	private final LettuceConnectionFactory connectionFactory;

	private final String keyPrefix;

	private final Duration timeout;

	private final Clock clock;

	private final InvalidationListener listener;

	private final String instance = UUID.randomUUID().toString();

	private final CountDownLatch closed = new CountDownLatch(1);

	private final Thread thread = new Thread(this::run, "oauth-redis-invalidations");

	// Apart, because connecting may take long.
	private final Thread clockThread = new Thread(this::watchClock, "oauth-redis-clock");

	// Only used by that thread.
	private final ClockWatch watch;

	// Released when the present attempt has to end; each has its own, so that what an
	// earlier one leaves behind does not count.
	private volatile Semaphore broken = new Semaphore(0);

	// The rest is only used by the first thread.
	private String said = "";

	private int failures;

	/**
	 * Create a source.
	 * @param connectionFactory where connections come from
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one command
	 * @param clock local clock
	 * @param listener hears of changes
	 */
	public InvalidationSource(LettuceConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			Clock clock, InvalidationListener listener) {
		this.connectionFactory = connectionFactory;
		this.keyPrefix = keyPrefix;
		this.timeout = timeout;
		this.clock = clock;
		this.listener = listener;
		this.watch = new ClockWatch(clock.millis(), System.nanoTime());
		this.thread.setDaemon(true);
		this.clockThread.setDaemon(true);
	}

	/**
	 * Start. Returns at once, whether Redis is there or not.
	 */
	public void start() {
		this.thread.start();
		this.clockThread.start();
	}

	private void run() {
		try {
			Duration pause = Duration.ZERO;
			while (!this.closed.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
				pause = listen();
			}
		}
		catch (InterruptedException ex) {
			// Closed.
		}
	}

	/**
	 * Every deadline that was reckoned before the clock was set is wrong.
	 */
	private void watchClock() {
		try {
			while (!this.closed.await(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
				if (this.watch.jumped(this.clock.millis(), System.nanoTime())) {
					this.listener.changedAll();
					this.broken.release();
				}
			}
		}
		catch (InterruptedException ex) {
			// Nobody does that.
		}
	}

	/**
	 * Listen until something breaks.
	 * @return the time to wait before the next attempt
	 */
	private Duration listen() throws InterruptedException {
		try {
			if (!track() && !subscribe()) {
				say("Redis does not tell of changes, neither by CLIENT TRACKING in RESP3 nor by Pub/Sub, so each use of a token "
						+ "asks Redis. Permit '+client|tracking', or set 'oauth-redis.near-cache.enabled=false'");
				return WHEN_REFUSED;
			}
		}
		catch (RuntimeException ex) {
			logger.debug("The connection on which Redis tells of changes failed", ex);
			if (this.failures == MANY) {
				this.said = FAILING;
				logger.warn(FAILING, ex);
			}
		}
		finally {
			this.listener.disarmed();
		}
		return BACKOFF.delay(this.failures++, ThreadLocalRandom.current().nextDouble());
	}

	private boolean track() throws InterruptedException {
		Semaphore broken = new Semaphore(0);
		this.broken = broken;
		try (Connections connections = new Connections(this.connectionFactory, this.timeout)) {
			TrackedNodes nodes = new TrackedNodes(connections, this.keyPrefix, this.instance, this.listener,
					broken::release);
			if (!nodes.arm()) {
				return false;
			}
			if (this.said.equals(FAILING)) {
				logger.info("Redis tells of changes again");
			}
			this.said = "";
			beat(nodes::areAlive, this.listener::confirmed, broken);
			return true;
		}
	}

	private boolean subscribe() throws InterruptedException {
		Semaphore broken = new Semaphore(0);
		this.broken = broken;
		try (Connections connections = new Connections(this.connectionFactory, this.timeout)) {
			PublishedKeys published = new PublishedKeys(connections, this.listener, broken::release);
			if (!published.arm(this.keyPrefix + ":changed")) {
				return false;
			}
			say("Redis does not tell of changes by itself (CLIENT TRACKING in RESP3), so tokens in memory live no longer than "
					+ "'oauth-redis.near-cache.max-staleness'. Permit '+client|tracking' and connect without a proxy");
			// What is published may come late or never, so nothing is confirmed.
			beat(published::isAlive, (until) -> {
			}, broken);
			return true;
		}
	}

	private void beat(BooleanSupplier alive, Consumer<Instant> confirmed, Semaphore broken)
			throws InterruptedException {
		this.listener.armed();
		this.failures = 0;
		while (!isClosed()) {
			Instant before = this.clock.instant();
			if (!alive.getAsBoolean()) {
				return;
			}
			confirmed.accept(before);
			if (broken.tryAcquire(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
				return;
			}
		}
	}

	private boolean isClosed() {
		return this.closed.getCount() == 0;
	}

	private void say(String warning) {
		if (!warning.equals(this.said)) {
			this.said = warning;
			logger.warn(warning);
		}
	}

	/**
	 * Stop listening, within two seconds.
	 */
	@Override
	public void close() {
		this.closed.countDown();
		this.thread.interrupt();
		try {
			this.thread.join(JOIN.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
