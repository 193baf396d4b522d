package io.github.oauthredis.testkit;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link MutableClock}.
 */
class MutableClockTests {

	private static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

	@Test
	void instantWhenMovedShowsTheNewTime() {
		MutableClock clock = new MutableClock(START);
		assertThat(clock.instant()).isEqualTo(START);

		assertThat(clock.advance(Duration.ofSeconds(5))).isEqualTo(START.plusSeconds(5));
		assertThat(clock.advance(Duration.ofMinutes(-10))).isEqualTo(START.minusSeconds(595));
		clock.set(Instant.EPOCH);

		assertThat(clock.millis()).isZero();
	}

	@Test
	void withZoneMovesWithItsOrigin() {
		MutableClock clock = new MutableClock(START);
		Clock berlin = clock.withZone(ZoneId.of("Europe/Berlin"));

		clock.advance(Duration.ofHours(1));

		assertThat(berlin.instant()).isEqualTo(START.plusSeconds(3600));
		assertThat(berlin.getZone()).isEqualTo(ZoneId.of("Europe/Berlin"));
		assertThat(clock.getZone()).isEqualTo(ZoneOffset.UTC);
	}

}
