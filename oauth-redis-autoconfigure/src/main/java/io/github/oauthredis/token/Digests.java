package io.github.oauthredis.token;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * SHA-256, the one digest in use. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class Digests {

	private Digests() {
	}

	/**
	 * Digest a secret so that it can be compared without being known.
	 * @param value the secret
	 * @return the SHA-256 of its UTF-8 form, as Base64 for URLs without padding
	 */
	public static String sha256(String value) {
		return Base64.getUrlEncoder().withoutPadding().encodeToString(sha256(value.getBytes(StandardCharsets.UTF_8)));
	}

	/**
	 * Digest bytes.
	 * @param value the bytes
	 * @return 32 bytes
	 */
	public static byte[] sha256(byte[] value) {
		try {
			return MessageDigest.getInstance("SHA-256").digest(value);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
