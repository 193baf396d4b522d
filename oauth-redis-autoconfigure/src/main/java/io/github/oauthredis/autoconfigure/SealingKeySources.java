package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.List;

import com.nimbusds.jose.jwk.source.JWKSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ResourceLoader;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Encryption;
import io.github.oauthredis.crypto.EncodedKey;
import io.github.oauthredis.crypto.ExplicitKeys;
import io.github.oauthredis.crypto.JwkKeys;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.crypto.WatchedKeys;

/**
 * Finds the explicit keys that the settings name.
 */
final class SealingKeySources {

	private static final String ACTION = "Give each key an id and 256 random bits in Base64, such as "
			+ "'openssl rand -base64 32' prints. The key is not shown here.";

	/**
	 * Name of the bean that is asked for keys. One of another name is somebody else's: an
	 * authorization server has one, too, for its signatures.
	 */
	static final String SOURCE = "oauthRedisJwkSource";

	private SealingKeySources() {
	}

	/**
	 * Read the keys for the first time.
	 * @param encryption the settings
	 * @param source source that the application defines; null if it defines none
	 * @param resources finds the JWK Set file
	 * @param clock spaces the looks at that file or source
	 * @param threads take these looks
	 * @return gives the keys as they are at that moment; none if none are configured
	 * @throws InvalidOAuthRedisConfigurationException if a key is malformed, or if there
	 * are both a source and settings
	 */
	static ExplicitKeys of(Encryption encryption, @Nullable JWKSource<?> source, ResourceLoader resources, Clock clock,
			BackgroundThreads threads) {
		String location = encryption.jwkSetLocation();
		String property = (location != null) ? "oauth-redis.encryption.jwk-set-location"
				: "oauth-redis.encryption.keys";
		if (source != null && (location != null || !encryption.keys().isEmpty())) {
			throw new InvalidOAuthRedisConfigurationException(property, location,
					"Bean '%s' gives the keys: with both, nobody could tell which key seals.".formatted(SOURCE),
					"Remove the property or the bean.");
		}
		try {
			if (source != null) {
				return WatchedKeys.ofSource(source, "bean '%s'".formatted(SOURCE), encryption.rotationDelay(), clock,
						threads.patient());
			}
			if (location != null) {
				return WatchedKeys.ofFile(resources.getResource(location), encryption.rotationDelay(), clock,
						threads.executor());
			}
			List<SealingKey> keys = JwkKeys
				.inline(encryption.keys().stream().map((key) -> new EncodedKey(key.id(), key.secret())).toList());
			return () -> keys;
		}
		catch (SealingKeyException ex) {
			throw (source != null)
					? new InvalidOAuthRedisConfigurationException("oauth-redis.encryption", null, ex.getMessage() + ".",
							"See that the JWKSource bean gives a JWK Set of 'oct' keys with 256 bits and a 'kid' each.")
					: new InvalidOAuthRedisConfigurationException(property, null, ex.getMessage() + ".", ACTION);
		}
	}

}
