package io.github.oauthredis.refresh;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * What it says about others that the server refused a refresh token for good. Pure.
 */
final class TheftSignal {

	private TheftSignal() {
	}

	/**
	 * Judge a refusal. Nothing is said of a refresh token that may have been presented
	 * here before, nor of one whose own access token had ended: then idleness or an end
	 * that the server never stated explain it as well.
	 * @param refused what was presented
	 * @param now local time
	 * @return a signal, or null if others need not have had a hand in it
	 */
	static TokenEvent.@Nullable Type of(TokenRecord refused, Instant now) {
		Tokens tokens = refused.liveTokens();
		Instant receivedAt = (tokens != null) ? tokens.refreshTokenIssuedAt() : null;
		Instant end = refused.timing().expiresAt();
		if (tokens == null || receivedAt == null || end == null) {
			return null;
		}
		boolean presented = refused.timing().attempts() > 0 || tokens.issuedAt().isAfter(receivedAt);
		if (presented || !now.isBefore(end)) {
			return null;
		}
		return tokens.lineage().isEmpty() ? TokenEvent.Type.FOREIGN_ROTATION : TokenEvent.Type.FAMILY_LOST;
	}

}
