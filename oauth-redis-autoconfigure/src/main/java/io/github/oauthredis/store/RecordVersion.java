package io.github.oauthredis.store;

import io.github.oauthredis.token.TokenKey;

/**
 * One state of a record, by names that tell nothing of what it held.
 *
 * @param registrationId id of the client registration
 * @param digest digest of everything that identifies the record
 * @param generation its generation; 0 if it was never stored
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RecordVersion(String registrationId, String digest, long generation) {

	/**
	 * Name a state of a record.
	 * @param key the record
	 * @param generation its generation; 0 if it was never stored
	 * @return the name
	 */
	public static RecordVersion of(TokenKey key, long generation) {
		return new RecordVersion(key.registrationId(), key.digest(), generation);
	}

	/**
	 * The name under which the record is sealed, which is {@link TokenKey#toString()}.
	 */
	String key() {
		return this.registrationId + "~" + this.digest;
	}

}
