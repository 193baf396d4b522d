package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.jspecify.annotations.Nullable;

/**
 * How often APIs refused tokens of one record to this instance. What many callers hear
 * within one second counts once: they may have sent the same token before any of them
 * knew. Immutable.
 *
 * @param since begin of the minute that is looked at
 * @param last second of the last refusal
 * @param seconds in how many seconds of the minute there was one
 */
record Refusals(Instant since, Instant last, int seconds) {

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final int USUAL = 5;

	static Refusals after(@Nullable Refusals before, Instant now) {
		Instant second = now.truncatedTo(ChronoUnit.SECONDS);
		if (before == null || second.isBefore(before.since) || !second.isBefore(before.since.plus(MINUTE))) {
			return new Refusals(second, second, 1);
		}
		return second.equals(before.last) ? before : new Refusals(before.since, second, before.seconds + 1);
	}

	/**
	 * Whether this refusal is the one that is too many; true once a minute at most.
	 * @param before what was counted before it
	 */
	boolean isUnusualAfter(@Nullable Refusals before) {
		return this.seconds == USUAL + 1 && !equals(before);
	}

}
