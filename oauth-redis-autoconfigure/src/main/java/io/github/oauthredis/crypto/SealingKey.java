package io.github.oauthredis.crypto;

import java.nio.charset.StandardCharsets;

import javax.crypto.SecretKey;

import org.jspecify.annotations.Nullable;

/**
 * A 256-bit AES key and the id by which sealed records name it. Its string form shows
 * only the id. Immutable.
 *
 * @param id key id, stored in the clear; at most 255 bytes of UTF-8
 * @param secret the key
 * @author OAuth Redis
 * @since 0.1.0
 */
public record SealingKey(String id, SecretKey secret) {

	static final int MAX_ID_BYTES = 255;

	public SealingKey {
		String problem = problemWithId(id);
		if (problem != null) {
			throw new SealingKeyException("Id of a sealing key " + problem);
		}
	}

	static @Nullable String problemWithId(@Nullable String id) {
		if (id == null || id.isBlank()) {
			return "must not be empty";
		}
		if (id.chars().anyMatch(Character::isISOControl) || !StandardCharsets.UTF_8.newEncoder().canEncode(id)) {
			return "must consist of printable characters";
		}
		if (id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES) {
			return "must not be longer than " + MAX_ID_BYTES + " bytes";
		}
		return null;
	}

	@Override
	public String toString() {
		return "SealingKey[id=" + this.id + "]";
	}

}
