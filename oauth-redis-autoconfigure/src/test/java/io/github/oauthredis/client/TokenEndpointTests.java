package io.github.oauthredis.client;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.store.Failure.Kind;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * Our own way to the token endpoint, against a real HTTP server. No failure may quote a
 * token; every token here begins with a canary.
 */
class TokenEndpointTests {

	private static final String CANARY = "canary";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.tokenPrefix(CANARY)
		.client("web", "web-secret")
		.client("service", "service-secret");

	private ClientSettings settings = TestClients.settings();

	private TokenSources sources;

	private ClientRegistration grant;

	private ClientRegistration service;

	@BeforeEach
	void setUp() {
		TokenEndpoint endpoint = new TokenEndpoint((id) -> this.settings, Duration.ofSeconds(2), null,
				Clock.systemUTC());
		this.sources = new TokenSources(endpoint, UserTokenClients.NONE);
		this.grant = TestClients.grant(this.server.tokenUri()).build();
		this.service = TestClients.service(this.server.tokenUri()).build();
	}

	@AfterEach
	void tearDown() {
		this.server.close();
	}

	@Test
	void clientCredentialsSendsScopesAndParameters() {
		TokenAnswer answer = ask(this.sources.clientCredentials(this.service, Map.of("audience", "a b&c")), null);

		assertThat(this.server.isActive(answer.accessToken())).isTrue();
		assertThat(answer.expiresIn()).isEqualTo(Duration.ofHours(1));
		assertThat(answer.scopes()).containsExactly("invoices");
		assertThat(answer.requestedScopes()).containsExactly("invoices");
		TokenRequest request = onlyRequest();
		assertThat(request.grantType()).isEqualTo("client_credentials");
		assertThat(request.parameters()).containsEntry("scope", "invoices")
			.containsEntry("audience", "a b&c")
			.doesNotContainKeys("client_id", "client_secret");
		assertThat(request.clientSecret()).isEqualTo("service-secret");
	}

	@Test
	void clientCredentialsWhenParameterIsScopeReplacesIt() {
		TokenAnswer answer = ask(this.sources.clientCredentials(this.service, Map.of("scope", "x y")), null);

		assertThat(onlyRequest().parameters()).containsEntry("scope", "x y");
		assertThat(answer.requestedScopes()).containsExactlyInAnyOrder("x", "y");
	}

	@Test
	void clientCredentialsWhenSecretIsPostedPostsIt() {
		ClientRegistration posted = TestClients.service(this.server.tokenUri())
			.clientAuthenticationMethod(ClientAuthenticationMethod.CLIENT_SECRET_POST)
			.build();

		ask(this.sources.clientCredentials(posted, Map.of()), null);

		assertThat(onlyRequest().parameters()).containsEntry("client_id", "service")
			.containsEntry("client_secret", "service-secret");
	}

	/**
	 * Hazard 22: whatever scopes the configuration names today, the grant keeps its own.
	 */
	@Test
	void refreshTokenNeverSendsScope() {
		IssuedGrant issued = this.server.issueGrant();

		TokenAnswer answer = ask(refresh(Map.of("scope", "admin", "audience", "x")), tokens(issued.refreshToken()));

		assertThat(this.server.isActive(answer.accessToken())).isTrue();
		assertThat(answer.refreshToken()).isNull();
		assertThat(answer.scopes()).isNull();
		assertThat(onlyRequest().parameters()).doesNotContainKey("scope")
			.containsEntry("audience", "x")
			.containsEntry("refresh_token", issued.refreshToken());
	}

	@Test
	void refreshTokenWhenRotatedBringsTheNewOne() {
		this.server.rotateStrictly();
		IssuedGrant issued = this.server.issueGrant();

		TokenAnswer answer = ask(refresh(Map.of()), tokens(issued.refreshToken()));

		assertThat(answer.refreshToken()).isEqualTo(this.server.currentRefreshToken(issued.family()));
	}

	@Test
	void refreshTokenWhenAnswerHasNoneKeepsTheOldOne() {
		this.server.answers().withoutRefreshToken();

		assertThat(ask(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken())).refreshToken()).isNull();
	}

	/**
	 * Hazard 20, over the wire.
	 */
	@ParameterizedTest
	@CsvSource(delimiter = '|', nullValues = "absent",
			value = { "absent|absent", "null|absent", "\"3600\"|3600", "3600.0|3600", "-1|absent", "0|absent",
					"9223372036854775808|315360000", "true|absent", "\"soon\"|absent", "1|1", "90061|90061" })
	void clientCredentialsReadsWhateverLifetimeIsStated(String literal, Long seconds) {
		this.server.answers().expiresIn(literal);

		TokenAnswer answer = ask(this.sources.clientCredentials(this.service, Map.of()), null);

		assertThat(answer.expiresIn()).isEqualTo((seconds != null) ? Duration.ofSeconds(seconds) : null);
	}

	@Test
	void clientCredentialsReadsHints() {
		this.server.answers().member("refresh_in", "1800").member("refresh_expires_in", "\"86400\"");

		TokenAnswer answer = ask(this.sources.clientCredentials(this.service, Map.of()), null);

		assertThat(answer.refreshIn()).isEqualTo(Duration.ofMinutes(30));
		assertThat(answer.refreshTokenExpiresIn()).isEqualTo(Duration.ofDays(1));
	}

	@Test
	void clientCredentialsWhenScopeIsNarrowedSaysSo() {
		this.server.answers().scope("less");

		assertThat(ask(this.sources.clientCredentials(this.service, Map.of()), null).scopes()).containsExactly("less");
	}

	@ParameterizedTest
	@CsvSource({ "400, FATAL", "401, FATAL", "200, FATAL", "403, FATAL" })
	void refreshTokenWhenInvalidGrantIsFatal(int status, Kind kind) {
		this.server.faults().failNext(1, status, "invalid_grant", null);

		TokenRequestException failure = fail(refresh(Map.of()), tokens("dead"));

		assertThat(failure.getKind()).isEqualTo(kind);
		assertThat(failure.getCode()).isEqualTo("invalid_grant");
	}

	@Test
	void clientCredentialsWhenInvalidGrantIsClear() {
		this.server.faults().failNext(1, 400, "invalid_grant", null);

		assertThat(fail(this.sources.clientCredentials(this.service, Map.of()), null).getKind()).isEqualTo(Kind.CLEAR);
	}

	@Test
	void refreshTokenWhenClientIsUnknownIsClear() {
		this.server.client("web", "another-secret");

		TokenRequestException failure = fail(refresh(Map.of()), tokens("any"));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("invalid_client");
	}

	@ParameterizedTest
	@CsvSource({ "429, 30, CLEAR, 30", "503, 5, CLEAR, 5", "503, soon, CLEAR, ",
			"503, 'Sun, 06 Nov 1994 08:49:37 GMT', CLEAR, 0", "500, , CLEAR, ", "502, , AMBIGUOUS, ",
			"504, , AMBIGUOUS, " })
	void refreshTokenWhenServerFailsSaysWhatItMeans(int status, String retryAfter, Kind kind, Integer seconds) {
		Map<String, String> headers = (retryAfter != null) ? Map.of("Retry-After", retryAfter) : Map.of();
		this.server.faults().answerNext(1, status, headers, "<html>" + CANARY + "</html>");

		TokenRequestException failure = fail(refresh(Map.of()), tokens(CANARY + "-refresh"));

		assertThat(failure.getKind()).isEqualTo(kind);
		assertThat(failure.getCode()).isEqualTo("http_" + status);
		assertThat(failure.getRetryAfter()).isEqualTo((seconds != null) ? Duration.ofSeconds(seconds) : null);
	}

	@Test
	void refreshTokenWhenRedirectedDoesNotFollow() {
		this.server.faults().answerNext(1, 307, Map.of("Location", this.server.tokenUri()), "");

		TokenRequestException failure = fail(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken()));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("http_307");
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void refreshTokenWhenConnectionClosesAfterSendIsAmbiguousAndSentOnce() {
		IssuedGrant issued = this.server.rotateStrictly().issueGrant();
		this.server.faults().dropNextAnswers(1);

		TokenRequestException failure = fail(refresh(Map.of()), tokens(issued.refreshToken()));

		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure.getCode()).isEqualTo("connection_closed");
		assertThat(this.server.presentations(issued.refreshToken())).hasSize(1);
	}

	@Test
	void refreshTokenWhenPooledConnectionClosesAfterSendIsSentOnce() {
		IssuedGrant issued = this.server.issueGrant();
		ask(refresh(Map.of()), tokens(issued.refreshToken()));
		this.server.faults().dropNextAnswers(1);

		assertThat(fail(refresh(Map.of()), tokens(issued.refreshToken())).getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(this.server.presentations(issued.refreshToken())).hasSize(2);
	}

	@Test
	void refreshTokenWhenAnswerIsCutOffIsAmbiguous() {
		this.server.faults().garbleNextAnswers(1);

		assertMalformed(fail(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken())));
	}

	@Test
	void refreshTokenWhenAnswerIsTooLongIsAmbiguous() {
		this.server.faults().padNextAnswers(1, 2 * TokenClient.ANSWER_LIMIT);

		assertMalformed(fail(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken())));
	}

	@Test
	void refreshTokenWhenAnswerIsLongButBoundedReadsIt() {
		this.server.faults().padNextAnswers(1, TokenClient.ANSWER_LIMIT - 1024);

		assertThat(ask(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken())).accessToken()).isNotEmpty();
	}

	@ParameterizedTest
	@CsvSource({ "application/json, '{}'", "application/json, ''", "application/json, '[]'",
			"text/html, '<html>canary</html>'", "application/json, '{\"access_token\": \"canary'" })
	void refreshTokenWhenSuccessIsNoTokenIsAmbiguous(String contentType, String body) {
		this.server.faults().answerNext(1, 200, Map.of("Content-Type", contentType), body);

		assertMalformed(fail(refresh(Map.of()), tokens("any")));
	}

	private static void assertMalformed(TokenRequestException failure) {
		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure.getCode()).isEqualTo("malformed_answer");
	}

	@Test
	void refreshTokenWhenServerIsSilentEndsAtTheDeadline() {
		this.settings = TestClients.settings(Duration.ofMillis(100), Map.of());
		this.server.hold();
		Instant before = Instant.now();

		TokenRequestException failure = fail(refresh(Map.of()), tokens("any"));

		assertTimeout(failure, before);
	}

	/**
	 * The deadline counts for the whole exchange, and not for each byte.
	 */
	@Test
	void refreshTokenWhenBodyDripsEndsAtTheDeadline() {
		this.settings = TestClients.settings(Duration.ofMillis(100), Map.of());
		this.server.faults().dripBody(Duration.ofMillis(200));
		Instant before = Instant.now();

		TokenRequestException failure = fail(refresh(Map.of()), tokens(this.server.issueGrant().refreshToken()));

		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(Duration.between(before, Instant.now())).isBetween(Duration.ofMillis(1200), Duration.ofSeconds(5));
	}

	private static void assertTimeout(TokenRequestException failure, Instant before) {
		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure.getCode()).isEqualTo("timeout");
		assertThat(Duration.between(before, Instant.now())).isBetween(Duration.ofMillis(1200), Duration.ofSeconds(5));
	}

	@Test
	void refreshTokenWhenNobodyListensIsClear() throws IOException {
		int port;
		try (ServerSocket socket = new ServerSocket(0)) {
			port = socket.getLocalPort();
		}
		this.grant = TestClients.grant("http://127.0.0.1:" + port + "/token").build();

		assertUnreachable(fail(refresh(Map.of()), tokens("any")));
	}

	@Test
	void refreshTokenWhenHostIsUnknownIsClear() {
		this.grant = TestClients.grant("http://nowhere.invalid/token").build();

		assertUnreachable(fail(refresh(Map.of()), tokens("any")));
	}

	private static void assertUnreachable(TokenRequestException failure) {
		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("unreachable");
	}

	@Test
	void refreshTokenWhenThereIsNoneIsClear() {
		assertThat(fail(refresh(Map.of()), null).getCode()).isEqualTo("no_refresh_token");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void clientCredentialsWhenAuthenticationMethodIsUnsupportedIsNotSent() {
		ClientRegistration signed = TestClients.service(this.server.tokenUri())
			.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
			.build();

		TokenRequestException failure = fail(this.sources.clientCredentials(signed, Map.of()), null);

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("unsupported_client_authentication");
		assertThat(failure).hasMessageContaining("OAuth2AccessTokenResponseClient");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void clientCredentialsWhenSslBundleIsMissingIsNotSent() {
		this.settings = new ClientSettings(TestClients.policy(Duration.ofSeconds(5)), Map.of(), "absent",
				AccessPolicy.OPEN, null);

		TokenRequestException failure = fail(this.sources.clientCredentials(this.service, Map.of()), null);

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("no_http_client");
		assertThat(this.server.tokenRequests()).isZero();
	}

	private TokenSource refresh(Map<String, String> parameters) {
		return this.sources.refreshToken(this.grant, parameters, (response) -> {
		});
	}

	private TokenRequest onlyRequest() {
		assertThat(this.server.requests()).hasSize(1);
		return this.server.requests().get(0);
	}

	private static TokenAnswer ask(TokenSource source, Tokens current) {
		return source.request(current).toCompletableFuture().join();
	}

	private static TokenRequestException fail(TokenSource source, Tokens current) {
		CompletionException failure = catchThrowableOfType(CompletionException.class, () -> ask(source, current));

		assertThat(failure).isNotNull();
		assertThat(failure.getCause()).isInstanceOf(TokenRequestException.class);
		assertThat(stackTrace(failure)).doesNotContain(CANARY);
		return (TokenRequestException) failure.getCause();
	}

	private static String stackTrace(Throwable failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace, true));
		return trace.toString();
	}

	private static Tokens tokens(String refreshToken) {
		Instant now = Instant.now();
		return new Tokens(CANARY + "-old", "Bearer", refreshToken, Set.of("read"), Set.of("read"), "alice", now,
				now.plusSeconds(60), now, Duration.ofMinutes(1), null, null, false, Marks.NONE);
	}

}
