package io.github.oauthredis.event;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;

/**
 * One fact in the life of a token. Published as an application event in the instance
 * where it happened, after callers were served; holds no secret and no principal name.
 *
 * @param type what happened
 * @param registrationId id of the client registration; null if it concerns all
 * @param keyDigest digest that names the record in Redis; null if it concerns many
 * @param principalDigest SHA-256 of the name of the principal whose grant it is, or who
 * was denied, as {@link Digests#sha256(String)} makes it; null if it is nobody's
 * @param generation generation of the record afterwards; 0 if unknown
 * @param detail cause, such as an OAuth2 error code; null where there is none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record TokenEvent(Type type, @Nullable String registrationId, @Nullable String keyDigest,
		@Nullable String principalDigest, long generation, @Nullable String detail) {

	/**
	 * A fact about one record.
	 * @param type what happened
	 * @param key the record
	 * @param generation generation of the record afterwards; 0 if unknown
	 * @param detail cause, such as an OAuth2 error code; null where there is none
	 * @return the event
	 */
	public static TokenEvent of(Type type, TokenKey key, long generation, @Nullable String detail) {
		String principalName = key.principalName();
		return new TokenEvent(type, key.registrationId(), key.digest(),
				(principalName != null) ? Digests.sha256(principalName) : null, generation, detail);
	}

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
		 * This instance received tokens that are not stored: a newer record, or the
		 * removal of the old one, was there first, or too many wait for Redis.
		 */
		DISCARDED,

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
		 * A record was found that is sealed with a key this instance does not know; it is
		 * left alone. The detail is the id of the key.
		 */
		LOCKED,

		/**
		 * Redis had lost what this instance stored, and it was put back.
		 */
		REPAIRED,

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
		REDIS_BACK,

		/**
		 * Tokens were revoked, or found revoked and taken away; the detail says by whom.
		 */
		REVOKED,

		/**
		 * The provider was told that a token is revoked (RFC 7009).
		 */
		REVOCATION_SENT,

		/**
		 * The provider could not be told that a token is revoked; it is tried again
		 * unless the detail says otherwise.
		 */
		REVOCATION_FAILED,

		/**
		 * A token was handed out although Redis could not confirm it. Told once for each
		 * record and outage; outages within a minute count as one.
		 */
		STALE_SERVED,

		/**
		 * A record was sealed again with the key that seals now.
		 */
		RESEALED,

		/**
		 * Another client secret than before works at the provider; the detail is its
		 * place in the list.
		 */
		CLIENT_SECRET_CHANGED,

		/**
		 * The caller may not have this token; nothing was sent.
		 */
		DENIED,

		/**
		 * The server refused a refresh token that it had just given to this fleet in
		 * exchange for another one: somebody else may have presented one of this grant.
		 */
		FAMILY_LOST,

		/**
		 * The server refused the refresh token of a login, which this fleet had never
		 * presented: somebody else may have.
		 */
		FOREIGN_ROTATION,

		/**
		 * APIs refused tokens of one record in more than five seconds of a minute, though
		 * it was renewed if it could be. Told once a minute.
		 */
		REFUSED_OFTEN,

		/**
		 * A provider reported a logout or a revocation, and it was believed.
		 */
		SIGNAL_RECEIVED,

		/**
		 * A report of a provider was not believed; the detail says why.
		 */
		SIGNAL_REJECTED

	}

}
