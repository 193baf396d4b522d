package io.github.oauthredis.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * The clock of a machine that is set wrong: it runs, and jumps when a test sets it anew.
 * Thread-safe.
 */
public final class ShiftedClock extends Clock {

	private volatile Duration offset = Duration.ZERO;

	/**
	 * Set the clock.
	 * @param offset how far it is ahead of the right time, behind if negative
	 */
	public void shift(Duration offset) {
		this.offset = offset;
	}

	@Override
	public Instant instant() {
		return Clock.systemUTC().instant().plus(this.offset);
	}

	@Override
	public ZoneId getZone() {
		return ZoneOffset.UTC;
	}

	@Override
	public Clock withZone(ZoneId zone) {
		return Clock.offset(Clock.system(zone), this.offset);
	}

}
