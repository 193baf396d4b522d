package io.github.oauthredis.client;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AccessToken;

/**
 * Reads a number of seconds as token endpoints state it, and what became of it in Spring
 * Security's values. Pure.
 */
final class StatedTime {

	private static final Duration LONGEST = Duration.ofDays(3650);

	/**
	 * Spring Security puts this in place of a lifetime that is missing or not positive.
	 */
	private static final Duration PLACEHOLDER = Duration.ofSeconds(1);

	private static final Duration FRESH = Duration.ofSeconds(5);

	private StatedTime() {
	}

	/**
	 * Read a number of seconds.
	 * @param value a JSON value
	 * @return the time, at most ten years; null if the value is absent, not a number or
	 * not positive
	 */
	static @Nullable Duration of(@Nullable Object value) {
		if (!(value instanceof Number || value instanceof String)) {
			return null;
		}
		String text = value.toString().strip();
		if (text.isEmpty() || text.length() > 64) {
			return null;
		}
		try {
			BigDecimal seconds = new BigDecimal(text);
			if (seconds.compareTo(BigDecimal.valueOf(LONGEST.toSeconds())) >= 0) {
				return LONGEST;
			}
			if (seconds.compareTo(new BigDecimal("0.001")) < 0) {
				return null;
			}
			return Duration.ofMillis(seconds.movePointRight(3).longValue());
		}
		catch (NumberFormatException ex) {
			return null;
		}
	}

	/**
	 * Lifetime of a token that came from Spring Security.
	 * @param token the token
	 * @param now the time that counts as its issue if it states none
	 * @return the lifetime, at least a millisecond; null if it is missing or the
	 * placeholder for a missing one
	 */
	static @Nullable Duration lifetime(OAuth2AccessToken token, Instant now) {
		Instant expiresAt = token.getExpiresAt();
		if (expiresAt == null) {
			return null;
		}
		if (token.getIssuedAt() == null) {
			return atLeastSomething(Duration.between(now, expiresAt));
		}
		Duration lifetime = Duration.between(token.getIssuedAt(), expiresAt);
		return (lifetime.compareTo(PLACEHOLDER) > 0) ? lifetime : null;
	}

	/**
	 * Remaining lifetime of a token that was received just now, unless whoever gave it
	 * had it for a while.
	 * @param token the token
	 * @param now the present
	 * @return the remaining lifetime, at least a millisecond; null if it is unknown
	 */
	static @Nullable Duration remaining(OAuth2AccessToken token, Instant now) {
		Duration lifetime = lifetime(token, now);
		if (lifetime == null || token.getExpiresAt() == null) {
			return null;
		}
		Duration remaining = Duration.between(now, token.getExpiresAt());
		return (lifetime.minus(remaining).compareTo(FRESH) > 0) ? atLeastSomething(remaining) : lifetime;
	}

	private static Duration atLeastSomething(Duration duration) {
		return (duration.toMillis() > 0) ? duration : Duration.ofMillis(1);
	}

}
