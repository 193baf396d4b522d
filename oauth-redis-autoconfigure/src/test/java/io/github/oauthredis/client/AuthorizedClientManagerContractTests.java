package io.github.oauthredis.client;

import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What a manager promises, blocking or reactive, on a real Redis and a real token
 * endpoint.
 */
abstract class AuthorizedClientManagerContractTests {

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();

	final ClientRegistration grant = TestClients.grant(this.server.tokenUri()).build();

	private final ClientRegistration service = TestClients.service(this.server.tokenUri()).build();

	private final ClientRegistration exchange = TestClients.exchange(this.server.tokenUri()).build();

	final ClientNode node = node(UserTokenClients.NONE);

	private final OAuth2AuthorizedClientManager manager = manager(this.node.clients);

	/**
	 * Return the manager under test, blocking whatever it is.
	 * @param clients what all faces have in common
	 * @return the manager
	 */
	abstract OAuth2AuthorizedClientManager manager(AuthorizedClients clients);

	private ClientNode node(UserTokenClients userClients) {
		return new ClientNode(this.redis.host(), this.redis.port(), userClients, null).with(this.grant, this.service,
				this.exchange);
	}

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.server.close();
		this.node.close();
	}

	@Test
	void authorizeWhenGrantIsFreshReturnsIt() {
		login("alice", Duration.ofHours(1));

		OAuth2AuthorizedClient client = this.manager.authorize(request(this.grant, "alice"));

		assertThat(client.getPrincipalName()).isEqualTo("alice");
		assertThat(client.getClientRegistration()).isSameAs(this.grant);
		assertThat(this.server.isActive(client.getAccessToken().getTokenValue())).isTrue();
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenGrantEndedRefreshesOnceForEverybody() {
		login("alice", Duration.ofMinutes(-1));
		ExecutorService callers = Executors.newFixedThreadPool(16);

		List<CompletableFuture<String>> calls = IntStream.range(0, 32)
			.mapToObj((i) -> CompletableFuture.supplyAsync(
					() -> this.manager.authorize(request(this.grant, "alice")).getAccessToken().getTokenValue(),
					callers))
			.toList();
		Set<String> tokens = new HashSet<>();
		calls.forEach((call) -> tokens.add(call.join()));
		callers.shutdown();

		assertThat(tokens).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.server.requests().get(0).parameters()).doesNotContainKey("scope");
		assertThat(this.server.reuseEvents()).isZero();
	}

	/**
	 * Hazard 22: scopes of the registration changed between two starts.
	 */
	@Test
	void authorizeWhenScopesChangedFindsAndRefreshesTheGrant() {
		login("alice", Duration.ofDays(-30));
		this.node.with(TestClients.grant(this.server.tokenUri()).scope("quite", "different").build());

		OAuth2AuthorizedClient client = this.manager.authorize(request(this.grant, "alice"));

		assertThat(this.server.isActive(client.getAccessToken().getTokenValue())).isTrue();
		assertThat(this.server.requests().get(0).parameters()).doesNotContainKey("scope");
	}

	@Test
	void authorizeWhenThereIsNoGrantAsksForOne() {
		assertThatExceptionOfType(GrantLostException.class)
			.isThrownBy(() -> this.manager.authorize(request(this.grant, "alice")))
			.satisfies((ex) -> assertThat(ex.getClientRegistrationId()).isEqualTo(TestClients.GRANT_ID));
	}

	@Test
	void authorizeWhenServerRefusesTheGrantAsksForANewOneAndRemovesNothing() {
		IssuedGrant issued = login("alice", Duration.ofMinutes(-1));
		this.server.kill(issued.refreshToken());

		assertThatExceptionOfType(GrantLostException.class)
			.isThrownBy(() -> this.manager.authorize(request(this.grant, "alice")))
			.satisfies((ex) -> assertThat(ex.getReason()).isEqualTo("invalid_grant"));
		assertThatExceptionOfType(GrantLostException.class)
			.isThrownBy(() -> this.manager.authorize(request(this.grant, "alice")));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.redis.keys("*:token")).hasSize(1);
	}

	@Test
	void authorizeWhenPrincipalIsAnonymousFailsWithoutRedirect() {
		Authentication anonymous = new AnonymousAuthenticationToken("key", "anonymousUser",
				AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS"));

		assertRefused(
				OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.GRANT_ID).principal(anonymous).build());
		assertRefused(OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.GRANT_ID)
			.principal(new TestingAuthenticationToken(" ", ""))
			.build());
		assertThat(this.redis.keys("*")).isEmpty();
	}

	private void assertRefused(OAuth2AuthorizeRequest request) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(() -> this.manager.authorize(request))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse())
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("no_principal"));
	}

	@Test
	void authorizeWhenRequestHoldsAStaleClientReloads() {
		IssuedGrant issued = login("alice", Duration.ofHours(1));
		OAuth2AuthorizedClient stale = TestClients.client(this.grant, "alice", "stale",
				Instant.now().minus(Duration.ofDays(1)), Duration.ofHours(1));

		OAuth2AuthorizedClient client = this.manager
			.authorize(OAuth2AuthorizeRequest.withAuthorizedClient(stale).principal("alice").build());

		assertThat(client.getAccessToken().getTokenValue()).isEqualTo(issued.accessToken());
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenClientCredentialsSharesOneTokenAmongPrincipals() {
		OAuth2AuthorizedClient alice = this.manager.authorize(request(this.service, "alice"));
		OAuth2AuthorizedClient anonymous = this.manager
			.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID)
				.principal(new AnonymousAuthenticationToken("key", "anonymousUser",
						AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS")))
				.build());

		assertThat(alice).usingRecursiveComparison().isEqualTo(anonymous);
		assertThat(alice.getPrincipalName()).isEqualTo(TestClients.SERVICE_ID);
		assertThat(alice.getAccessToken().getScopes()).containsExactly("invoices");
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void authorizeWhenParametersDifferGetsTokensOfTheirOwn() {
		this.node.settings = (id) -> TestClients.settings(Duration.ofSeconds(5), Map.of("audience", "default"));

		String standard = token(this.service, (request) -> {
		});
		String same = token(this.service,
				(request) -> request.attribute(RequestAttributes.PARAMETER_PREFIX + "audience", "default"));
		String other = token(this.service,
				(request) -> request.attribute(RequestAttributes.PARAMETER_PREFIX + "audience", "other"));

		assertThat(same).isEqualTo(standard);
		assertThat(other).isNotEqualTo(standard);
		assertThat(this.server.requests()).extracting((request) -> request.parameter("audience"))
			.containsExactly("default", "other");
	}

	@Test
	void authorizeWhenTokenWasRefusedGetsAnother() {
		this.node.settings = (id) -> new ClientSettings(TestClients.policy(Duration.ofSeconds(5), Duration.ZERO),
				Map.of(), null, AccessPolicy.OPEN, null);
		IssuedGrant issued = login("alice", Duration.ofHours(1));

		String renewed = token(this.grant,
				(request) -> request.attribute(RequestAttributes.REFUSED_TOKEN, issued.accessToken()));
		String again = token(this.grant,
				(request) -> request.attribute(RequestAttributes.REFUSED_TOKEN, issued.accessToken()));

		assertThat(renewed).isNotEqualTo(issued.accessToken()).isEqualTo(again);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void authorizeWhenFreshTokenWasRefusedKeepsIt() {
		IssuedGrant issued = login("alice", Duration.ofHours(1));

		assertThat(token(this.grant,
				(request) -> request.attribute(RequestAttributes.REFUSED_TOKEN, issued.accessToken())))
			.isEqualTo(issued.accessToken());
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenRegistrationIsUnknownFails() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.manager
				.authorize(OAuth2AuthorizeRequest.withClientRegistrationId("unknown").principal("alice").build()))
			.withMessageContaining("unknown");
	}

	@Test
	void authorizeWhenNobodyServesTheGrantTypeSaysSo() {
		ClientRegistration unknown = TestClients.exchange(this.server.tokenUri())
			.authorizationGrantType(new AuthorizationGrantType("urn:ours"))
			.build();
		this.node.with(unknown);

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> this.manager.authorize(request(unknown, "alice")))
			.withMessageContaining("OAuth2AuthorizedClientProvider")
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse());
	}

	@Test
	void authorizeWhenTheApplicationServesTheGrantTypeAsksItOncePerPrincipalAndToken() {
		List<OAuth2AuthorizationContext> asked = new CopyOnWriteArrayList<>();
		UserTokenClients userClients = new UserTokenClients(null, null, null, null, null, null, null, null,
				List.of((context) -> null, (context) -> exchanged(context, asked)), List.of());
		try (ClientNode own = node(userClients)) {
			OAuth2AuthorizedClientManager theirs = manager(own.clients);

			OAuth2AuthorizedClient alice = theirs.authorize(request(this.exchange, "alice"));
			OAuth2AuthorizedClient aliceAgain = theirs.authorize(request(this.exchange, "alice"));
			OAuth2AuthorizedClient bob = theirs.authorize(request(this.exchange, "bob"));

			assertThat(aliceAgain).usingRecursiveComparison().isEqualTo(alice);
			assertThat(alice.getPrincipalName()).isEqualTo("alice");
			assertThat(bob.getAccessToken().getTokenValue()).isNotEqualTo(alice.getAccessToken().getTokenValue());
			assertThat(asked).hasSize(2).allMatch((context) -> context.getAuthorizedClient() == null);
		}
	}

	private OAuth2AuthorizedClient exchanged(OAuth2AuthorizationContext context,
			List<OAuth2AuthorizationContext> asked) {
		asked.add(context);
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, "exchanged-" + asked.size(), Instant.now(),
				Instant.now().plusSeconds(3600));
		return new OAuth2AuthorizedClient(context.getClientRegistration(), context.getPrincipal().getName(), token);
	}

	@Test
	void authorizeWhenServerFailsSaysWhetherARetryHelps() {
		this.server.faults().failNext(1, 503, "temporarily_unavailable", "30");

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> this.manager.authorize(request(this.service, "alice")))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue())
			.satisfies((ex) -> assertThat(ex.getRetryAt()).isAfter(Instant.now().plusSeconds(20)));
	}

	@Test
	void authorizeWhenRedisIsAwayFailsRetryably() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		try (ClientNode lost = new ClientNode("127.0.0.1", port, UserTokenClients.NONE, null).with(this.grant)) {
			assertThatExceptionOfType(TokenUnavailableException.class)
				.isThrownBy(() -> manager(lost.clients).authorize(request(this.grant, "alice")))
				.satisfies((ex) -> assertThat(ex.isRetryable()).isTrue());
		}
	}

	/**
	 * Hazard 12: the first caller goes away, the refresh does not.
	 */
	@Test
	void authorizeWhenFirstCallerGoesAwayRefreshCompletes() throws Exception {
		login("alice", Duration.ofMinutes(-1));
		Gate gate = this.server.hold();
		Thread first = new Thread(() -> abandon(this.node.clients, request(this.grant, "alice")), "first-caller");
		first.start();
		gate.awaitHeld(1);
		first.interrupt();
		first.join(5000);
		assertThat(first.isAlive()).isFalse();

		CompletableFuture<OAuth2AuthorizedClient> second = CompletableFuture
			.supplyAsync(() -> this.manager.authorize(request(this.grant, "alice")));
		gate.release();

		assertThat(this.server.isActive(second.get(10, TimeUnit.SECONDS).getAccessToken().getTokenValue())).isTrue();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	/**
	 * Call and give up when interrupted, as a caller of this face does.
	 * @param clients what all faces have in common
	 * @param request the request
	 */
	abstract void abandon(AuthorizedClients clients, OAuth2AuthorizeRequest request);

	private String token(ClientRegistration registration, Consumer<OAuth2AuthorizeRequest.Builder> more) {
		OAuth2AuthorizeRequest.Builder request = OAuth2AuthorizeRequest
			.withClientRegistrationId(registration.getRegistrationId())
			.principal("alice");
		more.accept(request);
		return this.manager.authorize(request.build()).getAccessToken().getTokenValue();
	}

	static OAuth2AuthorizeRequest request(ClientRegistration registration, String name) {
		return OAuth2AuthorizeRequest.withClientRegistrationId(registration.getRegistrationId())
			.principal(name)
			.build();
	}

	IssuedGrant login(String name, Duration remaining) {
		Duration lifetime = Duration.ofHours(1);
		Instant issuedAt = Instant.now().plus(remaining).minus(lifetime);
		IssuedGrant issued = this.server.issueGrant();
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, issued.accessToken(), issuedAt,
				issuedAt.plus(lifetime), Set.of("read"));
		OAuth2AuthorizedClient client = new OAuth2AuthorizedClient(this.grant, name, token,
				new OAuth2RefreshToken(issued.refreshToken(), issuedAt));
		this.node.clients.save(client, new TestingAuthenticationToken(name, "")).toCompletableFuture().join();
		return issued;
	}

}
