package io.github.oauthredis.crypto;

import java.time.Duration;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Reads keys from where they are kept. Used by one thread at a time, which it may block.
 */
interface KeyReader {

	/**
	 * Read the keys.
	 * @return at least one key, or null if nothing changed since they were read last
	 * @throws SealingKeyException if that failed
	 */
	@Nullable List<SealingKey> read();

	/**
	 * Where the keys come from, for messages.
	 * @return the place
	 */
	String place();

	/**
	 * Time between two readings.
	 * @return the time
	 */
	Duration interval();

	/**
	 * Time after a reading in which no record with an unknown key leads to another one.
	 * @return the time
	 */
	Duration pause();

}
