package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.Jwt;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.token.Digests;

/**
 * On whose behalf a token is asked for. Such a token ends when one of these ends.
 * Immutable; its string form shows no secret.
 *
 * @param subject token of whom it is for; null if the caller has none
 * @param actor token of who acts for the subject; null if nobody does
 */
record Delegation(@Nullable OAuth2Token subject, @Nullable OAuth2Token actor) {

	/**
	 * Find out on whose behalf a caller asks: attributes of the request say so, or else
	 * the principal is the subject.
	 * @param request what the caller asked for
	 * @return the tokens
	 * @throws IllegalArgumentException if an attribute is no token
	 */
	static Delegation of(OAuth2AuthorizeRequest request) {
		OAuth2Token subject = token(request, RequestAttributes.SUBJECT_TOKEN);
		return new Delegation((subject != null) ? subject : token(request.getPrincipal()),
				token(request, RequestAttributes.ACTOR_TOKEN));
	}

	/**
	 * Whether a request names a token itself, which only we know how to present.
	 * @param request what the caller asked for
	 * @return whether an attribute names the subject or the actor
	 */
	static boolean isNamed(OAuth2AuthorizeRequest request) {
		return request.getAttribute(RequestAttributes.SUBJECT_TOKEN) != null
				|| request.getAttribute(RequestAttributes.ACTOR_TOKEN) != null;
	}

	private static @Nullable OAuth2Token token(OAuth2AuthorizeRequest request, String attribute) {
		Object value = request.getAttribute(attribute);
		if (value != null && !(value instanceof OAuth2Token)) {
			throw new IllegalArgumentException("'%s' must be an OAuth2Token".formatted(attribute));
		}
		return (OAuth2Token) value;
	}

	private static @Nullable OAuth2Token token(Authentication principal) {
		if (principal.getPrincipal() instanceof OAuth2Token token) {
			return token;
		}
		return (principal.getCredentials() instanceof OAuth2Token token) ? token : null;
	}

	/**
	 * What of these tokens reaches a token request, digested.
	 * @return one text for each, empty where there is none
	 */
	List<String> digests() {
		return List.of(digest(this.subject), digest(this.actor));
	}

	private static String digest(@Nullable OAuth2Token token) {
		if (token == null) {
			return "";
		}
		// Spring Security tells the server which of the two it is.
		return ((token instanceof Jwt) ? "jwt~" : "token~") + Digests.sha256(token.getTokenValue());
	}

	boolean hasEnded(Instant now) {
		return isOver(this.subject, now) || isOver(this.actor, now);
	}

	private static boolean isOver(@Nullable OAuth2Token token, Instant now) {
		Instant end = end(token);
		return end != null && !now.isBefore(end);
	}

	private static @Nullable Instant end(@Nullable OAuth2Token token) {
		return (token != null) ? token.getExpiresAt() : null;
	}

	/**
	 * Let a token end no later than those it was asked for with. Then a renewal would
	 * bring nothing that lasts longer, so there is none before the end. One whose end is
	 * unknown counts as ending after the default lifetime.
	 * @param answer what the server said
	 * @param defaultLifetime what counts where no lifetime is known
	 * @param now the present, when the answer has arrived
	 * @return the same with no longer a lifetime than there is left
	 * @throws TokenRequestException if nothing is left
	 */
	TokenAnswer bounded(TokenAnswer answer, Duration defaultLifetime, Instant now) {
		Instant byDefault = now.plus(defaultLifetime);
		Instant subjectEnd = end(this.subject, byDefault);
		Instant actorEnd = end(this.actor, byDefault);
		Instant end = actorEnd.isBefore(subjectEnd) ? actorEnd : subjectEnd;
		Duration lifetime = (answer.expiresIn() != null) ? answer.expiresIn() : defaultLifetime;
		if (!now.plus(lifetime).isAfter(end)) {
			return answer;
		}
		Duration left = Duration.between(now, end);
		if (left.isZero() || left.isNegative()) {
			throw TokenRequestException.notSent("subject_token_ended",
					"The token that was presented ended before there was an answer", null);
		}
		return new TokenAnswer(answer.accessToken(), answer.tokenType(), answer.refreshToken(), answer.scopes(),
				answer.requestedScopes(), left, answer.refreshTokenExpiresIn(),
				end.equals(byDefault) ? null : left.minusMillis(1));
	}

	private static Instant end(@Nullable OAuth2Token token, Instant byDefault) {
		if (token == null) {
			return Instant.MAX;
		}
		return (token.getExpiresAt() != null) ? token.getExpiresAt() : byDefault;
	}

	@Override
	public String toString() {
		return "Delegation[subject=" + (this.subject != null) + ", actor=" + (this.actor != null) + "]";
	}

}
