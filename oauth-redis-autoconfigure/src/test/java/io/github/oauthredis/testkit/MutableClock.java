package io.github.oauthredis.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A clock that stands still until a test moves it, forwards or back. Thread-safe.
 */
public final class MutableClock extends Clock {

	private final AtomicReference<Instant> now;

	private final ZoneId zone;

	/**
	 * Create a clock that shows a fixed time in 2030, in UTC.
	 */
	public MutableClock() {
		this(Instant.parse("2030-01-01T00:00:00Z"));
	}

	/**
	 * Create a clock.
	 * @param now the time it shows, in UTC
	 */
	public MutableClock(Instant now) {
		this(new AtomicReference<>(now), ZoneOffset.UTC);
	}

	private MutableClock(AtomicReference<Instant> now, ZoneId zone) {
		this.now = now;
		this.zone = zone;
	}

	public void set(Instant time) {
		this.now.set(time);
	}

	/**
	 * Move the clock.
	 * @param duration how far, backwards if negative
	 * @return the time it shows then
	 */
	public Instant advance(Duration duration) {
		return this.now.updateAndGet((time) -> time.plus(duration));
	}

	@Override
	public Instant instant() {
		return this.now.get();
	}

	@Override
	public ZoneId getZone() {
		return this.zone;
	}

	/**
	 * Return the same clock in another zone: it moves when this one is moved.
	 */
	@Override
	public Clock withZone(ZoneId zone) {
		return new MutableClock(this.now, zone);
	}

}
