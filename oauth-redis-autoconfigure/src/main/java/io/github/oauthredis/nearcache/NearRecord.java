package io.github.oauthredis.nearcache;

import io.github.oauthredis.token.TokenRecord;

/**
 * A record in memory, and the notes that tell how good it still is. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class NearRecord {

	private final TokenRecord record;

	private final Notes notes;

	private final long outageStaleness;

	// Milliseconds; only one thread sets it, once.
	private volatile long changedUntil = Long.MAX_VALUE;

	NearRecord(TokenRecord record, Notes notes, long outageStaleness) {
		this.record = record;
		this.notes = notes;
		this.outageStaleness = outageStaleness;
	}

	/**
	 * What was read.
	 * @return the record
	 */
	public TokenRecord record() {
		return this.record;
	}

	/**
	 * Whether the record may be used as if Redis had been asked. Reads no clock, takes no
	 * lock.
	 * @param now the present in milliseconds
	 * @return {@code true} if changes were heard of when the record was read, none was
	 * heard of since, and it was read or confirmed lately
	 */
	public boolean isConfirmed(long now) {
		return this.notes.isCovered(now) && isUnchanged();
	}

	boolean isUnchanged() {
		return this.notes.isUnchanged();
	}

	/**
	 * Whether the marks that were read with the record are as good as asking Redis, even
	 * if the record itself was written since.
	 */
	boolean hasConfirmedMarks(long now) {
		return this.notes.isHeardOf(now) && this.notes.isUnmarked();
	}

	/**
	 * Whether the record may be used while Redis does not answer, even if a change of it
	 * was heard of: nobody can tell which.
	 */
	boolean isServable(long now) {
		return this.notes.isUnmarked() && now < Math.min(this.notes.until(), this.changedUntil) + this.outageStaleness;
	}

	/**
	 * Let no later confirmation count if a change was heard of: the record may have been
	 * removed.
	 */
	void settle() {
		if (this.changedUntil == Long.MAX_VALUE && !isUnchanged()) {
			this.changedUntil = this.notes.until();
		}
	}

}
