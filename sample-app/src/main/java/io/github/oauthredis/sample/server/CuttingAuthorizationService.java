package io.github.oauthredis.sample.server;

import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.endpoint.OidcParameterNames;
import org.springframework.security.oauth2.server.authorization.InMemoryOAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2Authorization;
import org.springframework.security.oauth2.server.authorization.OAuth2AuthorizationService;
import org.springframework.security.oauth2.server.authorization.OAuth2TokenType;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClient;
import org.springframework.security.oauth2.server.authorization.client.RegisteredClientRepository;
import org.springframework.stereotype.Component;

import io.github.oauthredis.sample.digest.TokenDigest;

/**
 * Keeps authorizations in memory and shows their access tokens with the end they were cut
 * to, so that introspection says "not active" from then on. Only what is read changes,
 * therefore a cut cannot undo a refresh that happens at the same time.
 *
 * @author OAuth Redis
 */
@Component
class CuttingAuthorizationService implements OAuth2AuthorizationService {

	private final OAuth2AuthorizationService delegate = new InMemoryOAuth2AuthorizationService();

	private final RegisteredClientRepository clients;

	private final IssuedTokens issued;

	private final EarlierIdTokens earlier;

	CuttingAuthorizationService(RegisteredClientRepository clients, IssuedTokens issued, EarlierIdTokens earlier) {
		this.clients = clients;
		this.issued = issued;
		this.earlier = earlier;
	}

	@Override
	public void save(OAuth2Authorization authorization) {
		this.delegate.save(authorization);
		OAuth2Authorization.Token<OidcIdToken> idToken = authorization.getToken(OidcIdToken.class);
		if (idToken != null) {
			this.earlier.add(idToken.getToken().getTokenValue(), authorization.getId());
		}
		RegisteredClient client = this.clients.findById(authorization.getRegisteredClientId());
		OAuth2Authorization.Token<OAuth2AccessToken> accessToken = authorization.getAccessToken();
		if (client != null && accessToken != null) {
			OAuth2AccessToken token = accessToken.getToken();
			Instant issuedAt = token.getIssuedAt();
			Instant expiresAt = token.getExpiresAt();
			if (issuedAt != null && expiresAt != null) {
				this.issued.add(new IssuedToken(TokenDigest.of(token.getTokenValue()), client.getClientId(),
						authorization.getPrincipalName(), issuedAt, expiresAt, false));
			}
		}
	}

	@Override
	public void remove(OAuth2Authorization authorization) {
		this.delegate.remove(authorization);
	}

	@Override
	public @Nullable OAuth2Authorization findById(String id) {
		return withCut(this.delegate.findById(id));
	}

	@Override
	public @Nullable OAuth2Authorization findByToken(String token, @Nullable OAuth2TokenType tokenType) {
		OAuth2Authorization found = this.delegate.findByToken(token, tokenType);
		if (found == null && tokenType != null && OidcParameterNames.ID_TOKEN.equals(tokenType.getValue())) {
			String id = this.earlier.find(token);
			found = (id != null) ? this.delegate.findById(id) : null;
		}
		return withCut(found);
	}

	private @Nullable OAuth2Authorization withCut(@Nullable OAuth2Authorization authorization) {
		OAuth2Authorization.Token<OAuth2AccessToken> accessToken = (authorization != null)
				? authorization.getAccessToken() : null;
		if (authorization == null || accessToken == null) {
			return authorization;
		}
		OAuth2AccessToken token = accessToken.getToken();
		IssuedToken issued = this.issued.find(TokenDigest.of(token.getTokenValue()));
		if (issued == null || !issued.cut()) {
			return authorization;
		}
		OAuth2AccessToken shorter = new OAuth2AccessToken(token.getTokenType(), token.getTokenValue(),
				token.getIssuedAt(), issued.expiresAt(), token.getScopes());
		return OAuth2Authorization.from(authorization)
			.token(shorter, (metadata) -> metadata.putAll(accessToken.getMetadata()))
			.build();
	}

}
