package io.github.oauthredis.client;

import java.util.Map;

import org.springframework.security.oauth2.client.endpoint.JwtBearerGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.jwt.Jwt;

/**
 * Request for a token in exchange for an assertion, with extra parameters. Immutable.
 */
final class ExtendedJwtBearerRequest extends JwtBearerGrantRequest implements ExtraParameters {

	private final Map<String, String> parameters;

	ExtendedJwtBearerRequest(ClientRegistration registration, Jwt assertion, Map<String, String> parameters) {
		super(registration, assertion);
		this.parameters = Map.copyOf(parameters);
	}

	@Override
	public Map<String, String> getExtraParameters() {
		return this.parameters;
	}

}
