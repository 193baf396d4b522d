package io.github.oauthredis.crypto;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;

import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Derives the key of a registration from its client secret: PBKDF2 with HMAC-SHA-256 and
 * 100,000 rounds, salted with registration id and client id. The same three values give
 * the same key in every instance. Pure; takes tens of milliseconds.
 */
final class DerivedKeys {

	/**
	 * Start of the id of every derived key.
	 */
	static final String ID_PREFIX = "derived-";

	private static final int ROUNDS = 100_000;

	private static final int KEY_BITS = 256;

	private static final int FINGERPRINT_BYTES = 8;

	private static final byte[] SALT_LABEL = "oauth-redis/derived-key/1".getBytes(StandardCharsets.US_ASCII);

	private static final byte[] ID_LABEL = "oauth-redis/derived-key-id/1".getBytes(StandardCharsets.US_ASCII);

	private DerivedKeys() {
	}

	/**
	 * Derive a key.
	 * @param registrationId id of the client registration
	 * @param clientId client id at the provider
	 * @param clientSecret the secret, taken as it is
	 * @return a key whose id tells keys apart but says nothing about the secret that does
	 * not cost a whole derivation to check
	 */
	static SealingKey derive(String registrationId, String clientId, String clientSecret) {
		PBEKeySpec spec = new PBEKeySpec(clientSecret.toCharArray(), salt(registrationId, clientId), ROUNDS, KEY_BITS);
		try {
			byte[] key = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
			return new SealingKey(ID_PREFIX + fingerprint(key), new SecretKeySpec(key, "AES"));
		}
		catch (GeneralSecurityException ex) {
			throw new SealingKeyException("No key can be derived for registration '%s': this Java platform has no %s"
				.formatted(registrationId, "PBKDF2WithHmacSHA256"));
		}
		finally {
			spec.clearPassword();
		}
	}

	private static String fingerprint(byte[] key) throws GeneralSecurityException {
		Mac mac = Mac.getInstance("HmacSHA256");
		mac.init(new SecretKeySpec(key, "HmacSHA256"));
		byte[] fingerprint = Arrays.copyOf(mac.doFinal(ID_LABEL), FINGERPRINT_BYTES);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(fingerprint);
	}

	/*
	 * Label, then each value as the number of its chars (four bytes) and its chars (two
	 * bytes each), so that no two pairs of values have the same salt.
	 */
	private static byte[] salt(String registrationId, String clientId) {
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		try (DataOutputStream salt = new DataOutputStream(bytes)) {
			salt.write(SALT_LABEL);
			salt.writeInt(registrationId.length());
			salt.writeChars(registrationId);
			salt.writeInt(clientId.length());
			salt.writeChars(clientId);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return bytes.toByteArray();
	}

}
