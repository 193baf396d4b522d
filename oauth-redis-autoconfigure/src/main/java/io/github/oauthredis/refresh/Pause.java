package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;

/**
 * A time in which a provider gets no token requests from this instance. A clock that is
 * put back ends it.
 *
 * @param since when it began
 * @param until when it ends
 */
record Pause(Instant since, Instant until) {

	static Pause of(Instant now, Duration time) {
		return new Pause(now, now.plus(time));
	}

	boolean lasts(Instant now) {
		return now.isBefore(this.until) && !now.isBefore(this.since);
	}

}
