package io.github.oauthredis.sample.digest;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Names a token without showing it: the first eight hexadecimal digits of its SHA-256.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenDigest {

	private static final int BYTES = 4;

	private TokenDigest() {
	}

	/**
	 * Return the short name of a token.
	 * @param token the token
	 * @return eight hexadecimal digits
	 */
	public static String of(String token) {
		try {
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
			return HexFormat.of().formatHex(digest, 0, BYTES);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("SHA-256 is not available", ex);
		}
	}

}
