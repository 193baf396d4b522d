package io.github.oauthredis.client;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;

/**
 * The token endpoint answered with an error. Holds nothing of the answer but its status,
 * its error code and the time it asked to wait.
 */
final class TokenEndpointException extends OAuth2AuthorizationException {

	private static final long serialVersionUID = 1L;

	private final int status;

	private final @Nullable String code;

	private final @Nullable Duration retryAfter;

	TokenEndpointException(int status, @Nullable String code, @Nullable Duration retryAfter) {
		super(new OAuth2Error((code != null) ? code : "invalid_token_response"),
				"The token endpoint answered with status %d and %s".formatted(status,
						(code != null) ? "error '" + code + "'" : "without an OAuth2 error code"));
		this.status = status;
		this.code = code;
		this.retryAfter = retryAfter;
	}

	int status() {
		return this.status;
	}

	@Nullable String code() {
		return this.code;
	}

	@Nullable Duration retryAfter() {
		return this.retryAfter;
	}

}
