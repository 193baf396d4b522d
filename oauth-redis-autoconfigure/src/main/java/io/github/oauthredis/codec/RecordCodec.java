package io.github.oauthredis.codec;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.AesGcm;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.token.Tokens;

/**
 * Turns tokens into the bytes that Redis stores and back. Thread-safe.
 *
 * <pre>
 * sealed      1 | length of key id (1 byte) | key id (UTF-8) | nonce (12) | ciphertext | tag (16)
 * unsealed    0 | JSON
 * </pre>
 *
 * The ciphertext is AES-256-GCM over the same JSON. Its associated data are the header
 * (all before the nonce), the record key as UTF-8, each after its length in four bytes,
 * and the generation in eight; all numbers are big-endian. So bytes that were copied from
 * another record, or from an older generation of the same one, do not open. First bytes 2
 * to 31 are kept for formats to come; a record that has one is treated like one with an
 * unknown key, as it may be a newer instance's.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RecordCodec {

	private static final byte UNSEALED = 0;

	private static final byte SEALED = 1;

	private static final byte LAST_RESERVED = 31;

	private static final int MAX_SHOWN_KEY_ID = 64;

	private static final int MAX_BYTES = TokensCodec.MAX_BYTES + AesGcm.OVERHEAD + 2 + 255;

	/**
	 * Seal tokens, or write them in the clear if the ring does not seal.
	 * @param ring keys of the registration
	 * @param recordKey name of the record that the tokens are for
	 * @param generation generation that the record will have
	 * @param tokens the tokens
	 * @return bytes to store
	 * @throws IllegalArgumentException if the tokens are larger than 1 MiB
	 * @throws io.github.oauthredis.crypto.SealingKeyException if the key cannot be used
	 */
	public byte[] seal(KeyRing ring, String recordKey, long generation, Tokens tokens) {
		byte[] json = TokensCodec.write(tokens);
		SealingKey key = ring.sealing();
		if (key == null) {
			return ByteBuffer.allocate(1 + json.length).put(UNSEALED).put(json).array();
		}
		byte[] header = header(key);
		byte[] sealed = AesGcm.seal(key, json, associatedData(header, recordKey, generation));
		return ByteBuffer.allocate(header.length + sealed.length).put(header).put(sealed).array();
	}

	/**
	 * Open stored bytes.
	 * @param ring keys of the registration
	 * @param recordKey name of the record that holds them
	 * @param generation generation of that record
	 * @param envelope the bytes; may be anything
	 * @return the tokens, or why there are none
	 * @throws io.github.oauthredis.crypto.SealingKeyException if a key on the ring cannot
	 * be used, whatever the bytes are
	 */
	public Opened open(KeyRing ring, String recordKey, long generation, byte[] envelope) {
		if (envelope.length == 0 || envelope.length > MAX_BYTES) {
			return new Opened.Broken((envelope.length == 0) ? "empty" : "too large");
		}
		byte format = envelope[0];
		if (format == SEALED) {
			return openSealed(ring, recordKey, generation, envelope);
		}
		if (format == UNSEALED) {
			// Whoever can write to Redis must not get around the seal by leaving it off.
			return (ring.sealing() == null) ? content(envelope, 1) : new Opened.Broken("not sealed");
		}
		if (format > SEALED && format <= LAST_RESERVED) {
			return new Opened.UnknownKey("format-" + format);
		}
		return new Opened.Broken("not a record");
	}

	/**
	 * Whether an envelope names the key with which content is sealed now.
	 * @param ring keys of the registration
	 * @param envelope the bytes; may be anything
	 * @return {@code true} if so, and if the ring does not seal
	 */
	public boolean isCurrent(KeyRing ring, byte[] envelope) {
		SealingKey key = ring.sealing();
		if (key == null) {
			return true;
		}
		byte[] header = header(key);
		return envelope.length >= header.length && Arrays.equals(header, 0, header.length, envelope, 0, header.length);
	}

	/**
	 * First bytes of everything that a ring can open, for whoever must tell without
	 * opening.
	 * @param ring keys of the registration
	 * @return one beginning for each key that opens, and for content in the clear if the
	 * ring does not seal
	 */
	public List<byte[]> beginnings(KeyRing ring) {
		List<byte[]> beginnings = new ArrayList<>();
		if (ring.sealing() == null) {
			beginnings.add(new byte[] { UNSEALED });
		}
		ring.opening().forEach((key) -> beginnings.add(header(key)));
		return beginnings;
	}

	private static byte[] header(SealingKey key) {
		byte[] keyId = key.id().getBytes(StandardCharsets.UTF_8);
		return ByteBuffer.allocate(2 + keyId.length).put(SEALED).put((byte) keyId.length).put(keyId).array();
	}

	private static Opened openSealed(KeyRing ring, String recordKey, long generation, byte[] envelope) {
		int headerLength = (envelope.length > 1) ? 2 + Byte.toUnsignedInt(envelope[1]) : 2;
		if (headerLength == 2 || envelope.length < headerLength + AesGcm.OVERHEAD) {
			return new Opened.Broken("too short");
		}
		String keyId = decode(envelope, 2, headerLength - 2);
		if (keyId == null) {
			return new Opened.Broken("malformed key id");
		}
		SealingKey key = ring.find(keyId);
		if (key == null) {
			return new Opened.UnknownKey(printable(keyId));
		}
		byte[] header = Arrays.copyOf(envelope, headerLength);
		byte[] sealed = Arrays.copyOfRange(envelope, headerLength, envelope.length);
		byte[] json = AesGcm.open(key, sealed, associatedData(header, recordKey, generation));
		return (json != null) ? content(json, 0) : new Opened.Broken("wrong seal");
	}

	private static Opened content(byte[] json, int offset) {
		try {
			return new Opened.Content(TokensCodec.read(json, offset));
		}
		catch (MalformedTokensException ex) {
			return new Opened.Broken("malformed content: " + ex.getMessage());
		}
	}

	private static byte[] associatedData(byte[] header, String recordKey, long generation) {
		byte[] key = recordKey.getBytes(StandardCharsets.UTF_8);
		return ByteBuffer.allocate(4 + header.length + 4 + key.length + 8)
			.putInt(header.length)
			.put(header)
			.putInt(key.length)
			.put(key)
			.putLong(generation)
			.array();
	}

	private static @Nullable String decode(byte[] bytes, int offset, int length) {
		try {
			return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, offset, length)).toString();
		}
		catch (CharacterCodingException ex) {
			return null;
		}
	}

	/*
	 * An unknown key id may be anybody's text and ends up in logs.
	 */
	private static String printable(String keyId) {
		StringBuilder shown = new StringBuilder();
		keyId.codePoints().limit(MAX_SHOWN_KEY_ID).forEach((c) -> shown.append((c > ' ' && c < 0x7F) ? (char) c : '?'));
		return shown.toString();
	}

}
