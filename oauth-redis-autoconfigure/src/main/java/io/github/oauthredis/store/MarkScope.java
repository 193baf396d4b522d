package io.github.oauthredis.store;

import io.github.oauthredis.token.TokenKey;

/**
 * What one mark revokes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public sealed interface MarkScope {

	/**
	 * Whether a record is in this scope.
	 * @param key the record
	 * @return whether it is
	 */
	default boolean holds(TokenKey key) {
		if (this instanceof Registration one) {
			return one.registrationId().equals(key.registrationId());
		}
		return !(this instanceof Principal one) || one.principalName().equals(key.principalName());
	}

	/**
	 * All records under the key prefix.
	 */
	record All() implements MarkScope {
	}

	/**
	 * All records of one registration.
	 *
	 * @param registrationId id of the client registration
	 */
	record Registration(String registrationId) implements MarkScope {
	}

	/**
	 * All grants of one principal, whatever the registration.
	 *
	 * @param principalName name of the principal; never printed
	 */
	record Principal(String principalName) implements MarkScope {

		@Override
		public String toString() {
			return "Principal[]";
		}

	}

}
