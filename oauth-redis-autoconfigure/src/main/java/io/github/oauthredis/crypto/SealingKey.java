package io.github.oauthredis.crypto;

import javax.crypto.SecretKey;

/**
 * A 256-bit AES key and the id by which sealed records name it. Its string form shows
 * only the id.
 *
 * @param id key id; at most 255 bytes of UTF-8
 * @param secret the key
 * @author OAuth Redis
 * @since 0.1.0
 */
public record SealingKey(String id, SecretKey secret) {

	@Override
	public String toString() {
		return "SealingKey[id=" + this.id + "]";
	}

}
