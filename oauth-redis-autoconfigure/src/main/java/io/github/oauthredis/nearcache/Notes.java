package io.github.oauthredis.nearcache;

import java.util.List;

import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.token.TokenKey;

/**
 * What a reader notes before it asks Redis: compared with the present it tells whether
 * anything was heard of that puts the answer in doubt. Immutable.
 */
final class Notes {

	private final NearCache cache;

	private final Coverage coverage;

	private final int era;

	private final int[] record;

	private final int changes;

	private final int[] marks;

	private final int raised;

	private final long ownUntil;

	Notes(NearCache cache, RedisKeys keys, TokenKey key, Coverage coverage, long ownUntil) {
		this.cache = cache;
		this.coverage = coverage;
		this.era = cache.era();
		this.record = cache.changes().of(List.of(keys.token(key)));
		this.changes = cache.changes().sum(this.record);
		this.marks = cache.marks().of(keys.marks(key));
		this.raised = cache.marks().sum(this.marks);
		this.ownUntil = ownUntil;
	}

	/**
	 * Whether changes were heard of at the time of the question, and no end of that
	 * since.
	 */
	boolean isCovered(long now) {
		return this.coverage.armed() && isOfPresentCoverage() && now < until();
	}

	/**
	 * Whether no change was heard of. With a new start, what was read before it is no
	 * longer trusted.
	 */
	boolean isUnchanged() {
		return isOfPresentCoverage() && isUnmarked() && this.cache.changes().sum(this.record) == this.changes;
	}

	/**
	 * Whether no mark that concerns the record is known to have been raised.
	 */
	boolean isUnmarked() {
		return this.cache.era() == this.era && this.cache.marks().sum(this.marks) == this.raised;
	}

	/**
	 * Whether changes were heard of all the time, and somebody knows that: where nothing
	 * is ever confirmed, news may come late.
	 */
	boolean isHeardOf(long now) {
		return this.coverage.armed() && this.cache.coverage() == this.coverage && now < this.coverage.until();
	}

	private boolean isOfPresentCoverage() {
		Coverage present = this.cache.coverage();
		return present == this.coverage || !present.armed();
	}

	/**
	 * Until when the answer counts as confirmed.
	 */
	long until() {
		return Math.max(this.ownUntil, this.coverage.until());
	}

}
