package io.github.oauthredis.resilience;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A map that forgets the entry used longest ago when it is full. Thread-safe; holds its
 * lock only for the time of one operation.
 *
 * @param <K> type of keys
 * @param <V> type of values
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BoundedMap<K, V> {

	private final ReentrantLock lock = new ReentrantLock();

	private final int maximumSize;

	// Guarded by lock.
	private final Map<K, V> entries = new LinkedHashMap<>(64, 0.75f, true);

	/**
	 * Create a map.
	 * @param maximumSize most entries to hold
	 */
	public BoundedMap(int maximumSize) {
		this.maximumSize = maximumSize;
	}

	/**
	 * Look a value up.
	 * @param key its key
	 * @return the value, or null if there is none
	 */
	public @Nullable V get(K key) {
		this.lock.lock();
		try {
			return this.entries.get(key);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Replace the value of a key, as one step.
	 * @param key the key
	 * @param change gets the present value or null, and returns the new one or null to
	 * remove it; must be quick
	 * @return the value that was there before, or null if there was none
	 */
	public @Nullable V update(K key, Function<@Nullable V, @Nullable V> change) {
		this.lock.lock();
		try {
			V before = this.entries.get(key);
			V after = change.apply(before);
			if (after == null) {
				this.entries.remove(key);
			}
			else {
				this.entries.put(key, after);
			}
			if (this.entries.size() > this.maximumSize) {
				this.entries.remove(this.entries.keySet().iterator().next());
			}
			return before;
		}
		finally {
			this.lock.unlock();
		}
	}

}
