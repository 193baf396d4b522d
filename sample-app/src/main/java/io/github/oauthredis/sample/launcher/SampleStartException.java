package io.github.oauthredis.sample.launcher;

import org.jspecify.annotations.Nullable;

/**
 * The sample cannot start; the message says what to do about it.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SampleStartException extends RuntimeException {

	SampleStartException(String message) {
		this(message, null);
	}

	SampleStartException(String message, @Nullable Throwable cause) {
		super(message, cause);
	}

}
