package io.github.oauthredis.testkit;

/**
 * One presentation of a refresh token to the authorization server. Immutable.
 *
 * @param refreshToken the token presented
 * @param receivedNanos when the request had arrived, by {@link System#nanoTime()}
 * @param answeredNanos when the answer began to leave, {@link Long#MAX_VALUE} if it has
 * not
 * @param status the HTTP status of the answer, 0 if there is none
 */
public record Presentation(String refreshToken, long receivedNanos, long answeredNanos, int status) {

	public boolean answered() {
		return this.answeredNanos != Long.MAX_VALUE;
	}

}
