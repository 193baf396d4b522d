package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * Who gets which token from a manager, blocking or reactive. Records in memory are
 * trusted, so that hits are decided about as well.
 */
abstract class AccessContractTests {

	private static final AccessPolicy CLERKS = new AccessPolicy(Set.of("ROLE_CLERK", "ROLE_CHIEF"), Map.of(), Set.of());

	private static final AccessPolicy BY_ROLE = new AccessPolicy(Set.of(),
			Map.of("ROLE_CLERK", Set.of("read"), "ROLE_CHIEF", Set.of("read", "write"), "ROLE_AUDIT", Set.of("audit")),
			Set.of());

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final ClientRegistration grant = TestClients.grant(this.server.tokenUri()).build();

	private final ClientRegistration service = TestClients.service(this.server.tokenUri()).build();

	private final ClientNode node = new ClientNode(this.redis.host(), this.redis.port(), UserTokenClients.NONE, null)
		.with(this.grant, this.service);

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

	private void access(AccessPolicy access) {
		this.node.settings = (id) -> TestClients.settings(access);
	}

	@Test
	void authorizeWhenCallerHasOneOfTheAuthoritiesReturnsToken() {
		access(CLERKS);

		assertThat(token(this.service, principal("alice", "ROLE_USER", "ROLE_CLERK"))).isNotNull();
		assertThat(this.node.events).noneMatch((event) -> event.type() == TokenEvent.Type.DENIED);
	}

	@Test
	void authorizeWhenCallerLacksTheAuthorityIsDeniedThoughATokenIsInMemory() {
		access(CLERKS);
		Authentication clerk = principal("alice", "ROLE_CLERK");
		token(this.service, clerk);
		token(this.service, clerk);

		assertDenied(this.service, principal("bob", "ROLE_USER"));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.node.events).filteredOn((event) -> event.type() == TokenEvent.Type.DENIED)
			.singleElement()
			.satisfies((event) -> {
				assertThat(event.registrationId()).isEqualTo(TestClients.SERVICE_ID);
				assertThat(event.principalDigest()).isEqualTo(Digests.sha256("bob"));
				assertThat(event.keyDigest()).hasSize(43);
				assertThat(event.detail()).isEqualTo("allowed-authorities");
				assertThat(event.toString()).doesNotContain("bob");
			});
	}

	@Test
	void authorizeWhenDeniedOftenTellsItOnceASecond() {
		access(CLERKS);
		Instant begin = Instant.now();

		for (int i = 0; i < 2000; i++) {
			assertDenied(this.service, principal("bob", "ROLE_USER"));
		}
		assertDenied(this.service, principal("carol", "ROLE_USER"));

		long seconds = Instant.now().getEpochSecond() - begin.getEpochSecond() + 1;
		assertThat(this.node.events).filteredOn((event) -> event.type() == TokenEvent.Type.DENIED)
			.hasSizeBetween(2, (int) seconds + 1)
			.last()
			.satisfies((event) -> assertThat(event.principalDigest()).isEqualTo(Digests.sha256("carol")));
	}

	@Test
	void authorizeWhenUserLacksTheAuthorityIsDeniedTheOwnGrant() {
		access(CLERKS);
		login("alice", Set.of("read"));
		assertThat(token(this.grant, principal("alice", "ROLE_CLERK"))).isNotNull();

		assertDenied(this.grant, principal("alice", "ROLE_USER"));
	}

	static Authentication[] authorizeWhenCallerHasNoAuthoritiesIsDenied() {
		TestingAuthenticationToken unauthenticated = new TestingAuthenticationToken("alice", "", "ROLE_CLERK");
		unauthenticated.setAuthenticated(false);
		return new Authentication[] { principal("alice"), unauthenticated, new AnonymousAuthenticationToken("key",
				"anonymousUser", AuthorityUtils.createAuthorityList("ROLE_ANONYMOUS")) };
	}

	@ParameterizedTest
	@MethodSource
	void authorizeWhenCallerHasNoAuthoritiesIsDenied(Authentication principal) {
		access(CLERKS);

		assertDenied(this.service, principal);
		assertDenied(this.grant, principal);
		assertThat(this.redis.keys("*")).isEmpty();
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenCallerIsNamedOnlyIsDenied() {
		access(CLERKS);

		assertDenied(
				OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID).principal("alice").build());
	}

	@Test
	void authorizeWhenDeniedCallerReportsARefusedTokenIsDenied() {
		access(CLERKS);
		String token = token(this.service, principal("alice", "ROLE_CLERK"));

		assertDenied(OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID)
			.principal(principal("bob"))
			.attribute(RequestAttributes.REFUSED_TOKEN, token)
			.build());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void authorizeWhenScopesFollowAuthoritiesGivesEachRoleItsOwnToken() {
		access(BY_ROLE);
		Authentication clerk = principal("alice", "ROLE_CLERK", "ROLE_USER");
		Authentication chief = principal("bob", "ROLE_CHIEF");
		Authentication both = principal("carol", "ROLE_CHIEF", "ROLE_AUDIT");

		for (int i = 0; i < 3; i++) {
			assertThat(scopes(clerk)).containsExactly("read");
			assertThat(scopes(chief)).containsExactlyInAnyOrder("read", "write");
			assertThat(scopes(both)).containsExactlyInAnyOrder("read", "write", "audit");
		}

		assertThat(token(this.service, principal("dave", "ROLE_CLERK"))).isEqualTo(token(this.service, clerk));
		assertThat(token(this.service, principal("erin", "ROLE_CHIEF", "ROLE_CLERK")))
			.isEqualTo(token(this.service, chief));
		assertThat(this.server.requests()).extracting((request) -> request.parameter("scope"))
			.containsExactly("read", "read write", "audit read write");
	}

	@Test
	void authorizeWhenNoAuthorityHasScopesIsDenied() {
		access(BY_ROLE);
		token(this.service, principal("alice", "ROLE_CHIEF"));

		assertDenied(this.service, principal("bob", "ROLE_USER"));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void authorizeWhenBothAreConfiguredNeedsBoth() {
		access(new AccessPolicy(Set.of("ROLE_STAFF"), BY_ROLE.scopesByAuthority(), Set.of()));

		assertDenied(this.service, principal("alice", "ROLE_CLERK"));
		assertDenied(this.service, principal("alice", "ROLE_STAFF"));
		assertThat(scopes(principal("alice", "ROLE_STAFF", "ROLE_CLERK"))).containsExactly("read");
	}

	@Test
	void authorizeWhenCallerNamesScopesItselfFails() {
		access(BY_ROLE);

		assertThatIllegalArgumentException().isThrownBy(() -> token(this.service, principal("alice", "ROLE_CLERK"),
				(request) -> request.attribute(RequestAttributes.PARAMETER_PREFIX + "scope", "write")));
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenScopesOfAGrantFollowAuthoritiesFails() {
		login("alice", Set.of("read"));
		access(BY_ROLE);

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> token(this.grant, principal("alice", "ROLE_CLERK")))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("invalid_configuration"));
	}

	/**
	 * Hazard 21.
	 */
	@Test
	void authorizeWhenRequiredScopeIsNotGrantedFailsAndKeepsTheToken() {
		access(new AccessPolicy(Set.of(), Map.of(), Set.of("invoices")));
		this.server.answers().scope("nothing");

		assertInsufficient(this.service, principal("alice"), "invoices");
		assertInsufficient(this.service, principal("bob"), "invoices");

		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.redis.keys("*:token")).hasSize(1);
		assertThat(this.node.events).extracting(TokenEvent::type)
			.containsExactly(TokenEvent.Type.OBTAINED, TokenEvent.Type.NARROWED);
	}

	/**
	 * Hazard 21.
	 */
	@Test
	void authorizeWhenUserGrantedLessThanRequiredFailsWithoutRedirectUntilTheNextLogin() {
		access(new AccessPolicy(Set.of(), Map.of(), Set.of("read", "write")));
		login("alice", Set.of("read"));

		assertInsufficient(this.grant, principal("alice"), "write");
		assertInsufficient(this.grant, principal("alice"), "write");
		assertThat(this.node.events).extracting(TokenEvent::type)
			.containsExactly(TokenEvent.Type.SAVED, TokenEvent.Type.NARROWED);

		login("alice", Set.of("read", "write"));
		assertThat(token(this.grant, principal("alice"))).isNotNull();
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void authorizeWhenServerNamesNoScopesTakesThoseAskedFor() {
		access(new AccessPolicy(Set.of(), Map.of(), Set.of("read", "invoices")));
		this.server.answers().scope(null);
		assertInsufficient(this.service, principal("alice"), "read");
		access(new AccessPolicy(Set.of(), Map.of(), Set.of("read")));
		login("bob", Set.of());

		assertThat(token(this.grant, principal("bob"))).isNotNull();
		assertThat(this.node.events).extracting(TokenEvent::type)
			.containsExactly(TokenEvent.Type.OBTAINED, TokenEvent.Type.SAVED);
	}

	private void assertInsufficient(ClientRegistration registration, Authentication principal, String scope) {
		assertThatExceptionOfType(InsufficientScopeException.class).isThrownBy(() -> token(registration, principal))
			.withMessageContaining(registration.getRegistrationId())
			.satisfies((ex) -> assertThat(ex.getScopes()).containsExactly(scope))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse());
	}

	private void assertDenied(ClientRegistration registration, Authentication principal) {
		assertDenied(OAuth2AuthorizeRequest.withClientRegistrationId(registration.getRegistrationId())
			.principal(principal)
			.build());
	}

	private void assertDenied(OAuth2AuthorizeRequest request) {
		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(() -> this.manager.authorize(request))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("access_denied"))
			.satisfies((ex) -> assertThat(ex.isRetryable()).isFalse())
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain(request.getPrincipal().getName()));
	}

	private Set<String> scopes(Authentication principal) {
		return this.manager.authorize(
				OAuth2AuthorizeRequest.withClientRegistrationId(TestClients.SERVICE_ID).principal(principal).build())
			.getAccessToken()
			.getScopes();
	}

	private String token(ClientRegistration registration, Authentication principal) {
		return token(registration, principal, (request) -> {
		});
	}

	private String token(ClientRegistration registration, Authentication principal,
			Consumer<OAuth2AuthorizeRequest.Builder> more) {
		OAuth2AuthorizeRequest.Builder request = OAuth2AuthorizeRequest
			.withClientRegistrationId(registration.getRegistrationId())
			.principal(principal);
		more.accept(request);
		return this.manager.authorize(request.build()).getAccessToken().getTokenValue();
	}

	private void login(String name, Set<String> scopes) {
		Instant now = Instant.now();
		IssuedGrant issued = this.server.issueGrant();
		OAuth2AccessToken token = new OAuth2AccessToken(TokenType.BEARER, issued.accessToken(), now,
				now.plus(Duration.ofHours(1)), scopes);
		this.node.clients
			.save(new OAuth2AuthorizedClient(this.grant, name, token,
					new OAuth2RefreshToken(issued.refreshToken(), now)), principal(name))
			.toCompletableFuture()
			.join();
	}

	private static Authentication principal(String name, String... authorities) {
		return new TestingAuthenticationToken(name, "", authorities);
	}

}
