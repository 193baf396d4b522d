package io.github.oauthredis.refresh;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Failure;

/**
 * A token request failed. Its message and cause hold no secret and nothing of the body of
 * an answer.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class TokenRequestException extends RuntimeException {

	private static final long serialVersionUID = 1L;

	private final Failure.Kind kind;

	private final String code;

	private final @Nullable Duration retryAfter;

	/**
	 * Create an exception.
	 * @param kind what the failure means for the record
	 * @param code short code, such as an OAuth2 error code or {@code http_503}
	 * @param message what failed
	 * @param retryAfter time the server asked to wait; null if it did not
	 * @param cause what went wrong beneath; null if nothing did
	 */
	public TokenRequestException(Failure.Kind kind, String code, String message, @Nullable Duration retryAfter,
			@Nullable Throwable cause) {
		super(message, cause);
		this.kind = kind;
		this.code = code;
		this.retryAfter = retryAfter;
	}

	/**
	 * What the failure means for the record.
	 * @return the kind
	 */
	public Failure.Kind getKind() {
		return this.kind;
	}

	/**
	 * Short code of the failure.
	 * @return an OAuth2 error code or one of ours
	 */
	public String getCode() {
		return this.code;
	}

	/**
	 * Time the server asked to wait.
	 * @return the time, or null if it did not ask
	 */
	public @Nullable Duration getRetryAfter() {
		return this.retryAfter;
	}

}
