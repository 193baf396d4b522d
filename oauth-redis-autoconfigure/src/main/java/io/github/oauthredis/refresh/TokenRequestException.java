package io.github.oauthredis.refresh;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.resilience.CallGuard;
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

	private final CallGuard.Outcome outcome;

	/**
	 * Create an exception. Unless the outcome is uncertain, the provider counts as
	 * working.
	 * @param kind what the failure means for the record
	 * @param code short code, such as an OAuth2 error code or {@code http_503}
	 * @param message what failed
	 * @param retryAfter time the server asked to wait; null if it did not
	 * @param cause what went wrong beneath; null if nothing did
	 */
	public TokenRequestException(Failure.Kind kind, String code, String message, @Nullable Duration retryAfter,
			@Nullable Throwable cause) {
		this(kind, code, message, retryAfter, cause,
				(kind != Failure.Kind.AMBIGUOUS) ? CallGuard.Outcome.ANSWERED : CallGuard.Outcome.FAILED);
	}

	/**
	 * Create an exception.
	 * @param kind what the failure means for the record
	 * @param code short code, such as an OAuth2 error code or {@code http_503}
	 * @param message what failed
	 * @param retryAfter time the server asked to wait; null if it did not
	 * @param cause what went wrong beneath; null if nothing did
	 * @param outcome what the failure says about the provider
	 */
	public TokenRequestException(Failure.Kind kind, String code, String message, @Nullable Duration retryAfter,
			@Nullable Throwable cause, CallGuard.Outcome outcome) {
		super(message, cause);
		this.kind = kind;
		this.code = code;
		this.retryAfter = retryAfter;
		this.outcome = outcome;
	}

	/**
	 * Create an exception that says nothing about the provider.
	 * @param code short code
	 * @param message why no request was sent
	 * @param cause what went wrong beneath; null if nothing did
	 * @return the exception
	 */
	public static TokenRequestException notSent(String code, String message, @Nullable Throwable cause) {
		return new TokenRequestException(Failure.Kind.CLEAR, code, message, null, cause, CallGuard.Outcome.NOT_SENT);
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

	/**
	 * What the failure says about the provider.
	 * @return the outcome
	 */
	public CallGuard.Outcome getOutcome() {
		return this.outcome;
	}

}
