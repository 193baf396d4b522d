package io.github.oauthredis.store;

import java.time.Duration;

/**
 * How a token request failed.
 *
 * @param kind what the failure means for the record
 * @param cause short code for people: letters, digits and {@code _.-} only
 * @param delay time before the next token request may be sent; at most a day counts
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Failure(Kind kind, String cause, Duration delay) {

	static final Duration LONGEST_DELAY = Duration.ofDays(1);

	private static final int LONGEST_CAUSE = 64;

	public Failure {
		delay = (delay.compareTo(LONGEST_DELAY) < 0) ? delay : LONGEST_DELAY;
		delay = delay.isNegative() ? Duration.ZERO : delay;
		cause = printable(cause);
	}

	/**
	 * What may be stored, and what may be shown of what was stored.
	 */
	static String printable(String cause) {
		if (cause.isEmpty()) {
			return "unknown";
		}
		return cause.substring(0, Math.min(cause.length(), LONGEST_CAUSE)).replaceAll("[^A-Za-z0-9_.-]", "_");
	}

	/**
	 * What a failure means for the record.
	 */
	public enum Kind {

		/**
		 * The server refused the grant for good.
		 */
		FATAL,

		/**
		 * The server answered, or was never reached: the refresh token is as good as
		 * before.
		 */
		CLEAR,

		/**
		 * The request may or may not have been processed: the attempt stays noted.
		 */
		AMBIGUOUS

	}

}
