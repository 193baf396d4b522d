package io.github.oauthredis.benchmark;

import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.Set;

import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

/**
 * Registrations, requests and tokens that all peers are measured with alike.
 */
final class Samples {

	static final String USERS = "users";

	static final String SERVICE = "service";

	static final String CLIENT_ID = "benchmark-client";

	static final String CLIENT_SECRET = "benchmark-client-secret";

	private static final int ACCESS_TOKEN = 1400;

	private static final int REFRESH_TOKEN = 600;

	private Samples() {
	}

	static ClientRegistration[] registrations(String tokenUri) {
		return new ClientRegistration[] { registration(USERS, AuthorizationGrantType.AUTHORIZATION_CODE, tokenUri),
				registration(SERVICE, AuthorizationGrantType.CLIENT_CREDENTIALS, tokenUri) };
	}

	private static ClientRegistration registration(String id, AuthorizationGrantType grantType, String tokenUri) {
		return ClientRegistration.withRegistrationId(id)
			.clientId(CLIENT_ID)
			.clientSecret(CLIENT_SECRET)
			.authorizationGrantType(grantType)
			.redirectUri("{baseUrl}/login/oauth2/code/{registrationId}")
			.authorizationUri("https://provider.example/authorize")
			.tokenUri(tokenUri)
			.scope("read", "write")
			.build();
	}

	static Authentication user(String name) {
		return UsernamePasswordAuthenticationToken.authenticated(name, null, List.of());
	}

	static OAuth2AuthorizeRequest request(String registrationId, String user) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(registrationId).principal(user(user)).build();
	}

	/**
	 * A grant that is good for a day, with 2,000 random bytes of tokens.
	 */
	static OAuth2AuthorizedClient freshGrant(ClientRegistration registration, String user) {
		Random random = new Random(user.hashCode());
		return grant(registration, user, token(random, ACCESS_TOKEN), token(random, REFRESH_TOKEN), Duration.ZERO,
				Duration.ofDays(1));
	}

	/**
	 * A grant of a user.
	 * @param age how long ago its access token was issued
	 * @param remaining how long it still lives
	 */
	static OAuth2AuthorizedClient grant(ClientRegistration registration, String user, String accessToken,
			String refreshToken, Duration age, Duration remaining) {
		Instant now = Instant.now();
		Instant issuedAt = now.minus(age);
		return new OAuth2AuthorizedClient(registration, user, new OAuth2AccessToken(TokenType.BEARER, accessToken,
				issuedAt, now.plus(remaining), Set.of("read", "write")),
				new OAuth2RefreshToken(refreshToken, issuedAt));
	}

	private static String token(Random random, int length) {
		byte[] bytes = new byte[length];
		random.nextBytes(bytes);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(0, length);
	}

}
