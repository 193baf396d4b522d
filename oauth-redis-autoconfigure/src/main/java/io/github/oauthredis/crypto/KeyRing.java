package io.github.oauthredis.crypto;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Keys of one registration at one moment. One of them seals, all of them open, and
 * records that were sealed earlier stay readable while sealing is switched off.
 * Immutable.
 *
 * @param sealing key that seals; null if and only if sealing is switched off
 * @param opening every key that opens, the sealing one included, most recent first
 * @author OAuth Redis
 * @since 0.1.0
 */
public record KeyRing(@Nullable SealingKey sealing, List<SealingKey> opening) {

	public KeyRing {
		opening = List.copyOf(opening);
		if (sealing != null && !opening.contains(sealing)) {
			throw new IllegalArgumentException("'opening' must contain the key that seals");
		}
	}

	/**
	 * Ring whose first key seals.
	 * @param keys at least one key
	 * @return the ring
	 */
	public static KeyRing of(SealingKey... keys) {
		return new KeyRing(keys[0], List.of(keys));
	}

	/**
	 * Ring that does not seal.
	 * @param opening keys that open records sealed earlier; may be none
	 * @return the ring
	 */
	public static KeyRing unsealed(SealingKey... opening) {
		return new KeyRing(null, List.of(opening));
	}

	/**
	 * Find a key that opens.
	 * @param id key id of a sealed record
	 * @return the key, or null if it is not on this ring
	 */
	public @Nullable SealingKey find(String id) {
		for (SealingKey key : this.opening) {
			if (key.id().equals(id)) {
				return key;
			}
		}
		return null;
	}

}
