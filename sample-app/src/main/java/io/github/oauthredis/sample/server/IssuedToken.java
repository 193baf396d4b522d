package io.github.oauthredis.sample.server;

import java.time.Instant;

/**
 * An access token that the server issued.
 *
 * @param digest short name of the token
 * @param client whose token it is
 * @param principal for whom the client acts, or the client itself
 * @param issuedAt when it was issued
 * @param expiresAt until when the server says that it is active
 * @param cut whether it ends before its time
 * @author OAuth Redis
 */
record IssuedToken(String digest, String client, String principal, Instant issuedAt, Instant expiresAt, boolean cut) {

	IssuedToken cutAt(Instant end) {
		return end.isBefore(this.expiresAt)
				? new IssuedToken(this.digest, this.client, this.principal, this.issuedAt, end, true) : this;
	}

}
