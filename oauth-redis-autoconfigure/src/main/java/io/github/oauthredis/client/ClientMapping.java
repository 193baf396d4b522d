package io.github.oauthredis.client;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

/**
 * Translates between authorized clients and tokens, to and fro without loss, except that
 * a missing issue time becomes the time of saving. Pure.
 */
final class ClientMapping {

	private ClientMapping() {
	}

	/**
	 * Make tokens of a client that somebody saves.
	 * @param client the client
	 * @param principalName name of the principal who granted; null for an issued token
	 * @param now the present
	 * @return the tokens; their lifetime is null if the client states none, or no more
	 * than the second by which Spring Security means none
	 */
	static Tokens tokens(OAuth2AuthorizedClient client, @Nullable String principalName, Instant now) {
		OAuth2AccessToken accessToken = client.getAccessToken();
		OAuth2RefreshToken refreshToken = client.getRefreshToken();
		Instant issuedAt = accessToken.getIssuedAt();
		return new Tokens(accessToken.getTokenValue(), accessToken.getTokenType().getValue(),
				(refreshToken != null) ? refreshToken.getTokenValue() : null, accessToken.getScopes(),
				client.getClientRegistration().getScopes(), principalName, (issuedAt != null) ? issuedAt : now,
				accessToken.getExpiresAt(), (refreshToken != null) ? refreshToken.getIssuedAt() : null,
				StatedTime.lifetime(accessToken, now), null, null, false, Marks.NONE);
	}

	/**
	 * Make a client of tokens.
	 * @param registration the current registration
	 * @param principalName name that the client bears
	 * @param tokens the tokens
	 * @return the client
	 */
	static OAuth2AuthorizedClient client(ClientRegistration registration, String principalName, Tokens tokens) {
		OAuth2RefreshToken refreshToken = (tokens.refreshToken() != null)
				? new OAuth2RefreshToken(tokens.refreshToken(), tokens.refreshTokenIssuedAt()) : null;
		return new OAuth2AuthorizedClient(registration, principalName, accessToken(tokens), refreshToken);
	}

	static OAuth2AccessToken accessToken(Tokens tokens) {
		Instant issuedAt = tokens.issuedAt();
		Instant expiresAt = tokens.expiresAt();
		if (expiresAt != null && !expiresAt.isAfter(issuedAt)) {
			issuedAt = null;
		}
		return new OAuth2AccessToken(AnswerConverter.tokenType(tokens.tokenType()), tokens.accessToken(), issuedAt,
				expiresAt, tokens.scopes());
	}

}
