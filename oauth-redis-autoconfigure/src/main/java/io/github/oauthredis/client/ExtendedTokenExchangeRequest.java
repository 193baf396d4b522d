package io.github.oauthredis.client;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2Token;

/**
 * Request to exchange a token for another, with extra parameters. Immutable.
 */
final class ExtendedTokenExchangeRequest extends TokenExchangeGrantRequest implements ExtraParameters {

	private final Map<String, String> parameters;

	ExtendedTokenExchangeRequest(ClientRegistration registration, OAuth2Token subject, @Nullable OAuth2Token actor,
			Map<String, String> parameters) {
		super(registration, subject, actor);
		this.parameters = Map.copyOf(parameters);
	}

	@Override
	public Map<String, String> getExtraParameters() {
		return this.parameters;
	}

}
