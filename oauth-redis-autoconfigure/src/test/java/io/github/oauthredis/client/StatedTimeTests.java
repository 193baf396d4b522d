package io.github.oauthredis.client;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 20: lifetimes as odd as servers state them.
 */
class StatedTimeTests {

	private static final Instant NOW = Instant.parse("2026-07-28T12:00:00Z");

	private static final Duration TEN_YEARS = Duration.ofDays(3650);

	static List<Object> hours() {
		return List.of(3600, 3600L, 3600.0, "3600", " 3600 ", "3600.0", "3.6e3", new BigDecimal("3600"));
	}

	@ParameterizedTest
	@MethodSource("hours")
	void ofWhenNumberInAnyFormReturnsIt(Object value) {
		assertThat(StatedTime.of(value)).isEqualTo(Duration.ofHours(1));
	}

	static List<Object> huge() {
		return List.of(BigInteger.TWO.pow(63), Long.MAX_VALUE, "9223372036854775808", 1e300, "1e999999999",
				TEN_YEARS.toSeconds() + 1, "9".repeat(64));
	}

	@ParameterizedTest
	@MethodSource("huge")
	void ofWhenHugeReturnsTenYears(Object value) {
		assertThat(StatedTime.of(value)).isEqualTo(TEN_YEARS);
	}

	static List<Object> unknown() {
		return List.of("", " ", "soon", 0, "0", -1, "-1", -1e300, Double.NaN, Double.POSITIVE_INFINITY, true,
				List.of(3600), 1e-9, "1e-999999999", "0x10", "9".repeat(65));
	}

	@ParameterizedTest
	@MethodSource("unknown")
	void ofWhenNotPositiveNumberReturnsNull(Object value) {
		assertThat(StatedTime.of(value)).isNull();
	}

	@Test
	void ofWhenAbsentReturnsNull() {
		assertThat(StatedTime.of(null)).isNull();
	}

	@Test
	void ofWhenFractionKeepsMillis() {
		assertThat(StatedTime.of("1.5")).isEqualTo(Duration.ofMillis(1500));
	}

	@Test
	void lifetimeWhenSecondOrLessReturnsNull() {
		assertThat(StatedTime.lifetime(token(NOW, NOW.plusSeconds(1)), NOW)).isNull();
		assertThat(StatedTime.lifetime(token(NOW, NOW.plusMillis(500)), NOW)).isNull();
		assertThat(StatedTime.lifetime(token(NOW, null), NOW)).isNull();
	}

	@Test
	void lifetimeWhenLongerReturnsIt() {
		assertThat(StatedTime.lifetime(token(NOW, NOW.plusMillis(1001)), NOW)).isEqualTo(Duration.ofMillis(1001));
	}

	@Test
	void lifetimeWhenIssueTimeIsMissingCountsFromNow() {
		assertThat(StatedTime.lifetime(token(null, NOW.plusSeconds(60)), NOW)).isEqualTo(Duration.ofMinutes(1));
		assertThat(StatedTime.lifetime(token(null, NOW.minusSeconds(60)), NOW)).isEqualTo(Duration.ofMillis(1));
	}

	@Test
	void remainingWhenJustReceivedReturnsWholeLifetime() {
		OAuth2AccessToken token = token(NOW.minusMillis(200), NOW.minusMillis(200).plusSeconds(3600));

		assertThat(StatedTime.remaining(token, NOW)).isEqualTo(Duration.ofHours(1));
	}

	@Test
	void remainingWhenKeptElsewhereReturnsWhatIsLeft() {
		OAuth2AccessToken token = token(NOW.minusSeconds(3000), NOW.plusSeconds(600));

		assertThat(StatedTime.remaining(token, NOW)).isEqualTo(Duration.ofMinutes(10));
	}

	@Test
	void remainingWhenEndedReturnsNextToNothing() {
		OAuth2AccessToken token = token(NOW.minusSeconds(3000), NOW.minusSeconds(1));

		assertThat(StatedTime.remaining(token, NOW)).isEqualTo(Duration.ofMillis(1));
	}

	private static OAuth2AccessToken token(Instant issuedAt, Instant expiresAt) {
		return new OAuth2AccessToken(TokenType.BEARER, "token", issuedAt, expiresAt);
	}

}
