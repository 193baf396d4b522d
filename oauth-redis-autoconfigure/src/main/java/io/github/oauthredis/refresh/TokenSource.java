package io.github.oauthredis.refresh;

import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Tokens;

/**
 * Sends one token request. Called on a thread of the engine, which it may block; the
 * engine counts the deadline.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenSource {

	/**
	 * Ask the server for tokens, once.
	 * @param current tokens to be renewed; null if there are none
	 * @return the answer; fails with {@link TokenRequestException}, any other failure
	 * counts as ambiguous
	 */
	CompletionStage<TokenAnswer> request(@Nullable Tokens current);

}
