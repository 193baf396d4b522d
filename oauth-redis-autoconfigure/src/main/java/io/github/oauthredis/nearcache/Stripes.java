package io.github.oauthredis.nearcache;

import java.util.List;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Counts changes of names in Redis. Names that share a counter disturb each other, which
 * costs a question to Redis and nothing else. Thread-safe.
 */
final class Stripes {

	private final AtomicIntegerArray counters;

	/**
	 * Create counters.
	 * @param size how many, a power of two
	 */
	Stripes(int size) {
		this.counters = new AtomicIntegerArray(size);
	}

	void raise(String name) {
		this.counters.incrementAndGet(stripe(name));
	}

	int[] of(List<String> names) {
		return names.stream().mapToInt(this::stripe).toArray();
	}

	/**
	 * A number that differs from an earlier one if any of the names changed since.
	 */
	int sum(int[] stripes) {
		int sum = 0;
		for (int stripe : stripes) {
			sum += this.counters.get(stripe);
		}
		return sum;
	}

	private int stripe(String name) {
		int hash = name.hashCode();
		return (hash ^ (hash >>> 16)) & (this.counters.length() - 1);
	}

}
