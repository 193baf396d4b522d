package io.github.oauthredis.testkit;

/**
 * Something that a node did to a record or learnt about it. Immutable.
 *
 * @param node the node
 * @param key the record
 * @param step what it did
 * @param owner the lease under which it did so, empty without one
 * @param base the stored generation on which the step rests, 0 for an absent record
 * @param generation the generation written or read, 0 if none
 * @param digest the digest of the tokens written, received or read, empty if none
 * @param beganNanos when the step began, by {@link System#nanoTime()}, which nodes on one
 * machine share
 * @param endedNanos when its result was known
 */
public record HistoryEvent(String node, String key, Step step, String owner, long base, long generation, String digest,
		long beganNanos, long endedNanos) {

	private static final String SEPARATOR = "\t";

	/**
	 * Start an event that began and ended just now.
	 * @param node the node
	 * @param key the record
	 * @param step what was done
	 * @return the event, without lease, generations and digest
	 */
	public static HistoryEvent now(String node, String key, Step step) {
		long now = System.nanoTime();
		return new HistoryEvent(node, key, step, "", 0, 0, "", now, now);
	}

	/**
	 * Read an event back.
	 * @param line what {@link #line()} returned
	 * @return the event
	 */
	public static HistoryEvent parse(String line) {
		String[] parts = line.split(SEPARATOR, -1);
		return new HistoryEvent(parts[0], parts[1], Step.valueOf(parts[2]), parts[3], Long.parseLong(parts[4]),
				Long.parseLong(parts[5]), parts[6], Long.parseLong(parts[7]), Long.parseLong(parts[8]));
	}

	/**
	 * Write the event as one line, to be sent from node to test.
	 * @return the line
	 */
	public String line() {
		return String.join(SEPARATOR, this.node, this.key, this.step.name(), this.owner, String.valueOf(this.base),
				String.valueOf(this.generation), this.digest, String.valueOf(this.beganNanos),
				String.valueOf(this.endedNanos));
	}

	public HistoryEvent owner(String owner) {
		return new HistoryEvent(this.node, this.key, this.step, owner, this.base, this.generation, this.digest,
				this.beganNanos, this.endedNanos);
	}

	public HistoryEvent generations(long base, long generation) {
		return new HistoryEvent(this.node, this.key, this.step, this.owner, base, generation, this.digest,
				this.beganNanos, this.endedNanos);
	}

	public HistoryEvent digest(String digest) {
		return new HistoryEvent(this.node, this.key, this.step, this.owner, this.base, this.generation, digest,
				this.beganNanos, this.endedNanos);
	}

	/**
	 * Set the time that the step took.
	 * @param beganNanos a time before it could have an effect
	 * @param endedNanos a time after its result was known
	 * @return the event
	 */
	public HistoryEvent took(long beganNanos, long endedNanos) {
		return new HistoryEvent(this.node, this.key, this.step, this.owner, this.base, this.generation, this.digest,
				beganNanos, endedNanos);
	}

	/**
	 * What a node can do.
	 */
	public enum Step {

		/**
		 * Took the lease {@code owner} on generation {@code base}.
		 */
		ACQUIRED,

		/**
		 * Received the tokens {@code digest} for the lease {@code owner} on {@code base}.
		 */
		ANSWERED,

		/**
		 * Stored {@code digest} as {@code generation} in place of {@code base}.
		 */
		COMMITTED,

		/**
		 * Stored a login as {@code generation} in place of {@code base}.
		 */
		PUT,

		/**
		 * Removed the tokens and left {@code generation} in place of {@code base}.
		 */
		TOMBSTONED,

		/**
		 * Marked {@code generation} dead under the lease {@code owner}.
		 */
		DEAD,

		/**
		 * Read {@code generation} from Redis, not from a near cache.
		 */
		FOUND,

		/**
		 * Read from Redis that there is no record.
		 */
		ABSENT,

		/**
		 * Took the record away or let its time run out. Said by the test.
		 */
		EXPIRED,

		/**
		 * Was killed; {@code key} means nothing. Said by the test.
		 */
		KILLED;

		boolean raises() {
			return this == COMMITTED || this == PUT || this == TOMBSTONED;
		}

	}

}
