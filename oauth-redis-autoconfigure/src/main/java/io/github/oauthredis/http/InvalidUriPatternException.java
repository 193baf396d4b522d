package io.github.oauthredis.http;

import org.jspecify.annotations.Nullable;

/**
 * A setting {@code oauth-redis.clients.<id>.uris} holds something that is not an origin
 * with an optional path pattern.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class InvalidUriPatternException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final String registrationId;

	private final String pattern;

	private final String reason;

	/**
	 * Create an exception.
	 * @param registrationId id of the client registration
	 * @param pattern the pattern as configured
	 * @param reason what is wrong with it
	 * @param cause what went wrong beneath; null if nothing did
	 */
	public InvalidUriPatternException(String registrationId, String pattern, String reason, @Nullable Throwable cause) {
		super("URI pattern '%s' of registration '%s' cannot be used: %s".formatted(pattern, registrationId, reason),
				cause);
		this.registrationId = registrationId;
		this.pattern = pattern;
		this.reason = reason;
	}

	/**
	 * Registration whose setting is wrong.
	 * @return its id
	 */
	public String getRegistrationId() {
		return this.registrationId;
	}

	/**
	 * The pattern that cannot be used.
	 * @return the pattern as configured
	 */
	public String getPattern() {
		return this.pattern;
	}

	/**
	 * What is wrong with the pattern.
	 * @return a sentence without its full stop
	 */
	public String getReason() {
		return this.reason;
	}

}
