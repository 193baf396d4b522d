package io.github.oauthredis.nearcache;

/**
 * Notices that the clock was set or that the machine slept: then wall clock and monotonic
 * time do not advance alike. Used by one thread.
 */
final class ClockWatch {

	private static final long TOLERANCE = 500;

	private long offset;

	/**
	 * Start to watch.
	 * @param wallMillis wall clock
	 * @param nanos monotonic time
	 */
	ClockWatch(long wallMillis, long nanos) {
		this.offset = offset(wallMillis, nanos);
	}

	/**
	 * Compare.
	 * @param wallMillis wall clock
	 * @param nanos monotonic time
	 * @return whether they disagree by more than half a second since the last time
	 */
	boolean jumped(long wallMillis, long nanos) {
		long before = this.offset;
		this.offset = offset(wallMillis, nanos);
		return Math.abs(this.offset - before) > TOLERANCE;
	}

	private static long offset(long wallMillis, long nanos) {
		return wallMillis - nanos / 1_000_000;
	}

}
