package io.github.oauthredis.nearcache;

/**
 * A time during which changes are heard of, or are not. Every record in memory remembers
 * the one in which it was read. Thread-safe.
 */
final class Coverage {

	/**
	 * Never confirms anything.
	 */
	static final Coverage NONE = new Coverage(false, Long.MIN_VALUE);

	private final boolean armed;

	// Milliseconds; only one thread confirms.
	private volatile long until;

	Coverage(boolean armed, long until) {
		this.armed = armed;
		this.until = until;
	}

	/**
	 * Whether changes are heard of.
	 */
	boolean armed() {
		return this.armed;
	}

	/**
	 * Until when records that were read in this time count as confirmed.
	 */
	long until() {
		return this.until;
	}

	void extend(long until) {
		this.until = until;
	}

}
