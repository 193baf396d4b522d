package io.github.oauthredis.store;

/**
 * What one mark revokes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public sealed interface MarkScope {

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
