package io.github.oauthredis.crypto;

import org.jspecify.annotations.Nullable;

/**
 * A key as it is written in the configuration, not yet checked. Its string form shows
 * neither part, as the two may have been mixed up. Immutable.
 *
 * @param id key id; null if it was left out
 * @param secret 32 bytes as Base64 or as Base64 for URLs; null if it was left out
 * @author OAuth Redis
 * @since 0.1.0
 */
public record EncodedKey(@Nullable String id, @Nullable String secret) {

	@Override
	public String toString() {
		return "EncodedKey[]";
	}

}
