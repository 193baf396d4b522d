package io.github.oauthredis.token;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * No token can be handed out now, and sending the user to the provider would not help (or
 * there is no user). Says what failed, for which registration, and whether a retry can
 * help; holds no secret.
 *
 * @author OAuth Redis
 * @since 0.1.0
 * @see GrantLostException
 * @see ClientAuthorizationException
 */
public class TokenUnavailableException extends OAuth2AuthorizationException {

	private static final long serialVersionUID = 1L;

	private final String registrationId;

	private final boolean retryable;

	private final @Nullable Instant retryAt;

	/**
	 * Create an exception.
	 * @param errorCode error code of the server, or one of ours such as
	 * {@code token_unavailable}
	 * @param message what failed and what happens now
	 * @param registrationId id of the client registration
	 * @param retryable whether the same call can succeed later without anybody's doing
	 * @param retryAt before when a retry is useless; null if any time
	 * @param cause what went wrong beneath; null if nothing did
	 */
	public TokenUnavailableException(String errorCode, String message, String registrationId, boolean retryable,
			@Nullable Instant retryAt, @Nullable Throwable cause) {
		super(new OAuth2Error(errorCode, message, null), message);
		if (cause != null) {
			initCause(cause);
		}
		this.registrationId = registrationId;
		this.retryable = retryable;
		this.retryAt = retryAt;
	}

	/**
	 * Registration that has no token.
	 * @return its id
	 */
	public String getRegistrationId() {
		return this.registrationId;
	}

	/**
	 * Whether the same call can succeed later without anybody's doing.
	 * @return {@code true} if a retry can help
	 */
	public boolean isRetryable() {
		return this.retryable;
	}

	/**
	 * Before when a retry is useless.
	 * @return the time by the clock of this instance, or null if any time
	 */
	public @Nullable Instant getRetryAt() {
		return this.retryAt;
	}

}
