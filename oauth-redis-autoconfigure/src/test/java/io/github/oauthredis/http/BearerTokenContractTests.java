package io.github.oauthredis.http;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.http.HttpMethod;
import org.springframework.security.authentication.AnonymousAuthenticationToken;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServerOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.client.web.reactive.function.client.ServletOAuth2AuthorizedClientExchangeFilterFunction;
import org.springframework.security.oauth2.core.AuthorizationGrantType;

import io.github.oauthredis.http.Door.Call;
import io.github.oauthredis.http.Door.Reply;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.RecordedRequest;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.StepUpRequiredException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What both doors do, against real HTTP.
 */
abstract class BearerTokenContractTests {

	static final HttpClientSettings SETTINGS = HttpClientSettings.defaults()
		.withTimeouts(Duration.ofSeconds(10), Duration.ofSeconds(30));

	final FakeTokens tokens = new FakeTokens();

	FakeResourceServer api;

	FakeResourceServer other;

	@BeforeEach
	void start() {
		this.api = FakeResourceServer.start();
		this.other = FakeResourceServer.start();
	}

	@AfterEach
	void stop() {
		SecurityContextHolder.clearContext();
		this.api.close();
		this.other.close();
	}

	abstract Door door(FakeTokens tokens, RequestTargets targets, boolean retryOnUnauthorized,
			boolean challengeExceptions, HttpClientSettings settings);

	private Door door(FakeTokens tokens, RequestTargets targets, boolean retryOnUnauthorized,
			HttpClientSettings settings) {
		return door(tokens, targets, retryOnUnauthorized, true, settings);
	}

	Door door() {
		return door(this.tokens, new RequestTargets(Map.of()), true, SETTINGS);
	}

	Door door(String registrationId, String... uris) {
		return door(this.tokens, new RequestTargets(Map.of(registrationId, List.of(uris))), true, SETTINGS);
	}

	private List<String> sentTokens() {
		return this.api.requests().stream().map(RecordedRequest::bearerToken).toList();
	}

	private static byte[] binary() {
		byte[] body = new byte[100_000];
		new Random(17).nextBytes(body);
		return body;
	}

	@Test
	void sendWhenSelectedBearsToken() {
		Reply reply = door().getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.requests()).singleElement()
			.satisfies((request) -> assertThat(request.getClientRegistrationId()).isEqualTo("one"));
	}

	static Stream<Consumer<Map<String, Object>>> sendWhenSelectedInSpringsWaysBearsToken() {
		return Stream.of(RequestAttributeClientRegistrationIdResolver.clientRegistrationId("one"),
				ServletOAuth2AuthorizedClientExchangeFilterFunction.clientRegistrationId("one"),
				ServerOAuth2AuthorizedClientExchangeFilterFunction.clientRegistrationId("one"));
	}

	@ParameterizedTest
	@MethodSource
	void sendWhenSelectedInSpringsWaysBearsToken(Consumer<Map<String, Object>> selector) {
		Reply reply = door().send(Call.get(this.api.uri("/x")).with(selector));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(this.tokens.requests().get(0).getClientRegistrationId()).isEqualTo("one");
	}

	@Test
	void sendWhenUriMatchesBearsToken() {
		Reply reply = door("two", this.api.uri("/orders/**").toString()).get(this.api.uri("/orders/1"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(this.tokens.requests().get(0).getClientRegistrationId()).isEqualTo("two");
	}

	@Test
	void sendWhenSelectedAndUriMatchesTakesSelected() {
		RequestTargets targets = new RequestTargets(
				Map.of("two", List.of(this.api.uri("").toString()), "one", List.of(this.api.uri("/x").toString())));

		door(this.tokens, targets, true, SETTINGS).getAs("one", this.api.uri("/orders/1"));

		assertThat(this.tokens.requests().get(0).getClientRegistrationId()).isEqualTo("one");
	}

	@Test
	void sendWhenNeitherSelectedNorMatchedLeavesAlone() {
		Reply reply = door("two", this.api.uri("/orders/**").toString()).get(this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(this.api.requests()).singleElement()
			.satisfies((request) -> assertThat(request.header("Authorization")).isNull());
		assertThat(this.tokens.requests()).isEmpty();
	}

	@Test
	void sendWhenAuthorizationPresentLeavesAlone() {
		this.api.reject("mine");

		Reply reply = door("one", this.api.uri("").toString())
			.send(Call.get(this.api.uri("/x")).as("one").header("authorization", "Bearer mine"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(sentTokens()).containsExactly("mine");
		assertThat(this.tokens.requests()).isEmpty();
	}

	/** Hazard 28. */
	@Test
	void sendWhenNoTokenSendsNothing() {
		this.tokens.source((request) -> null);

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> door().getAs("one", this.api.uri("/x")))
			.satisfies((ex) -> assertThat(ex.getRegistrationId()).isEqualTo("one"));
		assertThat(this.api.requests()).isEmpty();
	}

	/** Hazard 28. */
	@Test
	void sendWhenManagerFailsSendsNothing() {
		this.tokens.source((request) -> {
			throw new GrantLostException("one", "no_grant");
		});

		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> door().getAs("one", this.api.uri("/x")));
		assertThat(this.api.requests()).isEmpty();
	}

	/** Hazard 27. */
	@Test
	void sendWhenSelectedForOtherOriginSendsNothing() {
		Door door = door("one", this.other.uri("").toString());

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> door.getAs("one", this.api.uri("/x")))
			.satisfies((ex) -> assertThat(ex.getError().getErrorCode()).isEqualTo("origin_not_allowed"))
			.withMessageContaining("'one'")
			.withMessageContaining("http://127.0.0.1:" + this.api.port());
		assertThat(this.api.requests()).isEmpty();
		assertThat(this.tokens.requests()).isEmpty();
	}

	/** Hazard 27. */
	@ParameterizedTest
	@ValueSource(strings = { "http://user:secret@127.0.0.1:%d/x", "http://127.0.0.1:1@127.0.0.1:%d/x", "/x" })
	void sendWhenSelectedForUriWithoutPlainOriginSendsNothing(String uri) {
		URI target = URI.create(uri.formatted(this.api.port()));

		assertThatExceptionOfType(TokenUnavailableException.class).isThrownBy(() -> door().getAs("one", target))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("secret"));
		assertThat(this.api.requests()).isEmpty();
	}

	/** Hazard 27. */
	@Test
	void sendWhenUriOnlyLooksLikeTargetBearsNoToken() {
		Door door = door("one", this.api.uri("/v1/**").toString());
		String other = this.other.uri("").getAuthority();

		for (String uri : List.of("http://" + other + "/v1/x", "http://" + other + "/?" + this.api.uri("/v1/x"),
				"http://" + other + "/" + this.api.uri("/v1/x"), "HTTP://LOCALHOST:" + this.other.port() + "/v1/x",
				"http://" + other + "/v1/../v1/x")) {
			door.get(URI.create(uri));
		}
		for (String path : List.of("/v1/../v2", "/v1/%2e%2e/v2", "/v1/..;/v2", "/v1/..%2fv2")) {
			door.get(URI.create("http://127.0.0.1:" + this.api.port() + path));
		}

		assertThat(this.other.requests()).hasSize(5)
			.allSatisfy((request) -> assertThat(request.header("Authorization")).isNull());
		assertThat(this.api.requests()).hasSize(4)
			.allSatisfy((request) -> assertThat(request.header("Authorization")).isNull());
		assertThat(this.tokens.requests()).isEmpty();
	}

	@Test
	void sendWhenRefusedReportsAndRepeatsOnceByteForByte() {
		this.api.reject("token-1");
		byte[] body = binary();

		Reply reply = door().send(Call.of(HttpMethod.POST, this.api.uri("/x"), body)
			.as("one")
			.header("Content-Type", "application/x-special")
			.header("X-Mine", "a"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(reply.body()).isEqualTo(body);
		assertThat(sentTokens()).containsExactly("token-1", "token-2");
		assertThat(this.tokens.refused()).containsExactly("token-1");
		assertThat(this.api.requests()).allSatisfy((request) -> {
			assertThat(request.body()).isEqualTo(body);
			assertThat(request.method()).isEqualTo("POST");
			assertThat(request.headers().get("X-Mine")).containsExactly("a");
			assertThat(request.headers().get("Content-Type")).containsExactly("application/x-special");
			assertThat(request.headers().get("Authorization")).hasSize(1);
		});
	}

	/** Hazard 15. */
	@Test
	void sendWhenAlwaysRefusedRepeatsOnce() {
		this.api.rejectAlways();

		Reply reply = door().getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(sentTokens()).containsExactly("token-1", "token-2");
		assertThat(this.tokens.refused()).containsExactly("token-1");
	}

	/** Hazard 15. */
	@Test
	void sendWhenManyAreRefusedRepeatsEachOnce() throws Exception {
		int calls = 100;
		this.api.reject("token-1");
		Gate gate = this.api.hold();
		Door door = door();
		ExecutorService executor = Executors.newFixedThreadPool(calls);
		try {
			List<Future<Reply>> replies = new ArrayList<>();
			for (int i = 0; i < calls; i++) {
				replies.add(executor.submit(() -> door.getAs("one", this.api.uri("/x"))));
			}
			gate.awaitHeld(calls).release();

			for (Future<Reply> reply : replies) {
				assertThat(reply.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
			}
		}
		finally {
			gate.release();
			executor.shutdownNow();
		}
		assertThat(this.api.requests()).hasSize(2 * calls);
		assertThat(this.tokens.generation()).isEqualTo(2);
		assertThat(this.tokens.refused()).hasSize(calls).containsOnly("token-1");
	}

	/** Hazard 14. */
	@Test
	void sendWhenRefusedLateTakesNewerToken() {
		Gate gate = this.api.reject("token-1").hold();
		Door door = door();
		ExecutorService executor = Executors.newSingleThreadExecutor();
		try {
			Future<Reply> reply = executor.submit(() -> door.getAs("one", this.api.uri("/x")));
			gate.awaitHeld(1);
			this.tokens.generation(2);
			gate.release();

			assertThat(reply.get(30, TimeUnit.SECONDS).status()).isEqualTo(200);
		}
		catch (Exception ex) {
			throw new AssertionError(ex);
		}
		finally {
			gate.release();
			executor.shutdownNow();
		}
		assertThat(sentTokens()).containsExactly("token-1", "token-2");
		assertThat(this.tokens.generation()).isEqualTo(2);
	}

	/** Hazard 16. */
	@Test
	void sendWhenForbiddenReportsNothing() {
		this.api.refuse("token-1", 403, "Bearer error=\"invalid_token\"");

		Reply reply = door().getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(403);
		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.refused()).isEmpty();
	}

	/** Hazard 16. */
	@ParameterizedTest
	@ValueSource(ints = { 401, 403 })
	void sendWhenScopeIsInsufficientSaysWhichAndReportsNothing(int status) {
		this.api.refuse("token-1", status, "Bearer error=\"insufficient_scope\", scope=\"read write\"");

		assertThatExceptionOfType(InsufficientScopeException.class)
			.isThrownBy(() -> door().getAs("one", this.api.uri("/x")))
			.satisfies((ex) -> assertThat(ex.getScopes()).containsExactlyInAnyOrder("read", "write"))
			.satisfies((ex) -> assertThat(ex.getRegistrationId()).isEqualTo("one"))
			.satisfies((ex) -> assertThat(ex.getMessage()).doesNotContain("write"));
		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.refused()).isEmpty();
	}

	@Test
	void sendWhenStepUpIsAskedForSaysHowAndReportsNothing() {
		this.api.refuse("token-1", 401,
				"Bearer error=\"insufficient_user_authentication\", acr_values=\"gold\", max_age=\"60\"");

		assertThatExceptionOfType(StepUpRequiredException.class)
			.isThrownBy(() -> door().getAs("one", this.api.uri("/x")))
			.satisfies((ex) -> assertThat(ex.getAcrValues()).containsExactly("gold"))
			.satisfies((ex) -> assertThat(ex.getMaxAge()).isEqualTo(Duration.ofMinutes(1)))
			.satisfies((ex) -> assertThat(ex.getRegistrationId()).isEqualTo("one"));
		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.refused()).isEmpty();
	}

	@Test
	void sendWhenRepeatedWithInsufficientScopeSaysSo() {
		this.api.reject("token-1").forbid("token-2");

		assertThatExceptionOfType(InsufficientScopeException.class)
			.isThrownBy(() -> door().getAs("one", this.api.uri("/x")));
		assertThat(sentTokens()).containsExactly("token-1", "token-2");
	}

	@ParameterizedTest
	@ValueSource(strings = { "insufficient_scope", "insufficient_user_authentication" })
	void sendWhenChallengeExceptionsAreOffPassesOnTheChallengeAndReportsNothing(String error) {
		this.api.refuse("token-1", 401, "Bearer error=\"" + error + "\"");

		Reply reply = door(this.tokens, new RequestTargets(Map.of()), true, false, SETTINGS).getAs("one",
				this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(reply.headers().getFirst("WWW-Authenticate")).contains(error);
		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.refused()).isEmpty();
	}

	@Test
	void sendWhenAuthorizationPresentLeavesChallengeAlone() {
		this.api.forbid("mine");

		Reply reply = door("one", this.api.uri("").toString())
			.send(Call.get(this.api.uri("/x")).as("one").header("Authorization", "Bearer mine"));

		assertThat(reply.status()).isEqualTo(403);
	}

	@Test
	void sendWhenRetryIsOffPassesOnRefusal() {
		this.api.reject("token-1");

		Reply reply = door(this.tokens, new RequestTargets(Map.of()), false, SETTINGS).getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(this.tokens.requests()).hasSize(1);
	}

	@Test
	void sendWhenTokenIsTooYoungToRenewPassesOnRefusal() {
		this.api.reject("token-1");
		this.tokens.renewal((refused) -> refused);

		Reply reply = door().getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(reply.headers().getFirst("WWW-Authenticate")).contains("invalid_token");
		assertThat(sentTokens()).containsExactly("token-1");
	}

	@Test
	void sendWhenRenewalFindsNothingPassesOnRefusal() {
		this.api.reject("token-1");
		this.tokens.renewal((refused) -> null);

		assertThat(door().getAs("one", this.api.uri("/x")).status()).isEqualTo(401);
		assertThat(sentTokens()).containsExactly("token-1");
	}

	static Stream<RuntimeException> sendWhenRenewalFailsPassesOnRefusal() {
		return Stream.of(new TokenUnavailableException("down", "Server is down", "one", true, null, null),
				new IllegalStateException("broken"));
	}

	@ParameterizedTest
	@MethodSource
	void sendWhenRenewalFailsPassesOnRefusal(RuntimeException failure) {
		this.api.reject("token-1");
		this.tokens.renewal((refused) -> {
			throw failure;
		});

		Reply reply = door().getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(401);
		assertThat(reply.headers().getFirst("WWW-Authenticate")).contains("invalid_token");
		assertThat(sentTokens()).containsExactly("token-1");
	}

	@Test
	void sendWhenRefusalShowsDeadGrantAsksUserToLogIn() {
		this.api.reject("token-1");
		this.tokens.renewal((refused) -> {
			throw new GrantLostException("one", "invalid_grant");
		});

		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> door().getAs("one", this.api.uri("/x")));
		assertThat(sentTokens()).containsExactly("token-1");
	}

	@Test
	void sendWhenNobodyIsLoggedInAsksAsAnonymous() {
		door().getAs("one", this.api.uri("/x"));

		assertThat(this.tokens.principal()).isInstanceOf(AnonymousAuthenticationToken.class);
	}

	@Test
	void sendWhenLoggedInAsksAsUser() {
		Authentication alice = new TestingAuthenticationToken("alice", null);
		SecurityContextHolder.getContext().setAuthentication(alice);
		this.api.reject("token-1");

		door().getAs("one", this.api.uri("/x"));

		assertThat(this.tokens.requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request.getPrincipal()).isSameAs(alice));
	}

	static Stream<Consumer<Map<String, Object>>> sendWhenPrincipalIsGivenAsksAsPrincipal() {
		Authentication bob = new TestingAuthenticationToken("bob", null);
		return Stream.of(RequestAttributePrincipalResolver.principal("bob"),
				RequestAttributePrincipalResolver.principal(bob),
				ServletOAuth2AuthorizedClientExchangeFilterFunction.authentication(bob));
	}

	@ParameterizedTest
	@MethodSource
	void sendWhenPrincipalIsGivenAsksAsPrincipal(Consumer<Map<String, Object>> principal) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("alice", null));

		door().send(Call.get(this.api.uri("/x")).as("one").with(principal));

		assertThat(this.tokens.principal().getName()).isEqualTo("bob");
	}

	static Stream<Consumer<Map<String, Object>>> sendWhenClientIsGivenAsksForItsOwner() {
		return Stream.of(
				ServletOAuth2AuthorizedClientExchangeFilterFunction
					.oauth2AuthorizedClient(FakeTokens.client("one", "carol", "stale")),
				ServerOAuth2AuthorizedClientExchangeFilterFunction
					.oauth2AuthorizedClient(FakeTokens.client("one", "carol", "stale")));
	}

	@ParameterizedTest
	@MethodSource
	void sendWhenClientIsGivenAsksForItsOwner(Consumer<Map<String, Object>> client) {
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("alice", null));

		door().send(Call.get(this.api.uri("/x")).with(client));

		assertThat(sentTokens()).containsExactly("token-1");
		assertThat(this.tokens.principal().getName()).isEqualTo("carol");
		assertThat(this.tokens.requests().get(0).getClientRegistrationId()).isEqualTo("one");
	}

	@Test
	void sendWhenClientOfCallerIsGivenAsksAsCaller() {
		Authentication alice = new TestingAuthenticationToken("alice", null);
		SecurityContextHolder.getContext().setAuthentication(alice);

		door().send(Call.get(this.api.uri("/x"))
			.with(ServletOAuth2AuthorizedClientExchangeFilterFunction
				.oauth2AuthorizedClient(FakeTokens.client("one", "alice", "stale"))));

		assertThat(this.tokens.principal()).isSameAs(alice);
	}

	@Test
	void sendWhenClientOfNobodyIsGivenAsksAsCaller() {
		Authentication alice = new TestingAuthenticationToken("alice", null, "ROLE_CLERK");
		SecurityContextHolder.getContext().setAuthentication(alice);

		door().send(Call.get(this.api.uri("/x"))
			.with(ServletOAuth2AuthorizedClientExchangeFilterFunction.oauth2AuthorizedClient(
					FakeTokens.client(AuthorizationGrantType.CLIENT_CREDENTIALS, "one", "one", "stale"))));

		assertThat(this.tokens.principal()).isSameAs(alice);
	}

	@Test
	void sendPassesOnParametersAndNothingElse() {
		door().send(Call.get(this.api.uri("/x")).as("one").with((attributes) -> {
			attributes.put("oauth-redis.parameter.audience", "a");
			attributes.put("oauth-redis.refused-token", "forged");
			attributes.put("mine", "b");
		}));

		assertThat(this.tokens.requests().get(0).getAttributes())
			.containsExactlyEntriesOf(Map.of("oauth-redis.parameter.audience", "a"));
	}

	@ParameterizedTest
	@ValueSource(ints = { 301, 302, 303, 307, 308 })
	void sendWhenRedirectedWithinOriginFollows(int status) {
		this.api.redirect("/from", status, "/to?x=y");

		Reply reply = door().getAs("one", this.api.uri("/from"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(sentTokens()).containsExactly("token-1", "token-1");
		assertThat(this.api.requests("/to")).singleElement()
			.satisfies((request) -> assertThat(request.uri()).hasToString("/to?x=y"));
		assertThat(this.tokens.requests()).hasSize(1);
	}

	@Test
	void sendWhenRefusedAfterRedirectStartsOver() {
		this.api.redirect("/from", 302, this.api.uri("/to").toString()).reject("token-1");

		Reply reply = door().getAs("one", this.api.uri("/from"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(this.api.requests().stream().map((request) -> request.path() + " " + request.bearerToken()))
			.containsExactly("/from token-1", "/to token-1", "/from token-2", "/to token-2");
	}

	@Test
	void sendWhenRedirectedForEverStops() {
		this.api.redirect("/loop", 302, "/loop");

		Reply reply = door().getAs("one", this.api.uri("/loop"));

		assertThat(reply.status()).isEqualTo(302);
		assertThat(this.api.requests()).hasSize(6);
	}

	@Test
	void sendWhenPostIsRedirectedReturnsRedirect() {
		this.api.redirect("/from", 307, "/to");

		Reply reply = door().send(Call.of(HttpMethod.POST, this.api.uri("/from"), new byte[] { 1 }).as("one"));

		assertThat(reply.status()).isEqualTo(307);
		assertThat(reply.headers().getFirst("Location")).isEqualTo("/to");
		assertThat(this.api.requests()).hasSize(1);
	}

	/** Hazard 27. */
	@Test
	void sendWhenRedirectedElsewhereReturnsRedirect() {
		for (String location : List.of(this.other.uri("/to").toString(), "http://localhost:" + this.api.port() + "/to",
				"https://127.0.0.1:" + this.api.port() + "/to", "//127.0.0.1:" + this.other.port() + "/to",
				"http://127.0.0.1:%d@127.0.0.1:%d/to".formatted(this.api.port(), this.other.port()),
				"http://user@127.0.0.1:" + this.api.port() + "/to", "\\\\127.0.0.1:" + this.other.port() + "/to",
				"http:to", "http://127.0.0.1:" + this.api.port() + "\\@evil/to")) {
			this.api.redirect("/from", 302, location);

			assertThat(door().getAs("one", this.api.uri("/from")).status()).as(location).isEqualTo(302);
		}
		assertThat(this.other.requests()).isEmpty();
		assertThat(this.api.requests("/to")).isEmpty();
	}

	@Test
	void sendWhenRedirectsAreSwitchedOffReturnsRedirect() {
		this.api.redirect("/from", 302, "/to");

		Reply reply = door(this.tokens, new RequestTargets(Map.of()), true,
				SETTINGS.withRedirects(HttpRedirects.DONT_FOLLOW))
			.getAs("one", this.api.uri("/from"));

		assertThat(reply.status()).isEqualTo(302);
	}

	@Test
	void sendWhenOthersAreRedirectedClientFollows() {
		this.api.redirect("/from", 302, this.other.uri("/to").toString());

		door().get(this.api.uri("/from"));

		assertThat(this.other.requests()).singleElement()
			.satisfies((request) -> assertThat(request.header("Authorization")).isNull());
	}

}
