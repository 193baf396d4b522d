package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

import org.springframework.core.io.ResourceLoader;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Encryption;
import io.github.oauthredis.crypto.EncodedKey;
import io.github.oauthredis.crypto.JwkKeys;
import io.github.oauthredis.crypto.JwkSetFile;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeyException;

/**
 * Finds the explicit keys that the settings name.
 */
final class SealingKeySources {

	private static final String ACTION = "Give each key an id and 256 random bits in Base64, such as "
			+ "'openssl rand -base64 32' prints. The key is not shown here.";

	private SealingKeySources() {
	}

	/**
	 * Read the keys for the first time.
	 * @param encryption the settings
	 * @param resources finds the JWK Set file
	 * @param clock spaces the looks at that file
	 * @param threads take these looks
	 * @return gives the keys as they are at that moment; none if none are configured
	 * @throws InvalidOAuthRedisConfigurationException if a key is malformed
	 */
	static Supplier<List<SealingKey>> of(Encryption encryption, ResourceLoader resources, Clock clock,
			BackgroundThreads threads) {
		String location = encryption.jwkSetLocation();
		try {
			if (location != null) {
				return new JwkSetFile(resources.getResource(location), clock, threads.executor());
			}
			List<SealingKey> keys = JwkKeys
				.inline(encryption.keys().stream().map((key) -> new EncodedKey(key.id(), key.secret())).toList());
			return () -> keys;
		}
		catch (SealingKeyException ex) {
			throw new InvalidOAuthRedisConfigurationException(
					(location != null) ? "oauth-redis.encryption.jwk-set-location" : "oauth-redis.encryption.keys",
					null, ex.getMessage() + ".", ACTION);
		}
	}

}
