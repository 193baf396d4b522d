package io.github.oauthredis.refresh;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * Makes new tokens of an answer and of what was there before. Pure.
 */
final class Renewal {

	private Renewal() {
	}

	/**
	 * Apply an answer. An answer without refresh token keeps the old one; one without
	 * scope means "unchanged", or "as requested" where nothing was there (RFC 6749
	 * sections 5.1 and 6). Marks are those of the grant, or of the reading where nothing
	 * was there.
	 * @param key the record
	 * @param before what was renewed; only a live record has anything to keep
	 * @param answer the answer
	 * @param sentAt local time before the request was sent
	 * @return the new tokens
	 */
	static Tokens apply(TokenKey key, TokenRecord before, TokenAnswer answer, Instant sentAt) {
		Tokens current = before.liveTokens();
		String old = (current != null) ? current.refreshToken() : null;
		String fresh = answer.refreshToken();
		boolean replaced = fresh != null && !fresh.equals(old);
		Set<String> requested = (current != null && !current.requestedScopes().isEmpty()) ? current.requestedScopes()
				: answer.requestedScopes();
		Set<String> granted = answer.scopes();
		if (granted == null) {
			granted = (current != null) ? current.scopes() : requested;
		}
		return new Tokens(answer.accessToken(), answer.tokenType(), (fresh != null) ? fresh : old, granted, requested,
				(current != null) ? current.principalName() : key.principalName(), sentAt,
				(answer.expiresIn() != null) ? sentAt.plus(answer.expiresIn()) : null,
				replaced ? sentAt : (current != null) ? current.refreshTokenIssuedAt() : null, answer.expiresIn(),
				answer.refreshIn(), (current != null) ? current.accessTokenDigest() : null,
				(current != null && current.rotates()) || (old != null && replaced),
				(current != null) ? current.marks() : before.marks(), lineage(current, replaced));
	}

	private static List<Rotation> lineage(@Nullable Tokens current, boolean replaced) {
		if (current == null || current.refreshToken() == null) {
			return List.of();
		}
		if (!replaced) {
			return current.lineage();
		}
		Instant receivedAt = (current.refreshTokenIssuedAt() != null) ? current.refreshTokenIssuedAt()
				: current.issuedAt();
		List<Rotation> lineage = new ArrayList<>();
		lineage.add(Rotation.of(current.refreshToken(), receivedAt));
		lineage.addAll(current.lineage());
		return lineage;
	}

	/**
	 * Whether fewer scopes were granted than asked for, and this is news.
	 */
	static boolean isNarrowed(@Nullable Tokens before, Tokens after) {
		return !after.missing(after.requestedScopes()).isEmpty()
				&& (before == null || !before.scopes().equals(after.scopes()));
	}

}
