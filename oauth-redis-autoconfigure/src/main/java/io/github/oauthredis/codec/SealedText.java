package io.github.oauthredis.codec;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.AesGcm;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;

/**
 * Seals short texts that are stored beside records, each for one place, so that it opens
 * nowhere else. Pure but for random nonces.
 *
 * <pre>
 * sealed      Base64URL(key id) . Base64URL(nonce, ciphertext, tag)
 * unsealed    . Base64URL(text)
 * </pre>
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SealedText {

	private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

	private SealedText() {
	}

	/**
	 * Seal a text, or write it in the clear if the ring does not seal.
	 * @param ring keys of the registration
	 * @param place where it will be stored
	 * @param text the text
	 * @return letters, digits, dashes, underscores and a dot
	 */
	public static String seal(KeyRing ring, String place, String text) {
		byte[] plain = text.getBytes(StandardCharsets.UTF_8);
		SealingKey key = ring.sealing();
		if (key == null) {
			return "." + ENCODER.encodeToString(plain);
		}
		return encodedId(key) + "." + ENCODER.encodeToString(AesGcm.seal(key, plain, place.getBytes(StandardCharsets.UTF_8)));
	}

	/**
	 * Tell whether a text was sealed with a key that the ring lacks.
	 * @param ring keys of the registration
	 * @param sealed what was found; may be anything
	 * @return {@code true} if so
	 */
	public static boolean isLocked(KeyRing ring, String sealed) {
		int dot = sealed.indexOf('.');
		return dot > 0 && ring.opening().stream().noneMatch((key) -> sealed.startsWith(encodedId(key) + "."));
	}

	/**
	 * Tell whether a text that opens was written as it would be now.
	 * @param ring keys of the registration
	 * @param sealed what was found
	 * @return {@code true} if so
	 */
	public static boolean isCurrent(KeyRing ring, String sealed) {
		SealingKey key = ring.sealing();
		return sealed.startsWith(((key != null) ? encodedId(key) : "") + ".");
	}

	/**
	 * Open a text.
	 * @param ring keys of the registration
	 * @param place where it was found
	 * @param sealed what was found; may be anything
	 * @return the text, or null if no key on the ring sealed it for this place
	 */
	public static @Nullable String open(KeyRing ring, String place, String sealed) {
		int dot = sealed.indexOf('.');
		if (dot < 0 || (dot == 0 && ring.sealing() != null)) {
			return null;
		}
		try {
			byte[] content = Base64.getUrlDecoder().decode(sealed.substring(dot + 1));
			byte[] plain = content;
			if (dot > 0) {
				String keyId = new String(Base64.getUrlDecoder().decode(sealed.substring(0, dot)),
						StandardCharsets.UTF_8);
				SealingKey key = ring.find(keyId);
				plain = (key != null) ? AesGcm.open(key, content, place.getBytes(StandardCharsets.UTF_8)) : null;
			}
			return (plain != null) ? new String(plain, StandardCharsets.UTF_8) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static String encodedId(SealingKey key) {
		return ENCODER.encodeToString(key.id().getBytes(StandardCharsets.UTF_8));
	}

}
