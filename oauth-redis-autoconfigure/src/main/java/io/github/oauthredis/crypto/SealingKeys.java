package io.github.oauthredis.crypto;

import java.util.concurrent.CompletionStage;

/**
 * Gives the keys of a registration. Thread-safe; never blocks. Keys that must be derived
 * first arrive when they are.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface SealingKeys {

	/**
	 * Keys for one registration.
	 * @param registrationId id of the client registration
	 * @return its key ring; fails with {@link SealingKeyException} if it has none
	 */
	CompletionStage<KeyRing> forRegistration(String registrationId);

	/**
	 * Keys for one registration, after a look for keys that were added since. For a
	 * record that names a key which nobody knows here.
	 * @param registrationId id of the client registration
	 * @return its key ring, as {@link #forRegistration} returns it
	 */
	default CompletionStage<KeyRing> renewed(String registrationId) {
		return forRegistration(registrationId);
	}

	/**
	 * Id of the key that seals the records of all registrations.
	 * @return the id, or an empty one if each registration has its own key
	 */
	default String sealingId() {
		return "";
	}

}
