package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * Opened records in memory. What Redis tells of changes makes them unusable at once; what
 * nobody has confirmed for a while is not used as long as Redis answers. Thread-safe;
 * never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class NearCache implements InvalidationListener {

	/*
	 * No stale fill. Whoever reads notes the counters of the record and of its marks, the
	 * era and the present coverage before the question is sent, and a record is only as
	 * good as these notes: a change raises a counter, a flush the era, a disconnect and a
	 * new start replace the coverage. All are compared again at each hit, not only when a
	 * record is put here, so it does not matter in which order an answer and the news of
	 * a change arrive, nor how long the thread between them sleeps.
	 */

	private static final int STRIPES_PER_RECORD = 4;

	// How often others disturb a record depends on what the fleet writes, however little
	// is held here: with a thousand writes a second about once a minute, for 256 KB.
	private static final int FEWEST_STRIPES = 1 << 16;

	private static final int MOST_STRIPES = 1 << 20;

	private final Cache<TokenKey, NearRecord> records;

	private final Stripes changes;

	// Apart, because a record must stay usable in an outage whatever was written before.
	private final Stripes marks;

	// Those who wait for a change, by name in Redis.
	private final ConcurrentMap<String, CompletableFuture<Boolean>> watches = new ConcurrentHashMap<>();

	// Raised when everything that was read before is known to be stale.
	private final AtomicInteger era = new AtomicInteger();

	private final ReentrantLock lock = new ReentrantLock();

	// Replaced under lock, so that no replacement is lost.
	private volatile Coverage coverage = Coverage.NONE;

	private final RedisKeys keys;

	private final long maximumSize;

	private final long maxStaleness;

	private final long outageStaleness;

	private final Clock clock;

	/**
	 * Create a cache.
	 * @param maximumSize most records to hold
	 * @param maxStaleness longest use of a record that nobody has confirmed
	 * @param outageStaleness how much longer it may be used while Redis does not answer
	 * @param keys names in Redis
	 * @param clock local clock
	 */
	public NearCache(long maximumSize, Duration maxStaleness, Duration outageStaleness, RedisKeys keys, Clock clock) {
		this.records = Caffeine.newBuilder().maximumSize(maximumSize).executor(Runnable::run).build();
		this.changes = new Stripes(stripes(maximumSize));
		this.marks = new Stripes(stripes(maximumSize));
		this.maximumSize = maximumSize;
		this.maxStaleness = maxStaleness.toMillis();
		this.outageStaleness = outageStaleness.toMillis();
		this.keys = keys;
		this.clock = clock;
	}

	private static int stripes(long maximumSize) {
		long wanted = Math.min(maximumSize, MOST_STRIPES) * STRIPES_PER_RECORD;
		return Integer.highestOneBit((int) Math.min(Math.max(wanted, FEWEST_STRIPES), MOST_STRIPES));
	}

	/**
	 * Look for a record that may be used as if Redis had been asked.
	 * @param key the record
	 * @return the record, or null if there is none or nobody has confirmed it lately
	 */
	public @Nullable NearRecord find(TokenKey key) {
		NearRecord found = this.records.getIfPresent(key);
		return (found != null && found.isConfirmed(this.clock.millis())) ? found : null;
	}

	/**
	 * Look for a record that may be used because Redis does not answer.
	 * @param key the record
	 * @return the record, or null if there is none or it is too old
	 */
	public @Nullable TokenRecord findInOutage(TokenKey key) {
		NearRecord found = this.records.getIfPresent(key);
		return (found != null && found.isServable(this.clock.millis())) ? found.record() : null;
	}

	/**
	 * Look for the marks that concern a record.
	 * @param key the record
	 * @return the marks, or null if Redis has to be asked
	 */
	public @Nullable Marks marks(TokenKey key) {
		NearRecord found = this.records.getIfPresent(key);
		return (found != null && found.hasConfirmedMarks(this.clock.millis())) ? found.record().marks() : null;
	}

	/**
	 * Read a record from Redis and keep it if nothing changed meanwhile. Only live
	 * records are kept.
	 * @param key the record
	 * @param read asks Redis
	 * @return what Redis answered
	 */
	public CompletionStage<TokenRecord> load(TokenKey key, Supplier<CompletionStage<TokenRecord>> read) {
		Notes notes = notes(key, this.coverage);
		return read.get().whenComplete((record, ex) -> {
			if (ex == null) {
				keep(key, new NearRecord(record, notes, this.outageStaleness));
			}
		});
	}

	private Notes notes(TokenKey key, Coverage coverage) {
		return new Notes(this, this.keys, key, coverage, this.clock.millis() + this.maxStaleness);
	}

	private void keep(TokenKey key, NearRecord read) {
		this.records.asMap().compute(key, (same, present) -> {
			long lead = (present != null) ? read.record().generation() - present.record().generation() : 0;
			if (present != null && lead < 0 && (present.isUnchanged() || !read.isUnchanged())) {
				return present;
			}
			if (read.record().state() != TokenRecord.State.LIVE) {
				return null;
			}
			// An answer in doubt may come late: after its record was removed or refused.
			return (read.isUnchanged() || lead > 0) ? read : present;
		});
	}

	/**
	 * Keep a record that this instance wrote, for an outage: as long as Redis answers it
	 * is asked, because others may have written since.
	 * @param key the record
	 * @param record what was stored
	 */
	public void written(TokenKey key, TokenRecord record) {
		this.changes.raise(this.keys.token(key));
		NearRecord written = new NearRecord(record, notes(key, Coverage.NONE), this.outageStaleness);
		this.records.asMap().compute(key, (same, present) -> {
			if (present != null && present.record().generation() >= record.generation()) {
				return present;
			}
			return (record.state() != TokenRecord.State.LIVE) ? null : written;
		});
	}

	/**
	 * Forget a record, because this instance removed it or an API refused it.
	 * @param key the record
	 */
	public void forget(TokenKey key) {
		this.changes.raise(this.keys.token(key));
		this.records.invalidate(key);
	}

	/**
	 * Note that this instance revoked what a scope holds, without waiting to hear of it.
	 * @param scope what was revoked
	 */
	public void revoked(MarkScope scope) {
		changed(this.keys.mark(scope));
	}

	/**
	 * Whether what nobody has confirmed since it was received is not too old to be used
	 * while Redis does not answer.
	 * @param receivedAt when it was received
	 * @return {@code true} if it may be used
	 */
	public boolean isServable(Instant receivedAt) {
		return this.clock.millis() < receivedAt.toEpochMilli() + this.maxStaleness + this.outageStaleness;
	}

	/**
	 * Wait for the next change of a record that is heard of.
	 * @param key the record
	 * @return completes when it changes, on the thread that heard of it; never if changes
	 * are not heard of. Complete it to end the wait.
	 */
	public CompletableFuture<Boolean> nextChange(TokenKey key) {
		String name = this.keys.token(key);
		CompletableFuture<Boolean> watch = this.watches.computeIfAbsent(name, (any) -> new CompletableFuture<>());
		CompletionStage<Boolean> unused = watch.whenComplete((changed, ex) -> this.watches.remove(name, watch));
		return watch;
	}

	/**
	 * Make a map of things made of records, which are as good as these records.
	 * @param <K> type of keys
	 * @param <V> type of values
	 * @return an empty map of the same size
	 */
	public <K, V> NearValues<K, V> values() {
		return new NearValues<>(this.maximumSize);
	}

	@Override
	public void changed(String key) {
		if (key.endsWith(RedisKeys.ALL)) {
			changedAll();
		}
		else if (key.contains(RedisKeys.SHARED)) {
			this.marks.raise(key);
		}
		else if (key.endsWith(RedisKeys.RECORD)) {
			this.changes.raise(key);
			CompletableFuture<Boolean> watch = this.watches.get(key);
			if (watch != null) {
				watch.complete(true);
			}
		}
		// Leases and budgets concern nothing in memory.
	}

	@Override
	public void changedAll() {
		this.era.incrementAndGet();
	}

	@Override
	public void armed() {
		replace((present) -> new Coverage(true, Long.MIN_VALUE));
	}

	@Override
	public void confirmed(Instant until) {
		this.records.asMap().values().forEach(NearRecord::settle);
		this.coverage.extend(until.toEpochMilli() + this.maxStaleness);
	}

	@Override
	public void disarmed() {
		replace((present) -> present.armed() ? new Coverage(false, Long.MIN_VALUE) : present);
	}

	private void replace(Function<Coverage, Coverage> change) {
		this.lock.lock();
		try {
			this.coverage = change.apply(this.coverage);
		}
		finally {
			this.lock.unlock();
		}
	}

	Stripes changes() {
		return this.changes;
	}

	Stripes marks() {
		return this.marks;
	}

	int era() {
		return this.era.get();
	}

	Coverage coverage() {
		return this.coverage;
	}

}
