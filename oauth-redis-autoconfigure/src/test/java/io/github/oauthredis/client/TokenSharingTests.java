package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.Jwt;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 10: requests share a token if and only if everything that the server is told is
 * the same, whatever the order of scopes and parameters. Seen from the server.
 */
class TokenSharingTests {

	private static final int REQUESTS = 400;

	private final List<FakeAuthorizationServer> servers = List.of(FakeAuthorizationServer.start(),
			FakeAuthorizationServer.start());

	private final TokenEndpoint endpoint = new TokenEndpoint((id) -> TestClients.settings(), Duration.ofSeconds(2),
			null, Clock.systemUTC());

	private final TokenSources sources = new TokenSources(this.endpoint, UserTokenClients.NONE);

	private final TokenKeys keys = new TokenKeys(null);

	private final Random random = new Random(10);

	@AfterEach
	void close() {
		this.servers.forEach(FakeAuthorizationServer::close);
	}

	@Test
	void keysAreEqualExactlyWhereTokenRequestsAre() {
		Map<TokenKey, Object> requestsByKey = new HashMap<>();
		Map<Object, TokenKey> keysByRequest = new HashMap<>();

		for (int i = 0; i < REQUESTS; i++) {
			FakeAuthorizationServer server = this.servers.get(this.random.nextInt(2));
			ClientRegistration registration = TestClients.service(server.tokenUri())
				.registrationId(any("one", "two"))
				.clientId(any("red", "blue"))
				.scope(some("a", "b", "c"))
				.build();
			Map<String, String> parameters = new HashMap<>();
			some("audience", "resource").forEach((name) -> parameters.put(name, any("x", "y", "")));
			TokenKey key = this.keys.of(registration, any("alice", "bob"), parameters);

			this.sources.clientCredentials(registration, parameters).request(null).toCompletableFuture().join();

			Object sent = List.of(registration.getRegistrationId(), server.port(), told(server));
			assertThat(requestsByKey.merge(key, sent, (earlier, now) -> earlier)).isEqualTo(sent);
			assertThat(keysByRequest.merge(sent, key, (earlier, now) -> earlier)).isEqualTo(key);
		}

		assertThat(requestsByKey).hasSizeBetween(50, REQUESTS - 50);
	}

	/**
	 * The same for tokens on behalf of others, whose subjects and actors the server is
	 * told, too.
	 */
	@Test
	void keysAreEqualExactlyWhereExchangesAre() {
		FakeAuthorizationServer server = this.servers.get(0);
		List<String> values = List.of(server.issueGrant().accessToken(), server.issueGrant().accessToken());
		Map<TokenKey, Object> requestsByKey = new HashMap<>();
		Map<Object, TokenKey> keysByRequest = new HashMap<>();

		for (int i = 0; i < REQUESTS; i++) {
			ClientRegistration registration = TestClients.exchange(server.tokenUri())
				.authorizationGrantType(this.random.nextBoolean() ? AuthorizationGrantType.TOKEN_EXCHANGE
						: AuthorizationGrantType.JWT_BEARER)
				.scope(some("a", "b"))
				.build();
			Map<String, String> parameters = new HashMap<>();
			some("audience", "resource").forEach((name) -> parameters.put(name, any("x", "y")));
			boolean jwtBearer = AuthorizationGrantType.JWT_BEARER.equals(registration.getAuthorizationGrantType());
			OAuth2AuthorizeRequest.Builder request = OAuth2AuthorizeRequest.withClientRegistrationId("exchange")
				.principal("alice")
				.attribute(RequestAttributes.SUBJECT_TOKEN, token(any(values), jwtBearer || this.random.nextBoolean()));
			if (!jwtBearer && this.random.nextBoolean()) {
				request.attribute(RequestAttributes.ACTOR_TOKEN, token(any(values), this.random.nextBoolean()));
			}
			TokenKey key = this.keys.of(registration, request.build(), parameters);

			this.sources.onBehalf(registration, parameters, Delegation.of(request.build()))
				.request(null)
				.toCompletableFuture()
				.join();

			Object sent = told(server);
			assertThat(requestsByKey.merge(key, sent, (earlier, now) -> earlier)).isEqualTo(sent);
			assertThat(keysByRequest.merge(sent, key, (earlier, now) -> earlier)).isEqualTo(key);
		}

		assertThat(requestsByKey).hasSizeBetween(50, REQUESTS - 50);
	}

	private static OAuth2Token token(String value, boolean jwt) {
		Instant now = Instant.now();
		Instant end = now.plusSeconds(3600);
		return jwt ? new Jwt(value, now, end, Map.of("alg", "none"), Map.of("sub", "alice"))
				: new OAuth2AccessToken(TokenType.BEARER, value, now, end);
	}

	private String any(List<String> values) {
		return values.get(this.random.nextInt(values.size()));
	}

	private static Object told(FakeAuthorizationServer server) {
		TokenRequest request = server.requests().get(server.requests().size() - 1);
		Map<String, String> form = new TreeMap<>(request.parameters());
		String scope = form.remove("scope");
		List<String> scopes = (scope != null) ? List.copyOf(new TreeSet<>(List.of(scope.split(" ")))) : List.of();
		return List.of(request.clientId(), form, scopes);
	}

	private String any(String... values) {
		return values[this.random.nextInt(values.length)];
	}

	private List<String> some(String... values) {
		List<String> some = new ArrayList<>(List.of(values));
		Collections.shuffle(some, this.random);
		return some.subList(0, this.random.nextInt(values.length + 1));
	}

}
