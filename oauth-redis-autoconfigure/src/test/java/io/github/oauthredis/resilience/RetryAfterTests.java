package io.github.oauthredis.resilience;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 35: {@code Retry-After} as seconds, date, past, garbage, one year.
 */
class RetryAfterTests {

	private static final Instant NOW = Instant.parse("2026-07-28T12:00:00Z");

	@ParameterizedTest
	@CsvSource({ "0, 0", "1, 1", "' 120 ', 120", "31536000, 31536000" })
	void parseWhenSecondsReturnsSeconds(String value, long seconds) {
		assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(seconds));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Tue, 28 Jul 2026 12:01:30 GMT", "Tuesday, 28-Jul-26 12:01:30 GMT",
			"Tue Jul 28 12:01:30 2026" })
	void parseWhenDateReturnsTimeUntilThen(String value) {
		assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofSeconds(90));
	}

	@Test
	void parseWhenOldDateHasOneDigitDayReturnsTimeUntilThen() {
		assertThat(RetryAfter.parse("Sat Aug  1 12:00:00 2026", NOW)).isEqualTo(Duration.ofDays(4));
	}

	@ParameterizedTest
	@ValueSource(strings = { "Tue, 28 Jul 2026 11:59:59 GMT", "Tue, 28 Jul 2026 12:00:00 GMT",
			"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994" })
	void parseWhenDateIsNotAheadReturnsZero(String value) {
		assertThat(RetryAfter.parse(value, NOW)).isZero();
	}

	@ParameterizedTest
	@NullSource
	@ValueSource(strings = { "", " ", "soon", "-1", "1.5", "+5", "1e3", "28 Jul 2026", "٣",
			"Mon, 28 Jul 2026 12:01:30 GMT" })
	void parseWhenGarbageReturnsNull(String value) {
		assertThat(RetryAfter.parse(value, NOW)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "9999999999", "99999999999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT" })
	void parseWhenBeyondAllReasonReturnsTenYears(String value) {
		assertThat(RetryAfter.parse(value, NOW)).isEqualTo(Duration.ofDays(3650));
	}

}
