package io.github.oauthredis.crypto;

import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Keys of one registration at one moment. The first seals, all open. Immutable.
 *
 * @param keys the keys; empty if and only if sealing is switched off
 * @author OAuth Redis
 * @since 0.1.0
 */
public record KeyRing(List<SealingKey> keys) {

	public KeyRing {
		keys = List.copyOf(keys);
	}

	/**
	 * Key that seals.
	 * @return the first key, or null if sealing is switched off
	 */
	public @Nullable SealingKey sealing() {
		return this.keys.isEmpty() ? null : this.keys.get(0);
	}

	/**
	 * Find a key that opens.
	 * @param id key id of a sealed record
	 * @return the key, or null if it is not on this ring
	 */
	public @Nullable SealingKey find(String id) {
		for (SealingKey key : this.keys) {
			if (key.id().equals(id)) {
				return key;
			}
		}
		return null;
	}

}
