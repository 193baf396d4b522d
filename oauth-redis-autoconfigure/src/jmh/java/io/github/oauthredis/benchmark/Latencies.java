package io.github.oauthredis.benchmark;

import java.util.Arrays;

/**
 * Durations in nanoseconds, all of them kept. Thread-safe.
 */
final class Latencies {

	private long[] values = new long[1024];

	private int size;

	synchronized void add(long nanos) {
		if (this.size == this.values.length) {
			this.values = Arrays.copyOf(this.values, this.size * 2);
		}
		this.values[this.size++] = nanos;
	}

	void addAll(Latencies others) {
		Arrays.stream(others.values, 0, others.size).forEach(this::add);
	}

	synchronized int size() {
		return this.size;
	}

	synchronized double[] sortedMicros() {
		return Arrays.stream(this.values, 0, this.size).sorted().mapToDouble((nanos) -> nanos / 1e3).toArray();
	}

	/**
	 * Percentiles in microseconds.
	 * @param percents which
	 * @return as many values, 0 without any duration
	 */
	double[] micros(double... percents) {
		double[] sorted = sortedMicros();
		return Arrays.stream(percents)
			.map((percent) -> (sorted.length != 0)
					? sorted[(int) Math.max(0, Math.ceil(sorted.length * percent / 100) - 1)] : 0)
			.toArray();
	}

}
