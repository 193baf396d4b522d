package io.github.oauthredis.crypto;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

import com.nimbusds.jose.jwk.source.JWKSource;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;

/**
 * Keys of a JWK Set that is read again while the application runs. A set that cannot be
 * read any more or holds nonsense leaves the keys as they were and is warned about once.
 * A first key that arrives while the application runs opens at once, but seals only after
 * a delay, so that all instances know it by then. Thread-safe; never blocks: the set is
 * read through the executor, in intervals and where a record names an unknown key.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class WatchedKeys implements ExplicitKeys {

	/*
	 * Looks follow each other: one is only claimed, by compare-and-set, after the last
	 * one has completed. So what looks change has one writer at a time.
	 */

	private static final Log logger = LogFactory.getLog(WatchedKeys.class);

	private static final Duration FIRST_LOOK = Duration.ofSeconds(10);

	private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

	private final KeyReader reader;

	private final Duration delay;

	private final Clock clock;

	private final Executor executor;

	private final AtomicReference<Look> lastLook;

	private volatile Known known;

	private boolean broken;

	private WatchedKeys(KeyReader reader, List<SealingKey> keys, Duration delay, Clock clock, Executor executor) {
		this.reader = reader;
		this.delay = delay;
		this.clock = clock;
		this.executor = executor;
		this.lastLook = new AtomicReference<>(new Look(clock.millis(), CompletableFuture.completedFuture(true)));
		this.known = new Known(keys, null, Map.of());
	}

	/**
	 * Read a JWK Set file for the first time.
	 * @param location where it is
	 * @param delay how long a key that arrives later only opens before it seals
	 * @param clock clock that spaces the looks at the file
	 * @param executor runs these looks, which read a small file
	 * @return its keys
	 * @throws SealingKeyException if it is no JWK Set of sealing keys
	 */
	public static WatchedKeys ofFile(Resource location, Duration delay, Clock clock, Executor executor) {
		JwkSetFile file = new JwkSetFile(location);
		return new WatchedKeys(file, Objects.requireNonNull(file.read()), delay, clock, executor);
	}

	/**
	 * Ask a source for the first time, and wait for the answer for ten seconds at most.
	 * @param source the source, which may block
	 * @param place what to call it in messages
	 * @param delay how long a key that arrives later only opens before it seals
	 * @param clock clock that spaces the questions
	 * @param executor asks them
	 * @return its keys
	 * @throws SealingKeyException if it does not give sealing keys
	 */
	public static WatchedKeys ofSource(JWKSource<?> source, String place, Duration delay, Clock clock,
			Executor executor) {
		JwkSourceKeys reader = new JwkSourceKeys(source, place);
		CompletableFuture<List<SealingKey>> first = CompletableFuture.supplyAsync(reader::read, executor)
			.orTimeout(FIRST_LOOK.toSeconds(), TimeUnit.SECONDS);
		try {
			return new WatchedKeys(reader, first.join(), delay, clock, executor);
		}
		catch (CompletionException ex) {
			throw (ex.getCause() instanceof SealingKeyException known) ? known
					: new SealingKeyException("JWK Set of %s was not given within %s".formatted(place, FIRST_LOOK));
		}
	}

	@Override
	public List<SealingKey> current() {
		CompletableFuture<Boolean> unused = look(this.reader.interval());
		return inUse();
	}

	@Override
	public CompletionStage<List<SealingKey>> renewed() {
		CompletableFuture<Boolean> look = look(this.reader.pause());
		if (look.isDone()) {
			return CompletableFuture.completedFuture(inUse());
		}
		return look.copy()
			.completeOnTimeout(true, LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS)
			// Callers go on neither on the executor nor on the thread that ends waits.
			.thenApplyAsync((done) -> inUse());
	}

	private CompletableFuture<Boolean> look(Duration interval) {
		long now = this.clock.millis();
		Look last = Objects.requireNonNull(this.lastLook.get());
		if (!last.ended.isDone() || !isOver(last.startedAt, interval, now)) {
			return last.ended;
		}
		Look next = new Look(now, new CompletableFuture<>());
		if (!this.lastLook.compareAndSet(last, next)) {
			return look(interval);
		}
		try {
			this.executor.execute(() -> {
				try {
					look();
				}
				finally {
					next.ended.complete(true);
				}
			});
		}
		catch (RejectedExecutionException ex) {
			logger.debug("Sealing keys were not read again, as the executor is busy or closed");
			next.ended.complete(true);
		}
		return next.ended;
	}

	private void look() {
		try {
			List<SealingKey> read = this.reader.read();
			if (read != null && (this.broken || !read.equals(this.known.keys))) {
				take(read);
			}
		}
		catch (RuntimeException ex) {
			if (!this.broken) {
				this.broken = true;
				logger.warn("Sealing keys cannot be read again; those read before stay in use. "
						+ ((ex instanceof SealingKeyException) ? ex.getMessage() : ex.getClass().getName()));
			}
		}
	}

	private void take(List<SealingKey> keys) {
		this.broken = false;
		Known before = this.known;
		Map<SealingKey, Long> arrivals = new HashMap<>();
		keys.forEach((key) -> {
			Long arrival = before.keys.contains(key) ? before.arrivals.get(key) : Long.valueOf(this.clock.millis());
			if (arrival != null) {
				arrivals.put(key, arrival);
			}
		});
		SealingKey sealing = inUse().get(0);
		Known after = new Known(keys, keys.contains(sealing) ? first(sealing, keys) : null, Map.copyOf(arrivals));
		this.known = after;
		SealingKey seals = inUse().get(0);
		logger.info("JWK Set of %s has changed; its keys are in use and key '%s' seals".formatted(this.reader.place(),
				seals.id())
				+ (seals.equals(keys.get(0)) ? ""
						: ", as key '%s' was not known here for %s".formatted(keys.get(0).id(), this.delay)));
	}

	private static List<SealingKey> first(SealingKey first, List<SealingKey> keys) {
		List<SealingKey> sorted = new ArrayList<>(List.of(first));
		keys.stream().filter((key) -> !key.equals(first)).forEach(sorted::add);
		return List.copyOf(sorted);
	}

	private List<SealingKey> inUse() {
		Known known = this.known;
		Long arrival = known.arrivals.get(known.keys.get(0));
		boolean settled = arrival == null || isOver(arrival, this.delay, this.clock.millis());
		return (known.before == null || settled) ? known.keys : known.before;
	}

	/**
	 * The distance counts in both directions, or a clock set back would stop everything.
	 */
	private static boolean isOver(long start, Duration time, long now) {
		return Math.abs(now - start) >= time.toMillis();
	}

	/**
	 * A reading of the keys.
	 */
	private record Look(long startedAt, CompletableFuture<Boolean> ended) {
	}

	/**
	 * Keys that were read.
	 *
	 * @param keys in the order of the set
	 * @param before in the order that holds until the first of the set may seal; null if
	 * it may at once
	 * @param arrivals when keys arrived that were not there from the start
	 */
	private record Known(List<SealingKey> keys, @Nullable List<SealingKey> before, Map<SealingKey, Long> arrivals) {
	}

}
