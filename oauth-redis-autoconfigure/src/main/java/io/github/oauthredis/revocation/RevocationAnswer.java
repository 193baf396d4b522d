package io.github.oauthredis.revocation;

import java.time.Duration;

import org.jspecify.annotations.Nullable;

/**
 * What became of the wish that a provider revokes tokens.
 *
 * @param outcome what became of it
 * @param code why it is not done, such as an OAuth2 error code; null where it is
 * @param retryAfter how long the provider asked to wait; null if it did not
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RevocationAnswer(Outcome outcome, @Nullable String code, @Nullable Duration retryAfter) {

	/**
	 * The provider did it.
	 */
	public static final RevocationAnswer DONE = new RevocationAnswer(Outcome.DONE, null, null);

	/**
	 * There was nothing to do.
	 */
	public static final RevocationAnswer NOTHING = new RevocationAnswer(Outcome.NOTHING, null, null);

	/**
	 * What became of it.
	 */
	public enum Outcome {

		/**
		 * The tokens are of no use any more.
		 */
		DONE,

		/**
		 * The provider has no endpoint for it, or the tokens have ended.
		 */
		NOTHING,

		/**
		 * It may succeed later.
		 */
		RETRY,

		/**
		 * It will never succeed.
		 */
		REFUSED

	}

}
