package io.github.oauthredis.client;

import java.util.Map;

import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

/**
 * Request for a refresh with extra parameters. Names no scope. Immutable.
 */
final class ExtendedRefreshTokenRequest extends OAuth2RefreshTokenGrantRequest implements ExtraParameters {

	private final Map<String, String> parameters;

	ExtendedRefreshTokenRequest(ClientRegistration registration, OAuth2AccessToken accessToken,
			OAuth2RefreshToken refreshToken, Map<String, String> parameters) {
		super(registration, accessToken, refreshToken);
		this.parameters = Map.copyOf(parameters);
	}

	@Override
	public Map<String, String> getExtraParameters() {
		return this.parameters;
	}

}
