package io.github.oauthredis.resilience;

import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;

/**
 * A map that forgets entries that were not used for long when it is full. Thread-safe; a
 * look takes no lock.
 * <p>
 * Entries live in two halves. Whatever is used moves to the young one; when that is full,
 * it becomes the old one, and what was left in the old one is forgotten. So the map holds
 * at least the entries used last, half as many as fit.
 *
 * @param <K> type of keys
 * @param <V> type of values
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BoundedMap<K, V> {

	private final int half;

	private final AtomicReference<Halves<K, V>> halves = new AtomicReference<>(
			new Halves<>(new ConcurrentHashMap<>(), new ConcurrentHashMap<>()));

	/**
	 * Create a map.
	 * @param maximumSize most entries to hold, as long as few threads change it at once
	 */
	public BoundedMap(int maximumSize) {
		this.half = Math.max(maximumSize / 2, 1);
	}

	/**
	 * Look a value up.
	 * @param key its key
	 * @return the value, or null if there is none
	 */
	public @Nullable V get(K key) {
		Halves<K, V> halves = halves();
		V value = halves.young.get(key);
		if (value != null || !halves.old.containsKey(key)) {
			return value;
		}
		return update(key, (present) -> present);
	}

	/**
	 * Replace the value of a key, as one step.
	 * @param key the key
	 * @param change gets the present value or null, and returns the new one or null to
	 * remove it; must be quick, and may be asked again
	 * @return the value that was there before, or null if there was none
	 */
	public @Nullable V update(K key, Function<@Nullable V, @Nullable V> change) {
		Halves<K, V> halves = halves();
		V before = halves.update(key, change);
		// What became the old half meanwhile is no longer where others look first.
		for (Halves<K, V> present = halves(); present != halves; present = halves()) {
			halves = present;
			halves.update(key, change);
		}
		if (halves.young.size() > this.half) {
			this.halves.compareAndSet(halves, new Halves<>(new ConcurrentHashMap<>(), halves.young));
		}
		return before;
	}

	private Halves<K, V> halves() {
		return Objects.requireNonNull(this.halves.get());
	}

	private static final class Halves<K, V> {

		private final ConcurrentMap<K, V> young;

		private final ConcurrentMap<K, V> old;

		private Halves(ConcurrentMap<K, V> young, ConcurrentMap<K, V> old) {
			this.young = young;
			this.old = old;
		}

		@Nullable V update(K key, Function<@Nullable V, @Nullable V> change) {
			AtomicReference<@Nullable V> before = new AtomicReference<>();
			this.young.compute(key, (same, present) -> {
				V aged = this.old.remove(key);
				before.set((present != null) ? present : aged);
				return change.apply(before.get());
			});
			return before.get();
		}

	}

}
