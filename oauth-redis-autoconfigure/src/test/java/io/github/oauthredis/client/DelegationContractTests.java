package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.jwt.Jwt;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Tokens on behalf of others, from a manager, blocking or reactive. The server accepts no
 * subject, actor or assertion but what it has issued.
 */
abstract class DelegationContractTests {

	private static final Duration HOUR = Duration.ofHours(1);

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ClientRegistration exchange = TestClients.exchange(this.server.tokenUri()).scope("orders").build();

	private final ClientRegistration jwtBearer = TestClients.exchange(this.server.tokenUri())
		.registrationId("jwt")
		.authorizationGrantType(AuthorizationGrantType.JWT_BEARER)
		.build();

	private final ClientRegistration agent = TestClients.service(this.server.tokenUri())
		.registrationId("agent")
		.build();

	private final ClientNode node = new ClientNode(this.redis.host(), this.redis.port(), UserTokenClients.NONE, null)
		.with(this.exchange, this.jwtBearer, this.agent);

	private final OAuth2AuthorizedClientManager manager = manager(this.node.clients);

	/**
	 * Return the manager under test, blocking whatever it is.
	 * @param clients what all faces have in common
	 * @return the manager
	 */
	abstract OAuth2AuthorizedClientManager manager(AuthorizedClients clients);

	@BeforeEach
	void prepare() {
		this.redis.flushAll();
		this.node.near.armed();
	}

	@AfterEach
	void close() {
		this.server.close();
		this.node.close();
	}

	@Test
	void exchangePresentsTheTokenOfThePrincipalOnce() {
		OAuth2Token subject = opaque(HOUR);

		OAuth2AuthorizedClient client = authorize(this.exchange, alice(subject));
		OAuth2AuthorizedClient again = authorize(this.exchange, alice(subject));

		assertThat(again.getAccessToken().getTokenValue()).isEqualTo(client.getAccessToken().getTokenValue());
		assertThat(this.server.isActive(client.getAccessToken().getTokenValue())).isTrue();
		assertThat(client.getPrincipalName()).isEqualTo("alice");
		assertThat(client.getClientRegistration()).isSameAs(this.exchange);
		assertThat(this.server.requests()).singleElement().satisfies((request) -> {
			assertThat(request.grantType()).isEqualTo("urn:ietf:params:oauth:grant-type:token-exchange");
			assertThat(request.parameter("subject_token")).isEqualTo(subject.getTokenValue());
			assertThat(request.parameter("subject_token_type"))
				.isEqualTo("urn:ietf:params:oauth:token-type:access_token");
			assertThat(request.parameter("scope")).isEqualTo("orders");
			assertThat(request.parameters()).doesNotContainKey("actor_token");
		});
	}

	@Test
	void exchangeForManyCallersIsOneRequest() {
		OAuth2Token subject = opaque(HOUR);
		Gate gate = this.server.hold();
		ExecutorService callers = Executors.newFixedThreadPool(64);

		List<CompletableFuture<String>> calls = IntStream.range(0, 64)
			.mapToObj((i) -> CompletableFuture
				.supplyAsync(() -> authorize(this.exchange, alice(subject)).getAccessToken().getTokenValue(), callers))
			.toList();
		gate.awaitHeld(1);
		gate.release();
		Set<String> tokens = new HashSet<>();
		calls.forEach((call) -> tokens.add(call.join()));
		callers.shutdown();

		assertThat(tokens).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void exchangeInTwoSessionsOfOneUserIsTwoTokens() {
		OAuth2AuthorizedClient one = authorize(this.exchange, alice(opaque(HOUR)));
		OAuth2AuthorizedClient other = authorize(this.exchange, alice(opaque(HOUR)));

		assertThat(other.getAccessToken().getTokenValue()).isNotEqualTo(one.getAccessToken().getTokenValue());
		assertThat(this.redis.keys("*:token")).hasSize(2);
	}

	@Test
	void exchangeTakesSubjectAndActorOfTheRequestBeforeThePrincipal() {
		OAuth2Token subject = opaque(HOUR);
		OAuth2Token actor = jwt(HOUR);

		String plain = token(alice(opaque(HOUR)),
				(request) -> request.attribute(RequestAttributes.SUBJECT_TOKEN, subject));
		String acted = token(alice(opaque(HOUR)),
				(request) -> request.attribute(RequestAttributes.SUBJECT_TOKEN, subject)
					.attribute(RequestAttributes.ACTOR_TOKEN, actor));

		assertThat(acted).isNotEqualTo(plain);
		assertThat(this.server.requests()).extracting((request) -> request.parameter("subject_token"))
			.containsOnly(subject.getTokenValue());
		TokenRequest request = this.server.requests().get(1);
		assertThat(request.parameter("actor_token")).isEqualTo(actor.getTokenValue());
		assertThat(request.parameter("actor_token_type")).isEqualTo("urn:ietf:params:oauth:token-type:jwt");
	}

	@Test
	void exchangeTakesTheTokenOfTheActorsRegistration() {
		this.node.settings = (id) -> new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), null,
				AccessPolicy.OPEN, id.equals("exchange") ? "agent" : null);
		OAuth2Token subject = opaque(HOUR);

		String token = authorize(this.exchange, alice(subject)).getAccessToken().getTokenValue();

		assertThat(authorize(this.exchange, alice(subject)).getAccessToken().getTokenValue()).isEqualTo(token);
		assertThat(this.server.requests()).extracting(TokenRequest::grantType)
			.containsExactly("client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange");
		assertThat(this.server.requests().get(1).parameter("actor_token"))
			.isEqualTo(authorize(this.agent, alice(subject)).getAccessToken().getTokenValue());
	}

	@Test
	void namedTokenIsNotLeftToAProviderThatDoesNotSeeIt() {
		OAuth2Token assertion = jwt(HOUR);
		try (ClientNode provided = provided((context) -> {
			throw new AssertionError("asked for " + context.getClientRegistration().getRegistrationId());
		})) {
			OAuth2AuthorizedClientManager manager = manager(provided.clients);

			manager.authorize(
					request(this.exchange, alice(opaque(HOUR))).attribute(RequestAttributes.SUBJECT_TOKEN, opaque(HOUR))
						.build());
			manager.authorize(
					request(this.jwtBearer, alice(opaque(HOUR))).attribute(RequestAttributes.SUBJECT_TOKEN, assertion)
						.build());
			provided.settings = (id) -> new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), null,
					AccessPolicy.OPEN, id.equals("exchange") ? "agent" : null);
			manager.authorize(request(this.exchange, alice(opaque(HOUR))).build());
		}

		assertThat(this.server.requests()).extracting(TokenRequest::grantType)
			.containsExactly("urn:ietf:params:oauth:grant-type:token-exchange",
					"urn:ietf:params:oauth:grant-type:jwt-bearer", "client_credentials",
					"urn:ietf:params:oauth:grant-type:token-exchange");
	}

	@Test
	void tokenOfThePrincipalIsLeftToAProvider() {
		OAuth2Token subject = opaque(Duration.ofMinutes(10));
		OAuth2AccessToken theirs = new OAuth2AccessToken(TokenType.BEARER, "theirs", Instant.now(),
				Instant.now().plus(HOUR));
		try (ClientNode provided = provided(
				(context) -> new OAuth2AuthorizedClient(context.getClientRegistration(), "alice", theirs))) {

			OAuth2AuthorizedClient client = manager(provided.clients)
				.authorize(request(this.exchange, alice(subject)).build());

			assertThat(client.getAccessToken().getTokenValue()).isEqualTo("theirs");
			assertThat(client.getAccessToken().getExpiresAt()).isBeforeOrEqualTo(subject.getExpiresAt());
		}
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void exchangedTokenIsRevokedByTheRequestThatGetsIt() {
		this.node.settings = (id) -> new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), null,
				AccessPolicy.OPEN, id.equals("exchange") ? "agent" : null);
		Authentication alice = alice(opaque(HOUR));
		String token = authorize(this.exchange, alice).getAccessToken().getTokenValue();

		this.node.clients.revoke(request(this.exchange, alice).build(), "test").toCompletableFuture().join();

		assertThat(authorize(this.exchange, alice).getAccessToken().getTokenValue()).isNotEqualTo(token);
	}

	@Test
	void exchangedTokenIsRevokedWithItsPrincipalOnAllInstances() {
		OAuth2Token subject = opaque(HOUR);
		String token = authorize(this.exchange, alice(subject)).getAccessToken().getTokenValue();
		String service = authorize(this.agent, alice(subject)).getAccessToken().getTokenValue();
		try (ClientNode other = provided((context) -> null)) {
			new GrantRevocations(other.clients, other.refresher).revokePrincipal("bob", "test")
				.toCompletableFuture()
				.join();
			assertThat(
					manager(other.clients).authorize(request(this.exchange, alice(subject)).build()).getAccessToken())
				.extracting(OAuth2AccessToken::getTokenValue)
				.isEqualTo(token);

			new GrantRevocations(this.node.clients, this.node.refresher).revokePrincipal("alice", "test")
				.toCompletableFuture()
				.join();

			String after = authorize(this.exchange, alice(subject)).getAccessToken().getTokenValue();
			assertThat(after).isNotEqualTo(token);
			assertThat(
					manager(other.clients).authorize(request(this.exchange, alice(subject)).build()).getAccessToken())
				.extracting(OAuth2AccessToken::getTokenValue)
				.isEqualTo(after);
		}
		assertThat(authorize(this.agent, alice(subject)).getAccessToken().getTokenValue()).isEqualTo(service);
	}

	@Test
	void revokeWhenOnlyThePrincipalIsNamedFails() {
		assertThat(this.node.clients.revoke("exchange", "alice", "test")).isCompletedExceptionally();
		assertThatIllegalArgumentException()
			.isThrownBy(() -> new TokenRevocations(new GrantRevocations(this.node.clients, this.node.refresher))
				.revokeToken("jwt", "alice"))
			.withMessageNotContaining("alice");
	}

	@Test
	void exchangeWhenActorsRegistrationIsNoServiceFails() {
		this.node.settings = (id) -> new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), null,
				AccessPolicy.OPEN, "exchange");

		assertFails(this.exchange, alice(opaque(HOUR)), "invalid_configuration");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void exchangedTokenEndsWithItsSubject() {
		OAuth2Token subject = opaque(Duration.ofMinutes(10));

		OAuth2AuthorizedClient client = authorize(this.exchange, alice(subject));

		assertThat(client.getAccessToken().getExpiresAt()).isBeforeOrEqualTo(subject.getExpiresAt())
			.isAfter(Instant.now().plusSeconds(500));
		assertThat(timeToLive()).isLessThanOrEqualTo(Duration.ofMinutes(10));
	}

	@Test
	void exchangedTokenEndsWithItsActor() {
		OAuth2Token actor = opaque(Duration.ofMinutes(10));

		OAuth2AuthorizedClient client = this.manager.authorize(
				request(this.exchange, alice(opaque(HOUR))).attribute(RequestAttributes.ACTOR_TOKEN, actor).build());

		assertThat(client.getAccessToken().getExpiresAt()).isBeforeOrEqualTo(actor.getExpiresAt());
	}

	@Test
	void exchangedTokenWithoutLifetimeEndsWithItsSubject() {
		this.server.answers().expiresIn(null);
		OAuth2Token subject = opaque(Duration.ofMinutes(1));

		OAuth2AuthorizedClient client = authorize(this.exchange, alice(subject));

		assertThat(client.getAccessToken().getExpiresAt()).isBeforeOrEqualTo(subject.getExpiresAt());
		assertThat(timeToLive()).isLessThanOrEqualTo(Duration.ofMinutes(1));
	}

	@Test
	void exchangeWhenSubjectOrActorHasEndedSendsNothing() {
		assertFails(this.exchange, alice(opaque(Duration.ofSeconds(-1))), "subject_token_ended");
		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> this.manager.authorize(request(this.exchange, alice(opaque(HOUR)))
				.attribute(RequestAttributes.ACTOR_TOKEN, opaque(Duration.ofSeconds(-1)))
				.build()))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("subject_token_ended"));
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void exchangeWhenSubjectIsRevokedFailsAndSaysARetryIsUseless() {
		OAuth2Token subject = opaque(HOUR);
		this.server.kill(subject.getTokenValue());

		assertFails(this.exchange, alice(subject), "invalid_grant");
		assertFails(this.exchange, alice(subject), "invalid_grant");
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void exchangeWhenCallerHasNoTokenFails() {
		assertFails(this.exchange, new TestingAuthenticationToken("alice", ""), "no_subject_token");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void exchangeWhenSubjectIsNoTokenFails() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> token(alice(opaque(HOUR)),
					(request) -> request.attribute(RequestAttributes.SUBJECT_TOKEN, "canary")))
			.withMessageNotContaining("canary");
	}

	@Test
	void refreshTokenOfAnExchangeIsNotKept() {
		this.server.answers().member("refresh_token", "\"unwanted\"");

		OAuth2AuthorizedClient client = authorize(this.exchange, alice(opaque(HOUR)));

		assertThat(client.getRefreshToken()).isNull();
	}

	@Test
	void jwtBearerPresentsTheJwtOfThePrincipalOnce() {
		OAuth2Token assertion = jwt(HOUR);

		String token = authorize(this.jwtBearer, alice(assertion)).getAccessToken().getTokenValue();

		assertThat(authorize(this.jwtBearer, alice(assertion)).getAccessToken().getTokenValue()).isEqualTo(token);
		assertThat(authorize(this.jwtBearer, alice(jwt(HOUR))).getAccessToken().getTokenValue()).isNotEqualTo(token);
		assertThat(this.server.requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request.grantType())
				.isEqualTo("urn:ietf:params:oauth:grant-type:jwt-bearer"));
		assertThat(this.server.requests().get(0).parameter("assertion")).isEqualTo(assertion.getTokenValue());
	}

	@Test
	void jwtBearerWhenTokenOfTheCallerIsNoJwtFails() {
		assertFails(this.jwtBearer, alice(opaque(HOUR)), "no_subject_token");
	}

	@Test
	void jwtBearerWhenSomebodyActsForTheSubjectFails() {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(() -> this.manager.authorize(
				request(this.jwtBearer, alice(jwt(HOUR))).attribute(RequestAttributes.ACTOR_TOKEN, jwt(HOUR)).build()))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_configuration"));
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void jwtBearerTokenEndsWithItsAssertion() {
		OAuth2Token assertion = jwt(Duration.ofMinutes(1));

		assertThat(authorize(this.jwtBearer, alice(assertion)).getAccessToken().getExpiresAt())
			.isBeforeOrEqualTo(assertion.getExpiresAt());
	}

	private ClientNode provided(OAuth2AuthorizedClientProvider provider) {
		return new ClientNode(this.redis.host(), this.redis.port(),
				new UserTokenClients(null, null, null, null, null, null, null, null, List.of(provider), List.of()),
				null)
			.with(this.exchange, this.jwtBearer, this.agent);
	}

	private void assertFails(ClientRegistration registration, Authentication principal, String code) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(() -> authorize(registration, principal))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo(code))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse());
	}

	private Duration timeToLive() {
		return Duration.ofMillis((Long) this.redis.command("PTTL", this.redis.keys("*:token").iterator().next()));
	}

	private String token(Authentication principal, Consumer<OAuth2AuthorizeRequest.Builder> more) {
		OAuth2AuthorizeRequest.Builder request = request(this.exchange, principal);
		more.accept(request);
		return this.manager.authorize(request.build()).getAccessToken().getTokenValue();
	}

	private OAuth2AuthorizedClient authorize(ClientRegistration registration, Authentication principal) {
		return this.manager.authorize(request(registration, principal).build());
	}

	private static OAuth2AuthorizeRequest.Builder request(ClientRegistration registration, Authentication principal) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(registration.getRegistrationId()).principal(principal);
	}

	private OAuth2Token opaque(Duration remaining) {
		Instant end = Instant.now().plus(remaining);
		return new OAuth2AccessToken(TokenType.BEARER, this.server.issueGrant().accessToken(), end.minus(HOUR), end);
	}

	private OAuth2Token jwt(Duration remaining) {
		Instant end = Instant.now().plus(remaining);
		return new Jwt(this.server.issueGrant().accessToken(), end.minus(HOUR), end, Map.of("alg", "none"),
				Map.of("sub", "alice"));
	}

	private static Authentication alice(OAuth2Token token) {
		return new TestingAuthenticationToken(token, "", List.of()) {
			@Override
			public String getName() {
				return "alice";
			}
		};
	}

}
