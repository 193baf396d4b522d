package io.github.oauthredis.client;

import java.util.Map;

import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * Request for client credentials with extra parameters. Immutable.
 */
final class ExtendedClientCredentialsRequest extends OAuth2ClientCredentialsGrantRequest implements ExtraParameters {

	private final Map<String, String> parameters;

	ExtendedClientCredentialsRequest(ClientRegistration registration, Map<String, String> parameters) {
		super(registration);
		this.parameters = Map.copyOf(parameters);
	}

	@Override
	public Map<String, String> getExtraParameters() {
		return this.parameters;
	}

}
