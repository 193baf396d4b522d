package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.refresh.RefreshPolicy;

/**
 * Registrations, clients and settings for tests of this package.
 */
final class TestClients {

	static final String GRANT_ID = "github";

	static final String SERVICE_ID = "billing";

	private TestClients() {
	}

	static ClientRegistration.Builder grant(String tokenUri) {
		return ClientRegistration.withRegistrationId(GRANT_ID)
			.clientId("web")
			.clientSecret("web-secret")
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
			.authorizationGrantType(AuthorizationGrantType.AUTHORIZATION_CODE)
			.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
			.authorizationUri("https://provider.example/authorize")
			.tokenUri(tokenUri)
			.scope("read", "write");
	}

	static ClientRegistration.Builder service(String tokenUri) {
		return ClientRegistration.withRegistrationId(SERVICE_ID)
			.clientId("service")
			.clientSecret("service-secret")
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.tokenUri(tokenUri)
			.scope("invoices");
	}

	static ClientRegistration.Builder exchange(String tokenUri) {
		return ClientRegistration.withRegistrationId("exchange")
			.clientId("exchanger")
			.clientSecret("exchange-secret")
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_BASIC)
			.authorizationGrantType(AuthorizationGrantType.TOKEN_EXCHANGE)
			.tokenUri(tokenUri);
	}

	static RefreshPolicy policy(Duration callTimeout) {
		return policy(callTimeout, Duration.ofSeconds(5));
	}

	static RefreshPolicy policy(Duration callTimeout, Duration minInterval) {
		return new RefreshPolicy(Duration.ofMinutes(5), 0.2, Duration.ofSeconds(5), callTimeout, Duration.ofSeconds(8),
				minInterval, Duration.ofMinutes(5), Duration.ZERO, Duration.ofMinutes(5), Duration.ofDays(180));
	}

	static ClientSettings settings() {
		return settings(Duration.ofSeconds(5), Map.of());
	}

	static ClientSettings settings(Duration callTimeout, Map<String, String> parameters) {
		return new ClientSettings(policy(callTimeout), parameters, null, AccessPolicy.OPEN, null);
	}

	static ClientSettings settings(AccessPolicy access) {
		return new ClientSettings(policy(Duration.ofSeconds(5)), Map.of(), null, access, null);
	}

	static OAuth2AuthorizedClient client(ClientRegistration registration, String principalName, String token,
			Instant issuedAt, Duration lifetime) {
		OAuth2AccessToken accessToken = new OAuth2AccessToken(TokenType.BEARER, token, issuedAt,
				(lifetime != null) ? issuedAt.plus(lifetime) : null, Set.of("read"));
		return new OAuth2AuthorizedClient(registration, principalName, accessToken,
				new OAuth2RefreshToken("refresh-" + token, issuedAt));
	}

}
