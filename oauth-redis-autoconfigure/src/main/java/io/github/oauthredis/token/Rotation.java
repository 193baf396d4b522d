package io.github.oauthredis.token;

import java.time.Instant;

/**
 * A refresh token that a renewal replaced. Immutable; holds no secret.
 *
 * @param digest first 12 characters of its digest, as {@link Digests#sha256(String)}
 * makes it: 72 bits
 * @param receivedAt when this fleet had received it, in full seconds; between 1970 and
 * 2106
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Rotation(String digest, Instant receivedAt) {

	private static final int DIGEST_LENGTH = 12;

	private static final long LATEST = 0xFFFF_FFFFL;

	public Rotation {
		if (digest.length() != DIGEST_LENGTH) {
			throw new IllegalArgumentException("'digest' must have 12 characters, but had " + digest.length());
		}
		receivedAt = Instant.ofEpochSecond(Math.min(Math.max(receivedAt.getEpochSecond(), 0), LATEST));
	}

	/**
	 * The rotation that replaced a refresh token.
	 * @param refreshToken value of the replaced token
	 * @param receivedAt when it had been received
	 * @return the rotation
	 */
	public static Rotation of(String refreshToken, Instant receivedAt) {
		return new Rotation(digest(refreshToken), receivedAt);
	}

	/**
	 * Whether it replaced a certain token.
	 * @param refreshToken value of the token
	 * @return {@code true} if so
	 */
	public boolean isOf(String refreshToken) {
		return this.digest.equals(digest(refreshToken));
	}

	private static String digest(String refreshToken) {
		return Digests.sha256(refreshToken).substring(0, DIGEST_LENGTH);
	}

}
