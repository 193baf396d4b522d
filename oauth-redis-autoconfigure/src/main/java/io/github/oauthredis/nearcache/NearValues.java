package io.github.oauthredis.nearcache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import org.jspecify.annotations.Nullable;

/**
 * Finished things that were made of records in memory. A thing is as good as the record
 * it was made of, so nobody has to remove it. Thread-safe; a hit takes no lock.
 *
 * @param <K> type of keys
 * @param <V> type of values
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class NearValues<K, V> {

	private final Cache<K, Held<V>> values;

	NearValues(long maximumSize) {
		this.values = Caffeine.newBuilder().maximumSize(maximumSize).executor(Runnable::run).build();
	}

	/**
	 * Look a value up.
	 * @param key its key
	 * @param now the present in milliseconds
	 * @return the value, or null if there is none that may be used now
	 */
	public @Nullable V find(K key, long now) {
		Held<V> held = this.values.getIfPresent(key);
		if (held == null) {
			return null;
		}
		if (now < held.until && held.source.isConfirmed(now)) {
			return held.value;
		}
		this.values.asMap().remove(key, held);
		return null;
	}

	/**
	 * Keep a value.
	 * @param key its key
	 * @param value the value
	 * @param source the record it was made of
	 * @param until when it is no longer good, in milliseconds
	 */
	public void put(K key, V value, NearRecord source, long until) {
		this.values.put(key, new Held<>(value, source, until));
	}

	private static final class Held<V> {

		private final V value;

		private final NearRecord source;

		private final long until;

		private Held(V value, NearRecord source, long until) {
			this.value = value;
			this.source = source;
			this.until = until;
		}

	}

}
