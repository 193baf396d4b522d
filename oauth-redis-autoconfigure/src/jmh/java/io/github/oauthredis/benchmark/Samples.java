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
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

/**
 * Registrations, users and tokens that stock and ours are measured with alike: a user's
 * grant of 2,000 bytes of tokens and a service token.
 */
final class Samples {

	static final String USERS = "users";

	static final String SERVICE = "service";

	static final String CLIENT_ID = "benchmark-client";

	static final String CLIENT_SECRET = "benchmark-client-secret";

	static final int ACCESS_TOKEN = 1400;

	static final int REFRESH_TOKEN = 600;

	private Samples() {
	}

	static InMemoryClientRegistrationRepository registrations(String tokenUri) {
		return new InMemoryClientRegistrationRepository(
				registration(USERS, AuthorizationGrantType.AUTHORIZATION_CODE, tokenUri),
				registration(SERVICE, AuthorizationGrantType.CLIENT_CREDENTIALS, tokenUri));
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

	static OAuth2AuthorizeRequest request(String registrationId, Authentication user) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(registrationId).principal(user).build();
	}

	/**
	 * A grant of a user that is good for a day, its tokens as long and as random as real
	 * ones.
	 */
	static OAuth2AuthorizedClient freshGrant(ClientRegistration registration, String user) {
		return grant(registration, user, user.hashCode(), Duration.ofDays(1));
	}

	static OAuth2AuthorizedClient grant(ClientRegistration registration, String user, long seed, Duration remaining) {
		Random random = new Random(seed);
		return grant(registration, user, token(random, ACCESS_TOKEN), token(random, REFRESH_TOKEN), remaining);
	}

	static OAuth2AuthorizedClient grant(ClientRegistration registration, String user, String accessToken,
			String refreshToken, Duration remaining) {
		// A lifetime of an hour, or what remains if that is more.
		Instant now = Instant.now();
		Instant expiresAt = now.plus(remaining);
		Instant hourBefore = expiresAt.minus(Duration.ofHours(1));
		Instant issuedAt = hourBefore.isBefore(now) ? hourBefore : now;
		return new OAuth2AuthorizedClient(registration, user,
				new OAuth2AccessToken(TokenType.BEARER, accessToken, issuedAt, expiresAt, Set.of("read", "write")),
				new OAuth2RefreshToken(refreshToken, issuedAt));
	}

	/**
	 * A grant as a login leaves it behind.
	 */
	static OAuth2AuthorizedClient login(ClientRegistration registration, String user, String accessToken,
			String refreshToken, Duration lifetime) {
		Instant now = Instant.now();
		return new OAuth2AuthorizedClient(registration, user,
				new OAuth2AccessToken(TokenType.BEARER, accessToken, now, now.plus(lifetime), Set.of("read", "write")),
				new OAuth2RefreshToken(refreshToken, now));
	}

	static String token(Random random, int length) {
		byte[] bytes = new byte[length];
		random.nextBytes(bytes);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).substring(0, length);
	}

}
