package io.github.oauthredis.crypto;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;

import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;

import org.jspecify.annotations.Nullable;

/**
 * AES-256-GCM with a random 96-bit nonce and a 128-bit tag. A sealed value is the nonce
 * followed by ciphertext and tag. Thread-safe: every call has a cipher of its own, which
 * costs less than a microsecond and, unlike a thread-local one, nothing per virtual
 * thread.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class AesGcm {

	/**
	 * Bytes that sealing adds.
	 */
	public static final int OVERHEAD = 12 + 16;

	private static final int NONCE_BYTES = 12;

	private static final int TAG_BITS = 128;

	private static final String TRANSFORMATION = "AES/GCM/NoPadding";

	/*
	 * The generator of the platform, which on Unix draws on the kernel at every call: a
	 * process that is restored twice from one snapshot must not repeat a nonce.
	 */
	private static final SecureRandom RANDOM = new SecureRandom();

	private AesGcm() {
	}

	/**
	 * Seal a value.
	 * @param key key to seal with
	 * @param plaintext the value
	 * @param associatedData what must be presented again to open the value
	 * @return nonce, ciphertext and tag
	 * @throws SealingKeyException if the key cannot be used with AES
	 */
	public static byte[] seal(SealingKey key, byte[] plaintext, byte[] associatedData) {
		byte[] sealed = new byte[plaintext.length + OVERHEAD];
		byte[] nonce = new byte[NONCE_BYTES];
		RANDOM.nextBytes(nonce);
		ByteBuffer target = ByteBuffer.wrap(sealed).put(nonce);
		try {
			Cipher cipher = cipher(Cipher.ENCRYPT_MODE, key, nonce);
			cipher.updateAAD(associatedData);
			cipher.doFinal(plaintext, 0, plaintext.length, sealed, target.position());
			return sealed;
		}
		catch (GeneralSecurityException ex) {
			throw unusable(key, ex);
		}
	}

	/**
	 * Open a value.
	 * @param key key that sealed it
	 * @param sealed nonce, ciphertext and tag; may be anything
	 * @param associatedData what was presented to seal it
	 * @return the value, or null if this key did not seal these bytes with that
	 * associated data
	 * @throws SealingKeyException if the key cannot be used with AES
	 */
	public static byte @Nullable [] open(SealingKey key, byte[] sealed, byte[] associatedData) {
		if (sealed.length < OVERHEAD) {
			return null;
		}
		byte[] nonce = new byte[NONCE_BYTES];
		System.arraycopy(sealed, 0, nonce, 0, NONCE_BYTES);
		try {
			Cipher cipher = cipher(Cipher.DECRYPT_MODE, key, nonce);
			cipher.updateAAD(associatedData);
			return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
		}
		catch (AEADBadTagException ex) {
			return null;
		}
		catch (GeneralSecurityException ex) {
			throw unusable(key, ex);
		}
	}

	private static Cipher cipher(int mode, SealingKey key, byte[] nonce) throws GeneralSecurityException {
		Cipher cipher = Cipher.getInstance(TRANSFORMATION);
		cipher.init(mode, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
		return cipher;
	}

	/*
	 * A fault of the key or the platform, never of the record: calling the record broken
	 * would set it aside. The cause is left out, as a provider may quote what it was
	 * given.
	 */
	private static SealingKeyException unusable(SealingKey key, GeneralSecurityException ex) {
		return new SealingKeyException(
				"Key '%s' cannot be used with AES-256-GCM (%s)".formatted(key.id(), ex.getClass().getSimpleName()));
	}

}
