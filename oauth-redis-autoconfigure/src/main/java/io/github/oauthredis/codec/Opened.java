package io.github.oauthredis.codec;

import io.github.oauthredis.token.Tokens;

/**
 * Outcome of opening a sealed record.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public sealed interface Opened {

	/**
	 * The record opened.
	 *
	 * @param tokens its content
	 */
	record Content(Tokens tokens) implements Opened {
	}

	/**
	 * The record is sealed with a key that is not on the ring.
	 *
	 * @param keyId id of that key
	 */
	record UnknownKey(String keyId) implements Opened {
	}

	/**
	 * The record is not what the holder of its key sealed for this place.
	 *
	 * @param reason short description without any content of the record
	 */
	record Broken(String reason) implements Opened {
	}

}
