package io.github.oauthredis.refresh;

import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.TokenStoreException;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * The words in which callers are told that there is no token. Pure.
 */
final class CallerFailures {

	// RFC 6749 section 5.2: nothing but a change of configuration mends these.
	private static final Set<String> PERMANENT = Set.of("invalid_request", "invalid_client", "invalid_grant",
			"unauthorized_client", "unsupported_grant_type", "invalid_scope");

	private CallerFailures() {
	}

	static RuntimeException of(TokenDemand demand, RefreshDecision decision, TokenRecord record) {
		if (decision.action() == RefreshDecision.Action.LOST) {
			return lost(demand, decision.reason());
		}
		if (record.state() == TokenRecord.State.LOCKED) {
			return locked(demand.key(), record);
		}
		if (decision.reason().equals(RefreshPolicy.HELD_OFF)) {
			return refused(demand.key(), decision.reason(), decision.retryAt());
		}
		return unavailable(demand.key(), decision.reason(),
				"No token request is sent now, because the last one ended with '%s'; the stored record was kept"
					.formatted(decision.reason()),
				!PERMANENT.contains(decision.reason()), decision.retryAt(), null);
	}

	static RuntimeException of(TokenDemand demand, TokenRequestException failure, Instant retryAt) {
		boolean permanent = failure.getKind() == Failure.Kind.CLEAR && PERMANENT.contains(failure.getCode());
		return unavailable(demand.key(), failure.getCode(),
				"The token request failed with '%s'; the stored record was kept".formatted(failure.getCode()),
				!permanent, retryAt, failure);
	}

	/**
	 * A stage for callers, who get to see no failure but those that are meant for them.
	 */
	static <T extends @Nullable Object> CompletionStage<T> translated(TokenKey key, CompletionStage<T> stage) {
		CompletableFuture<T> translated = new CompletableFuture<>();
		stage.whenComplete((value, ex) -> {
			if (ex == null) {
				translated.complete(value);
			}
			else {
				translated.completeExceptionally(of(key, ex));
			}
		});
		return translated;
	}

	static RuntimeException of(TokenKey key, Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (cause instanceof TokenUnavailableException || cause instanceof GrantLostException) {
			return (RuntimeException) cause;
		}
		if (cause instanceof TokenStoreException) {
			return unavailable(key, "redis_unavailable", "Redis did not answer; nothing was changed", true, null,
					cause);
		}
		if (cause instanceof SealingKeyException) {
			return unavailable(key, "no_key", cause.getMessage(), false, null, cause);
		}
		if (cause instanceof RejectedExecutionException) {
			return unavailable(key, "busy", "Too many token requests wait already, or the application stops", true,
					null, cause);
		}
		return unavailable(key, "token_unavailable", "Unexpected " + cause.getClass().getName(), false, null, cause);
	}

	static RuntimeException locked(TokenKey key, TokenRecord record) {
		return unavailable(key, "unknown_key",
				"The record is sealed with key '%s', which this instance does not know; nothing was changed"
					.formatted(record.detail()),
				true, null, null);
	}

	/**
	 * The provider gets no token request now, whatever record it would be for.
	 */
	static RuntimeException refused(TokenKey key, String code, @Nullable Instant retryAt) {
		String why = switch (code) {
			case "circuit_open" -> "the provider failed repeatedly";
			case RefreshPolicy.HELD_OFF -> "the provider asked to wait";
			default -> "the provider's budget of token requests is used up";
		};
		return unavailable(key, code,
				"No token request is sent now, because %s; the stored record was kept".formatted(why), true, retryAt,
				null);
	}

	static RuntimeException timedOut(TokenDemand demand) {
		return unavailable(demand.key(), "timeout", "No token arrived within %s; the refresh goes on without this call"
			.formatted(demand.policy().callerWait()), true, null, null);
	}

	static RuntimeException revoked(TokenDemand demand) {
		return unavailable(demand.key(), TokenRecord.REVOKED,
				"It was revoked while it was requested, and so was the last", true, null, null);
	}

	static RuntimeException contended(TokenKey key) {
		return unavailable(key, "contended", "Others kept changing the record; nothing was changed", true, null, null);
	}

	static RuntimeException lost(TokenDemand demand, String reason) {
		return new GrantLostException(demand.key().registrationId(), reason);
	}

	private static TokenUnavailableException unavailable(TokenKey key, String code, @Nullable String what,
			boolean retryable, @Nullable Instant retryAt, @Nullable Throwable cause) {
		String hint = (retryAt != null) ? "; next attempt at " + retryAt : "";
		return new TokenUnavailableException(code,
				"No token for registration '%s': %s%s".formatted(key.registrationId(), what, hint),
				key.registrationId(), retryable, retryAt, cause);
	}

}
