package io.github.oauthredis.refresh;

import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * Hands out tokens and renews each once for the whole fleet. Thread-safe; never blocks a
 * caller. Cancelling a returned stage stops nothing but the wait of its owner.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenRefresher implements AutoCloseable {

	public TokenRefresher(TokenStore store, TokenEvents events, Clock clock, int concurrency, boolean virtualThreads) {
	}

	/**
	 * Get a token that may be sent now, renewing it if need be.
	 * @param demand what is wanted
	 * @return a record with tokens; fails with
	 * {@link io.github.oauthredis.token.GrantLostException} or
	 * {@link io.github.oauthredis.token.TokenUnavailableException}, at the latest after
	 * {@link RefreshPolicy#callerWait()}
	 */
	public CompletionStage<TokenRecord> obtain(TokenDemand demand) {
		return CompletableFuture.failedFuture(new IllegalStateException("being written"));
	}

	/**
	 * Get another token after an API refused one: the stored one if it is another,
	 * otherwise a renewed one; the refused one again if it is too young to be renewed.
	 * @param demand what is wanted
	 * @param refused value of the refused access token
	 * @return as {@link #obtain}
	 */
	public CompletionStage<TokenRecord> replace(TokenDemand demand, String refused) {
		return CompletableFuture.failedFuture(new IllegalStateException("being written"));
	}

	/**
	 * Read what is stored, without any call to the server. Serves a received pair that
	 * could not be stored yet.
	 * @param key the record
	 * @param policy settings of the registration
	 * @return a record whose tokens are non-null if and only if they are usable or
	 * renewable without the user; fails with
	 * {@link io.github.oauthredis.token.TokenUnavailableException} if Redis does not
	 * answer or the record is sealed with an unknown key
	 */
	public CompletionStage<TokenRecord> load(TokenKey key, RefreshPolicy policy) {
		return CompletableFuture.failedFuture(new IllegalStateException("being written"));
	}

	/**
	 * Store tokens that came from a login; a stale copy of what is stored is ignored.
	 * @param key the record
	 * @param policy settings of the registration
	 * @param tokens the tokens
	 * @return completes when stored
	 */
	public CompletionStage<@Nullable Void> save(TokenKey key, RefreshPolicy policy, Tokens tokens) {
		return CompletableFuture.failedFuture(new IllegalStateException("being written"));
	}

	/**
	 * Remove a record; what a refresh in flight brings is refused.
	 * @param key the record
	 * @return completes when a tombstone stands in its place
	 */
	public CompletionStage<@Nullable Void> remove(TokenKey key) {
		return CompletableFuture.failedFuture(new IllegalStateException("being written"));
	}

	@Override
	public void close() {
	}

}
