package io.github.oauthredis.refresh;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.TokenKey;

/**
 * Places at which a test may hold a refresh. In production nothing holds.
 */
@FunctionalInterface
interface StopPoints {

	/**
	 * Never holds.
	 */
	StopPoints NONE = (step, key) -> CompletableFuture.completedFuture(null);

	/**
	 * Called when a step is reached.
	 * @param step the step
	 * @param key the record
	 * @return completes when the refresh may go on
	 */
	CompletionStage<@Nullable Void> reach(Step step, TokenKey key);

	/**
	 * Steps of a refresh.
	 */
	enum Step {

		/**
		 * A caller has read the record and will join or start a refresh.
		 */
		FOUND,

		/**
		 * The lease is held, nothing is sent yet.
		 */
		ACQUIRED,

		/**
		 * The answer is there, nothing is stored yet.
		 */
		ANSWERED

	}

}
