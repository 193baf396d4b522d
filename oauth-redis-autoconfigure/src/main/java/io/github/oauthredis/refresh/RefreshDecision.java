package io.github.oauthredis.refresh;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What to do with a record that was read.
 *
 * @param action what to do
 * @param reason short code why nothing can be handed out; empty if something can
 * @param retryAt before when it stays so; null if nobody knows
 */
record RefreshDecision(Action action, String reason, @Nullable Instant retryAt) {

	static RefreshDecision of(Action action) {
		return new RefreshDecision(action, "", null);
	}

	/**
	 * Whether the token may be sent as it is.
	 */
	boolean isUsable() {
		return this.action == Action.USE || this.action == Action.USE_AND_REFRESH;
	}

	/**
	 * Possible actions.
	 */
	enum Action {

		/**
		 * Hand out the token.
		 */
		USE,

		/**
		 * Hand out the token and renew it in the background.
		 */
		USE_AND_REFRESH,

		/**
		 * Renew, then hand out.
		 */
		REFRESH_FIRST,

		/**
		 * Obtain a token for this instance alone: the record is sealed with an unknown
		 * key.
		 */
		OBTAIN_UNSHARED,

		/**
		 * Hand out nothing now; a later call may succeed.
		 */
		DECLINE,

		/**
		 * Hand out nothing: only the user can help.
		 */
		LOST

	}

}
