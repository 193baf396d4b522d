package io.github.oauthredis.codec;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.token.Tokens;

/**
 * Placeholder until the codec is merged.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RecordCodec {

	/**
	 * Seal.
	 * @param ring keys
	 * @param recordKey name
	 * @param generation generation
	 * @param tokens content
	 * @return envelope
	 */
	public byte[] seal(KeyRing ring, String recordKey, long generation, Tokens tokens) {
		return new byte[0];
	}

	/**
	 * Open.
	 * @param ring keys
	 * @param recordKey name
	 * @param generation generation
	 * @param envelope envelope
	 * @return outcome
	 */
	public Opened open(KeyRing ring, String recordKey, long generation, byte[] envelope) {
		return new Opened.Broken("temporary");
	}

}
