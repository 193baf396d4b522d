package io.github.oauthredis.autoconfigure;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.authority.AuthorityUtils;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.OAuth2AccessToken.TokenType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.oidc.OidcIdToken;
import org.springframework.security.oauth2.core.oidc.user.DefaultOidcUser;

import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeIssuer;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.webhook.Messages;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application that receives messages of providers promises, over real HTTP, with
 * Spring Security as Spring Boot sets it up: a message that one instance gets counts on
 * both, each with its records in memory.
 */
@TestInstance(Lifecycle.PER_CLASS)
abstract class SignalsContractTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final String SLACK_SECRET = "slack-signing-secret";

	private final RedisServer redis = RedisServer.shared();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final FakeIssuer issuer = FakeIssuer.start();

	private final String prefix = "signals-" + UUID.randomUUID();

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final HttpClient http = HttpClient.newHttpClient();

	private String sub;

	private ConfigurableApplicationContext one;

	private ConfigurableApplicationContext two;

	/**
	 * Return the kind of application.
	 */
	abstract WebApplicationType type();

	/**
	 * Save a client as a login does.
	 */
	abstract void save(ConfigurableApplicationContext application, OAuth2AuthorizedClient client,
			Authentication principal);

	@BeforeAll
	void start() {
		this.one = application();
		this.two = application();
	}

	@AfterAll
	void close() {
		this.one.close();
		this.two.close();
		this.issuer.close();
		this.proxy.close();
	}

	@BeforeEach
	void forget() {
		this.sub = "sub-" + UUID.randomUUID();
		this.events.clear();
	}

	// Logouts

	@Test
	void logoutAtOneInstanceCountsOnBoth() {
		Authentication alice = login("idp", "alice", "s1");
		Authentication bob = login("idp", "bob", "other-sub", "s2");
		Authentication elsewhere = login("other", "alice", "s3");

		HttpResponse<String> answer = logout(this.one, this.issuer.token("logout+jwt", "sub", this.sub, "sid", "s1"));

		assertThat(answer.statusCode()).isEqualTo(200);
		assertThat(answer.body()).isEmpty();
		assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
		assertGone("idp", alice);
		assertThat(hasToken(this.two, "idp", bob)).isTrue();
		assertThat(hasToken(this.two, "other", elsewhere)).isTrue();
		Await.until("event", BOUND, () -> count(TokenEvent.Type.SIGNAL_RECEIVED) == 1);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void logoutThatNamesOneOfBothIsUnderstood(boolean session) {
		Authentication alice = login("idp", "alice", "s1");

		HttpResponse<String> answer = logout(this.two,
				this.issuer.token("logout+jwt", "sub", session ? null : this.sub, "sid", session ? "s1" : null));

		assertThat(answer.statusCode()).isEqualTo(200);
		assertGone("idp", alice);
	}

	@Test
	void logoutOfAnEarlierSessionAloneLeavesTheLoginThatFollowed() {
		login("idp", "alice", "s1");
		Authentication alice = login("idp", "alice", "s2");

		assertThat(logout(this.one, this.issuer.token("logout+jwt", "sub", null, "sid", "s1")).statusCode())
			.isEqualTo(200);

		assertThat(hasToken(this.two, "idp", alice)).isTrue();
	}

	@Test
	void logoutThatComesTwiceSucceedsAndCountsOnce() {
		login("idp", "alice", "s1");
		String token = this.issuer.token("logout+jwt", "sub", this.sub);
		assertThat(logout(this.one, token).statusCode()).isEqualTo(200);
		Authentication again = login("idp", "alice", "s2");

		assertThat(logout(this.one, token).statusCode()).isEqualTo(200);
		assertThat(logout(this.two, token).statusCode()).isEqualTo(200);

		assertThat(hasToken(this.one, "idp", again)).isTrue();
		assertThat(hasToken(this.two, "idp", again)).isTrue();
	}

	@Test
	void logoutThatComesToBothAtOnceCountsOnce() {
		login("idp", "alice", "s1");
		String token = this.issuer.token("logout+jwt", "sub", this.sub);

		List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 10)
			.mapToObj((i) -> this.http.sendAsync(request((i % 2 == 0) ? this.one : this.two, "/oauth-redis/logout/idp",
					Messages.form(token), form()), BodyHandlers.ofString()))
			.toList();

		assertThat(answers.stream().map((answer) -> answer.join().statusCode())).contains(200)
			.allMatch((status) -> status == 200 || status == 503);
		assertThat(logout(this.two, token).statusCode()).isEqualTo(200);
		Await.until("event", BOUND, () -> count(TokenEvent.Type.SIGNAL_RECEIVED) > 0);
		assertThat(count(TokenEvent.Type.SIGNAL_RECEIVED)).isEqualTo(1);
	}

	@Test
	void logoutThatIsForgedIsRefusedAndToldOnceAMinute() {
		Authentication alice = login("idp", "alice", "s1");

		for (int i = 0; i < 5; i++) {
			HttpResponse<String> answer = logout(this.one,
					FakeIssuer.sign(FakeIssuer.generate(), "logout+jwt", this.issuer.claims("sub", this.sub)));
			assertThat(answer.statusCode()).isEqualTo(400);
			assertThat(answer.body()).isEqualTo("{\"error\":\"invalid_request\"}");
			assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
			assertThat(answer.headers().allValues("Cache-Control")).containsExactly("no-store");
		}

		assertThat(hasToken(this.two, "idp", alice)).isTrue();
		assertThat(count(TokenEvent.Type.SIGNAL_REJECTED)).isLessThanOrEqualTo(1);
	}

	@Test
	void logoutThatIsTooLongIsRefused() {
		assertThat(logout(this.one, this.issuer.token("logout+jwt", "x", "x".repeat(50_000))).statusCode())
			.isEqualTo(400);
	}

	@Test
	void logoutWhileRedisIsAwayIsToBeRepeatedAndThenCounts() {
		Authentication alice = login("idp", "alice", "s1");
		String token = this.issuer.token("logout+jwt", "sub", this.sub);
		this.proxy.refuse();

		HttpResponse<String> answer = logout(this.one, token);

		assertThat(answer.statusCode()).isEqualTo(503);
		assertThat(answer.headers().firstValue("Retry-After")).isPresent();
		assertThat(answer.body()).isEmpty();
		this.proxy.comeBack();
		Await.until("success", Duration.ofSeconds(60), () -> logout(this.one, token).statusCode() == 200);
		assertGone("idp", alice);
	}

	@Test
	void logoutWhileKeysCannotBeHadIsToBeRepeated() {
		HttpResponse<String> answer = post(this.one, "/oauth-redis/logout/keyless",
				Messages.form(this.issuer.token("logout+jwt")), form());

		assertThat(answer.statusCode()).isEqualTo(503);
	}

	// What is not received

	@ParameterizedTest
	@ValueSource(strings = { "/oauth-redis/logout/unknown", "/oauth-redis/events/other", "/oauth-redis/webhook/idp",
			"/oauth-redis/logout/idp/", "/oauth-redis/logout", "/oauth-redis/logout/idp/x" })
	void otherPathsAreLikeAnyOther(String path) {
		HttpResponse<String> any = post(this.one, "/any", Messages.form(this.issuer.token("logout+jwt")), form());
		HttpResponse<String> answer = post(this.one, path, Messages.form(this.issuer.token("logout+jwt")), form());

		assertThat(answer.statusCode()).isEqualTo(any.statusCode()).isIn(302, 401, 403);
	}

	@ParameterizedTest
	@ValueSource(strings = { "GET", "PUT", "DELETE", "OPTIONS" })
	void otherMethodsAreNotAllowed(String method) throws IOException, InterruptedException {
		HttpRequest request = HttpRequest.newBuilder(uri(this.one, "/oauth-redis/logout/idp"))
			.method(method, BodyPublishers.noBody())
			.build();

		HttpResponse<String> answer = this.http.send(request, BodyHandlers.ofString());

		assertThat(answer.statusCode()).isEqualTo(405);
		assertThat(answer.headers().firstValue("Allow")).hasValue("POST");
		assertThat(answer.body()).isEmpty();
	}

	// Security event tokens

	@Test
	void eventAtOneInstanceCountsOnBoth() {
		Authentication alice = login("idp", "alice", "s1");

		HttpResponse<String> answer = event(sessionRevoked(this.sub), "Bearer agreed");

		assertThat(answer.statusCode()).isEqualTo(202);
		assertThat(answer.body()).isEmpty();
		assertGone("idp", alice);
	}

	@Test
	void eventAboutAnAddressIsUnderstood() {
		Authentication alice = login("idp", "alice", "s1");
		String address = this.sub + "@example.org";

		assertThat(
				event(eventToken(Map.of("format", "email", "email", address.toUpperCase(Locale.ROOT))), "Bearer agreed")
					.statusCode())
			.isEqualTo(202);

		assertGone("idp", alice);
	}

	@Test
	void eventThatIsNotBelievedIsAnsweredWithTheCodesOfTheStandard() {
		Authentication alice = login("idp", "alice", "s1");

		assertError("authentication_failed", event(sessionRevoked(this.sub), "Bearer other"));
		assertError("authentication_failed", event(sessionRevoked(this.sub), ""));
		assertError("invalid_request", event("garbage", "Bearer agreed"));
		assertError("invalid_key",
				event(FakeIssuer.sign(FakeIssuer.generate(), "secevent+jwt", this.issuer.claims()), "Bearer agreed"));
		assertError("invalid_issuer", event(this.issuer.token("secevent+jwt", "iss", "x"), "Bearer agreed"));
		assertError("invalid_audience", event(this.issuer.token("secevent+jwt", "aud", "x"), "Bearer agreed"));
		assertThat(hasToken(this.two, "idp", alice)).isTrue();
	}

	private static void assertError(String code, HttpResponse<String> answer) {
		assertThat(answer.statusCode()).isEqualTo(400);
		assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
		assertThat(answer.body()).startsWith("{\"err\":\"" + code + "\",\"description\":\"");
	}

	// Webhooks

	@Test
	void webhookAtOneInstanceCountsOnBoth() {
		Authentication alice = login("other", this.sub, "s1");
		String body = ("{\"type\":\"event_callback\",\"event_id\":\"%s\",\"event\":{\"type\":\"tokens_revoked\","
				+ "\"tokens\":{\"oauth\":[\"%s\"]}}}")
			.formatted(UUID.randomUUID(), this.sub);

		assertThat(webhook("wrong", body).statusCode()).isEqualTo(401);
		assertThat(hasToken(this.two, "other", alice)).isTrue();
		assertThat(webhook(SLACK_SECRET, body).statusCode()).isEqualTo(200);

		assertGone("other", alice);
	}

	@Test
	void webhookThatVerifiesTheAddressGetsItsChallenge() {
		HttpResponse<String> answer = webhook(SLACK_SECRET, "{\"type\":\"url_verification\",\"challenge\":\"c\"}");

		assertThat(answer.statusCode()).isEqualTo(200);
		assertThat(answer.body()).isEqualTo("{\"challenge\":\"c\"}");
	}

	private HttpResponse<String> webhook(String secret, String body) {
		return post(this.one, "/oauth-redis/webhook/other", body, Messages.slack(secret, Instant.now(), body));
	}

	private HttpResponse<String> event(String token, String authorization) {
		HttpHeaders headers = new HttpHeaders();
		headers.set("Content-Type", "application/secevent+jwt");
		headers.set("Authorization", authorization);
		return post(this.one, "/oauth-redis/events/idp", token, headers);
	}

	private String sessionRevoked(String sub) {
		return eventToken(Map.of("format", "iss_sub", "iss", this.issuer.issuer(), "sub", sub));
	}

	private String eventToken(Map<String, Object> subject) {
		return this.issuer.token("secevent+jwt", "sub", null, "exp", null, "sub_id", subject, "events",
				Map.of("https://schemas.openid.net/secevent/caep/event-type/session-revoked", Map.of()));
	}

	private HttpResponse<String> logout(ConfigurableApplicationContext application, String token) {
		return post(application, "/oauth-redis/logout/idp", Messages.form(token), form());
	}

	private static HttpHeaders form() {
		HttpHeaders headers = new HttpHeaders();
		headers.set("Content-Type", "application/x-www-form-urlencoded");
		return headers;
	}

	private HttpResponse<String> post(ConfigurableApplicationContext application, String path, String body,
			HttpHeaders headers) {
		return this.http.sendAsync(request(application, path, body, headers), BodyHandlers.ofString()).join();
	}

	private static HttpRequest request(ConfigurableApplicationContext application, String path, String body,
			HttpHeaders headers) {
		HttpRequest.Builder request = HttpRequest.newBuilder(uri(application, path))
			.POST(BodyPublishers.ofString(body));
		headers.forEach((name, values) -> values.forEach((value) -> request.header(name, value)));
		return request.build();
	}

	private static URI uri(ConfigurableApplicationContext application, String path) {
		return URI
			.create("http://127.0.0.1:" + application.getEnvironment().getRequiredProperty("local.server.port") + path);
	}

	private void assertGone(String registrationId, Authentication principal) {
		assertThat(hasToken(this.one, registrationId, principal)).isFalse();
		Await.until("no token at the other instance", BOUND, () -> !hasToken(this.two, registrationId, principal));
	}

	private static boolean hasToken(ConfigurableApplicationContext application, String registrationId,
			Authentication principal) {
		try {
			return application.getBean(OAuth2AuthorizedClientManager.class)
				.authorize(OAuth2AuthorizeRequest.withClientRegistrationId(registrationId)
					.principal(principal)
					.build()) != null;
		}
		catch (ClientAuthorizationRequiredException ex) {
			return false;
		}
	}

	private long count(TokenEvent.Type type) {
		return this.events.stream().filter((event) -> event.type() == type).count();
	}

	private Authentication login(String registrationId, String name, String session) {
		return login(registrationId, name, this.sub, session);
	}

	/**
	 * Log in at the first instance; afterwards both have the token in memory.
	 */
	private Authentication login(String registrationId, String name, String sub, String session) {
		Instant now = Instant.now();
		ClientRegistration registration = this.one.getBean(Registrations.class)
			.find(registrationId)
			.toCompletableFuture()
			.join();
		OidcIdToken idToken = OidcIdToken.withTokenValue("id-token")
			.issuer(this.issuer.issuer())
			.audience(List.of(registration.getClientId()))
			.subject(sub)
			.claim("sid", session)
			.claim("preferred_username", name)
			.claim("email", sub + "@example.org")
			.claim("email_verified", true)
			.build();
		Authentication principal = new OAuth2AuthenticationToken(
				new DefaultOidcUser(AuthorityUtils.createAuthorityList("OIDC_USER"), idToken, "preferred_username"),
				AuthorityUtils.createAuthorityList("OIDC_USER"), registrationId);
		save(this.one,
				new OAuth2AuthorizedClient(registration, name,
						new OAuth2AccessToken(TokenType.BEARER, UUID.randomUUID().toString(), now,
								now.plus(Duration.ofHours(1)), Set.of("openid")),
						new OAuth2RefreshToken(UUID.randomUUID().toString(), now)),
				principal);
		for (ConfigurableApplicationContext application : List.of(this.one, this.two)) {
			Await.until("a token", BOUND, () -> hasToken(application, registrationId, principal));
		}
		return principal;
	}

	private ConfigurableApplicationContext application() {
		Map<String, String> settings = new LinkedHashMap<>();
		String client = "spring.security.oauth2.client.";
		for (String id : List.of("idp", "other", "keyless")) {
			String registration = client + "registration." + id + ".";
			settings.put(registration + "client-id", FakeIssuer.CLIENT_ID);
			settings.put(registration + "client-secret", "secret");
			settings.put(registration + "provider", "idp");
			settings.put(registration + "authorization-grant-type", "authorization_code");
			settings.put(registration + "redirect-uri", "{baseUrl}/login/oauth2/code/{registrationId}");
			settings.put(registration + "scope", "openid");
		}
		settings.put(client + "provider.idp.authorization-uri", this.issuer.issuer() + "/authorize");
		settings.put(client + "provider.idp.token-uri", this.issuer.issuer() + "/token");
		settings.put(client + "provider.idp.jwk-set-uri", this.issuer.jwkSetUri().toString());
		settings.put(client + "provider.idp.user-name-attribute", "preferred_username");
		settings.put("oauth-redis.clients.idp.signals.back-channel-logout", "true");
		settings.put("oauth-redis.clients.idp.signals.security-events", "true");
		settings.put("oauth-redis.clients.idp.signals.bearer-token", "agreed");
		settings.put("oauth-redis.clients.idp.signals.issuer", this.issuer.issuer());
		settings.put("oauth-redis.clients.keyless.signals.back-channel-logout", "true");
		settings.put("oauth-redis.clients.keyless.signals.issuer", this.issuer.issuer());
		settings.put("oauth-redis.clients.keyless.signals.jwk-set-uri", this.issuer.issuer() + "/none");
		settings.put("oauth-redis.clients.other.signals.webhook", "slack");
		settings.put("oauth-redis.clients.other.signals.webhook-secret", SLACK_SECRET);
		settings.put("spring.data.redis.host", this.proxy.host());
		settings.put("spring.data.redis.port", String.valueOf(this.proxy.port()));
		settings.put("oauth-redis.key-prefix", this.prefix);
		settings.put("oauth-redis.redis-timeout", "5s");
		settings.put("server.port", "0");
		settings.put("spring.main.banner-mode", "off");
		return new SpringApplicationBuilder(Applications.Everything.class).web(type())
			.listeners((ApplicationListener<PayloadApplicationEvent<?>>) (event) -> {
				if (event.getPayload() instanceof TokenEvent told) {
					this.events.add(told);
				}
			})
			.run(settings.entrySet().stream().map((setting) -> "--" + setting).toArray(String[]::new));
	}

}
