package io.github.oauthredis.nearcache;

import io.github.oauthredis.token.TokenRecord;

/**
 * A record in memory, and the notes that tell how good it still is. Immutable.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class NearRecord {

	private final NearCache cache;

	private final TokenRecord record;

	private final Coverage coverage;

	private final int era;

	private final int stripe;

	private final int count;

	private final long ownUntil;

	NearRecord(NearCache cache, TokenRecord record, Coverage coverage, int era, int stripe, int count, long ownUntil) {
		this.cache = cache;
		this.record = record;
		this.coverage = coverage;
		this.era = era;
		this.stripe = stripe;
		this.count = count;
		this.ownUntil = ownUntil;
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
		return this.coverage.armed() && isUnchanged() && now < confirmedUntil();
	}

	/**
	 * Whether no change was heard of since the record was asked for. With a new start,
	 * what was read before it is no longer trusted.
	 */
	boolean isUnchanged() {
		Coverage present = this.cache.present();
		return (present == this.coverage || !present.armed()) && this.cache.isOf(this.era)
				&& this.cache.isUnchanged(this.stripe, this.count);
	}

	/**
	 * Whether the record may be used while Redis does not answer, even if a change was
	 * heard of: nobody can tell which.
	 */
	boolean isServable(long now) {
		return this.cache.isOf(this.era) && now < confirmedUntil() + this.cache.outageStaleness();
	}

	private long confirmedUntil() {
		return Math.max(this.ownUntil, this.coverage.until());
	}

}
