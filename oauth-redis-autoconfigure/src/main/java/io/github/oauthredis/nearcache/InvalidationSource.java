package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.resilience.Backoff;

/**
 * Has every upstream node of Redis tell of changes, on connections and a thread of its
 * own, and tells a listener. After any break it starts anew: connections, requests to be
 * told, proofs. Where Redis does not tell (no permission, a proxy, an old protocol) the
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

	private static final Log logger = LogFactory.getLog(InvalidationSource.class);

	private final LettuceConnectionFactory connectionFactory;

	private final String keyPrefix;

	private final Duration timeout;

	private final Clock clock;

	private final InvalidationListener listener;

	private final String instance = UUID.randomUUID().toString();

	private final Semaphore broken = new Semaphore(0);

	private final Semaphore closing = new Semaphore(0);

	private final Thread thread = new Thread(this::run, "oauth-redis-invalidations");

	private volatile boolean closed;

	// Both only used by the thread.
	private boolean warned;

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
		this.thread.setDaemon(true);
	}

	/**
	 * Start. Returns at once, whether Redis is there or not.
	 */
	public void start() {
		this.thread.start();
	}

	private void run() {
		try {
			boolean ended = false;
			while (!ended && !this.closed) {
				ended = this.closing.tryAcquire(listen().toMillis(), TimeUnit.MILLISECONDS);
			}
		}
		catch (InterruptedException ex) {
			// Closed.
			this.listener.disarmed();
		}
	}

	/**
	 * Listen until something breaks.
	 * @return the time to wait before the next attempt
	 */
	private Duration listen() throws InterruptedException {
		this.broken.drainPermits();
		boolean refused = false;
		try (TrackedNodes nodes = new TrackedNodes(this.connectionFactory, this.keyPrefix, this.instance, this.timeout,
				this.listener, this::onBroken)) {
			if (nodes.arm()) {
				beat(nodes);
			}
			refused = nodes.isRefused();
		}
		catch (RedisCommandExecutionException ex) {
			refused = true;
			logger.debug("Redis refused to tell of changes", ex);
		}
		catch (RedisException | IllegalStateException ex) {
			logger.debug("The connection on which Redis tells of changes failed", ex);
		}
		finally {
			this.listener.disarmed();
		}
		if (refused && !this.warned) {
			this.warned = true;
			logger.warn("Redis does not tell of changes (CLIENT TRACKING in RESP3), so each use of a token asks Redis. "
					+ "Permit '+client|tracking' and connect without a proxy, or set 'oauth-redis.near-cache.enabled=false'");
		}
		return refused ? WHEN_REFUSED : BACKOFF.delay(this.failures++, ThreadLocalRandom.current().nextDouble());
	}

	private void beat(TrackedNodes nodes) throws InterruptedException {
		ClockWatch watch = new ClockWatch(this.clock.millis(), System.nanoTime());
		this.listener.armed();
		this.failures = 0;
		this.warned = false;
		while (!this.closed) {
			Instant before = this.clock.instant();
			if (!nodes.areAlive()) {
				return;
			}
			if (watch.jumped(this.clock.millis(), System.nanoTime())) {
				this.listener.changedAll();
			}
			this.listener.confirmed(before);
			if (this.broken.tryAcquire(BEAT.toMillis(), TimeUnit.MILLISECONDS)) {
				return;
			}
		}
	}

	private void onBroken() {
		this.listener.disarmed();
		this.broken.release();
	}

	/**
	 * Stop listening, within two seconds.
	 */
	@Override
	public void close() {
		this.closed = true;
		this.closing.release();
		this.thread.interrupt();
		try {
			this.thread.join(JOIN.toMillis());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
