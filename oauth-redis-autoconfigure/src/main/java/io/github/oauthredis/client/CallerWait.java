package io.github.oauthredis.client;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Waits on the thread of a caller. What it waits for goes on without the caller.
 */
final class CallerWait {

	/**
	 * For what the engine does besides counting its own deadline.
	 */
	private static final Duration SLACK = Duration.ofSeconds(2);

	private CallerWait() {
	}

	/**
	 * Wait for a result.
	 * @param registrationId id of the client registration
	 * @param stage what to wait for
	 * @param bound when it ought to be there at the latest
	 * @param <T> type of the result
	 * @return the result
	 * @throws TokenUnavailableException also if the wait was too long or was interrupted,
	 * in which case the thread stays interrupted
	 */
	static <T extends @Nullable Object> T await(String registrationId, CompletionStage<T> stage, Duration bound) {
		try {
			return stage.toCompletableFuture().get(bound.plus(SLACK).toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw gaveUp(registrationId, "interrupted", "the wait was interrupted", ex);
		}
		catch (TimeoutException ex) {
			throw gaveUp(registrationId, "timeout", "nothing came within " + bound.plus(SLACK), ex);
		}
		catch (ExecutionException ex) {
			throw onThisThread(registrationId, ex.getCause());
		}
	}

	private static TokenUnavailableException gaveUp(String registrationId, String code, String why, Exception cause) {
		return new TokenUnavailableException(code,
				"No result for registration '%s': %s; what was begun goes on".formatted(registrationId, why),
				registrationId, true, null, cause);
	}

	private static RuntimeException onThisThread(String registrationId, @Nullable Throwable failure) {
		// The failure may be shared by many callers and was made on another thread: each
		// gets
		// one of its own that shows where it called.
		Throwable cause = failure;
		while (cause instanceof CompletionException && cause.getCause() != null) {
			cause = cause.getCause();
		}
		if (cause != null && cause.getClass() == TokenUnavailableException.class) {
			TokenUnavailableException theirs = (TokenUnavailableException) cause;
			return new TokenUnavailableException(theirs.getError().getErrorCode(), String.valueOf(theirs.getMessage()),
					theirs.getRegistrationId(), theirs.isRetryable(), theirs.getRetryAt(), theirs);
		}
		if (cause != null && cause.getClass() == GrantLostException.class) {
			GrantLostException theirs = (GrantLostException) cause;
			GrantLostException ours = new GrantLostException(theirs.getClientRegistrationId(), theirs.getReason());
			ours.initCause(theirs);
			return ours;
		}
		return (cause instanceof RuntimeException unchecked) ? unchecked
				: new TokenUnavailableException("token_unavailable",
						"No result for registration '%s'".formatted(registrationId), registrationId, false, null,
						cause);
	}

}
