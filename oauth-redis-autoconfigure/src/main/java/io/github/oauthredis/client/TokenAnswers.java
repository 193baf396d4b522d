package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;

import io.github.oauthredis.refresh.TokenAnswer;

/**
 * Translates answers into the words of the engine. Pure.
 *
 * @param requestedScopes scopes that the request asked for; empty if it named none
 * @param presented refresh token that the request presented; null if it presented none
 * @param now the present
 */
record TokenAnswers(Set<String> requestedScopes, @Nullable String presented, Instant now) {

	TokenAnswer ofOurs(OAuth2AccessTokenResponse response) {
		// Translate what our own converter read, which left the server's words in place.
		Map<String, Object> stated = response.getAdditionalParameters();
		OAuth2AccessToken token = response.getAccessToken();
		Set<String> scopes = (stated.get(OAuth2ParameterNames.SCOPE) != null) ? token.getScopes() : null;
		return answer(token, response.getRefreshToken(), scopes,
				StatedTime.of(stated.get(OAuth2ParameterNames.EXPIRES_IN)), stated);
	}

	TokenAnswer ofTheirs(OAuth2AccessTokenResponse response) {
		// Translate what the application's own client made of the answer: no scopes may
		// mean
		// that the server named none.
		return ofTheirs(response.getAccessToken(), response.getRefreshToken(), response.getAdditionalParameters());
	}

	TokenAnswer ofTheirs(OAuth2AuthorizedClient client) {
		// Translate what the application's own provider made of the answer.
		return ofTheirs(client.getAccessToken(), client.getRefreshToken(), Map.of());
	}

	private TokenAnswer ofTheirs(OAuth2AccessToken token, @Nullable OAuth2RefreshToken refreshToken,
			Map<String, Object> stated) {
		Set<String> scopes = token.getScopes().isEmpty() ? null : token.getScopes();
		return answer(token, refreshToken, scopes, StatedTime.remaining(token, this.now), stated);
	}

	private TokenAnswer answer(OAuth2AccessToken token, @Nullable OAuth2RefreshToken refreshToken,
			@Nullable Set<String> scopes, @Nullable Duration expiresIn, Map<String, Object> stated) {
		Duration refreshTokenExpiresIn = StatedTime.of(stated.get("refresh_expires_in"));
		if (refreshTokenExpiresIn == null) {
			refreshTokenExpiresIn = StatedTime.of(stated.get("refresh_token_expires_in"));
		}
		return new TokenAnswer(token.getTokenValue(), token.getTokenType().getValue(), replacement(refreshToken),
				scopes, this.requestedScopes, expiresIn, refreshTokenExpiresIn,
				StatedTime.of(stated.get("refresh_in")));
	}

	private @Nullable String replacement(@Nullable OAuth2RefreshToken refreshToken) {
		// Spring Security fills in the presented token where the answer has none. A token
		// that was issued without one is issued again without one.
		return (refreshToken != null && this.presented != null
				&& !Objects.equals(refreshToken.getTokenValue(), this.presented)) ? refreshToken.getTokenValue() : null;
	}

	@Override
	public String toString() {
		// Shows no secret.
		return "TokenAnswers[requestedScopes=" + this.requestedScopes + "]";
	}

}
