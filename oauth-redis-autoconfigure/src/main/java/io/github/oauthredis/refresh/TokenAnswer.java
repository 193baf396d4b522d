package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * A successful answer of a token endpoint (RFC 6749 section 5.1). A lifetime that is not
 * positive counts as none: some servers say 0 for "never ends", and a token that ended
 * when it was issued would be asked for with each call. Its string form shows no secret.
 *
 * @param accessToken value of the access token
 * @param tokenType type of the access token
 * @param refreshToken value of the refresh token; null keeps the old one
 * @param scopes granted scopes; null if the answer has none, which means "as requested"
 * @param requestedScopes scopes that the request asked for; empty if it named none
 * @param expiresIn stated lifetime; null if absent, not a number or not positive
 * @param refreshTokenExpiresIn stated lifetime of the refresh token; null if none is
 * stated
 * @param refreshIn hint after what time to renew; null if there is none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record TokenAnswer(String accessToken, String tokenType, @Nullable String refreshToken,
		@Nullable Set<String> scopes, Set<String> requestedScopes, @Nullable Duration expiresIn,
		@Nullable Duration refreshTokenExpiresIn, @Nullable Duration refreshIn) {

	// Keeps arithmetic with what a server says within the range of times.
	private static final Duration LONGEST = Duration.ofDays(36_500);

	public TokenAnswer {
		expiresIn = lifetime(expiresIn);
		refreshTokenExpiresIn = lifetime(refreshTokenExpiresIn);
		refreshIn = lifetime(refreshIn);
	}

	private static @Nullable Duration lifetime(@Nullable Duration stated) {
		if (stated == null || stated.isZero() || stated.isNegative()) {
			return null;
		}
		return (stated.compareTo(LONGEST) < 0) ? stated : LONGEST;
	}

	@Override
	public String toString() {
		return "TokenAnswer[tokenType=" + this.tokenType + ", expiresIn=" + this.expiresIn + "]";
	}

}
