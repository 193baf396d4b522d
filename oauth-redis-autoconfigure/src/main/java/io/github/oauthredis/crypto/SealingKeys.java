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

}
