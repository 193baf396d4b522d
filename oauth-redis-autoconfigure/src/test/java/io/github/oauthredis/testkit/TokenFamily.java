package io.github.oauthredis.testkit;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * The refresh tokens that followed one another from one login. Not thread-safe.
 */
final class TokenFamily {

	private final Map<String, Instant> rotatedAt = new HashMap<>();

	private final String id;

	private final String clientId;

	private final String subject;

	private final String scope;

	private String current;

	private boolean revoked;

	TokenFamily(String id, String clientId, String subject, String scope, String first) {
		this.id = id;
		this.clientId = clientId;
		this.subject = subject;
		this.scope = scope;
		this.current = first;
	}

	void rotate(String next, Instant now) {
		this.rotatedAt.put(this.current, now);
		this.current = next;
	}

	void revoke() {
		this.revoked = true;
	}

	boolean belongsTo(String clientId) {
		return this.clientId.isEmpty() || this.clientId.equals(clientId);
	}

	/**
	 * Return when a token was replaced.
	 * @param refreshToken a token of this family
	 * @return the time, or null if it is the current one
	 */
	@Nullable Instant rotatedAt(String refreshToken) {
		return this.rotatedAt.get(refreshToken);
	}

	String id() {
		return this.id;
	}

	String subject() {
		return this.subject;
	}

	String scope() {
		return this.scope;
	}

	String current() {
		return this.current;
	}

	boolean revoked() {
		return this.revoked;
	}

}
