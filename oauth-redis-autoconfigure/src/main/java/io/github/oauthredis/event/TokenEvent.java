package io.github.oauthredis.event;

import org.jspecify.annotations.Nullable;

/**
 * One fact in the life of a token. Published as an application event in the instance
 * where it happened, after callers were served; holds no secret and no principal name.
 *
 * @param type what happened
 * @param registrationId id of the client registration
 * @param keyDigest digest that names the record in Redis
 * @param generation generation of the record afterwards; 0 if unknown
 * @param detail cause, such as an OAuth2 error code; null where there is none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record TokenEvent(Type type, String registrationId, String keyDigest, long generation, @Nullable String detail) {

	/**
	 * What happened.
	 */
	public enum Type {

		/**
		 * This instance obtained a token where there was none.
		 */
		OBTAINED,

		/**
		 * This instance renewed a token.
		 */
		REFRESHED,

		/**
		 * This instance was about to renew and took the result of another one.
		 */
		ADOPTED,

		/**
		 * An API refused the token, and it was marked so.
		 */
		REFUSED,

		/**
		 * A token request failed; the stored token was kept.
		 */
		FAILED,

		/**
		 * The server refused the grant for good.
		 */
		DEAD,

		/**
		 * A client was saved, usually by a login.
		 */
		SAVED,

		/**
		 * A client was removed.
		 */
		REMOVED,

		/**
		 * A record did not open with its key and was set aside.
		 */
		SET_ASIDE,

		/**
		 * An older record than this instance has seen was found and refused.
		 */
		STALE,

		/**
		 * The server granted fewer scopes than were asked for.
		 */
		NARROWED,

		/**
		 * A received token could not be stored yet and is kept in memory until it can.
		 */
		PENDING,

		/**
		 * A grant was stored, but fewer replicas of Redis than are waited for had it in
		 * time.
		 */
		UNREPLICATED,

		/**
		 * The provider failed repeatedly; this instance sends it no token requests for
		 * now. Names the record whose request was the last to fail.
		 */
		CIRCUIT_OPEN,

		/**
		 * The provider works again. Names the record whose request found out.
		 */
		CIRCUIT_CLOSED,

		/**
		 * Redis did not do what was asked. From now on this instance serves what is in
		 * memory and has issued tokens of its own. Names the record that was to be read.
		 */
		REDIS_AWAY,

		/**
		 * Redis answers again. Names the record that was read.
		 */
		REDIS_BACK

	}

}
