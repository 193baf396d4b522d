package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import io.github.oauthredis.revocation.RevocationAnswer;
import io.github.oauthredis.revocation.RevocationAnswer.Outcome;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link HttpRevocationEndpoint} against a real HTTP server.
 */
class HttpRevocationEndpointTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();

	private final Map<String, ClientRegistration> registrations = new HashMap<>();

	private @Nullable String uri = this.server.uri("/revoke").toString();

	private final HttpRevocationEndpoint endpoint = new HttpRevocationEndpoint(new Found(), (id) -> this.uri,
			new TokenEndpoint((id) -> TestClients.settings(Duration.ofMillis(500), Map.of()), Duration.ofSeconds(2),
					null, Clock.systemUTC()));

	HttpRevocationEndpointTests() {
		register(TestClients.grant(this.server.tokenUri()).build());
	}

	@AfterEach
	void close() {
		this.server.close();
	}

	private void register(ClientRegistration registration) {
		this.registrations.put(registration.getRegistrationId(), registration);
	}

	private RevocationAnswer revoke() {
		return revoke(tokens("access", "refresh", Duration.ofHours(1)));
	}

	private RevocationAnswer revoke(Tokens tokens) {
		return this.endpoint.revoke(TestClients.GRANT_ID, tokens);
	}

	private static Tokens tokens(String access, @Nullable String refresh, @Nullable Duration remaining) {
		Instant now = Instant.now();
		return new Tokens(access, "Bearer", refresh, Set.of(), Set.of(), "alice", now,
				(remaining != null) ? now.plus(remaining) : null, null, null, null, null, false, Marks.NONE);
	}

	private List<String> asked() {
		return this.server.revocationRequests()
			.stream()
			.map((request) -> request.parameter("token_type_hint") + " " + request.parameter("token"))
			.toList();
	}

	@Test
	void revokeSendsRefreshTokenThenAccessToken() {
		IssuedGrant grant = this.server.issueGrant();

		assertThat(revoke(tokens(grant.accessToken(), grant.refreshToken(), Duration.ofHours(1))))
			.isEqualTo(RevocationAnswer.DONE);

		assertThat(asked()).containsExactly("refresh_token " + grant.refreshToken(),
				"access_token " + grant.accessToken());
		assertThat(this.server.isAlive(grant.refreshToken())).isFalse();
		assertThat(this.server.isActive(grant.accessToken())).isFalse();
		assertThat(this.server.revocationRequests())
			.allSatisfy((request) -> assertThat(request.parameters()).containsOnlyKeys("token", "token_type_hint"));
	}

	@Test
	void revokeSendsNoTokenThatEnded() {
		assertThat(revoke(tokens("access", "refresh", Duration.ofSeconds(-1)))).isEqualTo(RevocationAnswer.DONE);
		assertThat(revoke(tokens("access", null, Duration.ofSeconds(-1)))).isEqualTo(RevocationAnswer.NOTHING);
		assertThat(revoke(tokens("access", null, null))).isEqualTo(RevocationAnswer.DONE);

		assertThat(asked()).containsExactly("refresh_token refresh", "access_token access");
	}

	@Test
	void revokeWithoutEndpointSendsNothing() {
		this.uri = null;

		assertThat(revoke()).isEqualTo(RevocationAnswer.NOTHING);
		assertThat(this.server.revocationRequests()).isEmpty();
	}

	@Test
	void revokeTakesTheEndpointFromDiscovery() {
		this.uri = null;
		register(TestClients.grant(this.server.tokenUri())
			.providerConfigurationMetadata(Map.of("revocation_endpoint", this.server.uri("/revoke").toString()))
			.build());

		assertThat(revoke()).isEqualTo(RevocationAnswer.DONE);
		assertThat(asked()).hasSize(2);
	}

	@Test
	void revokeTakesTheSettingBeforeDiscovery() {
		register(TestClients.grant(this.server.tokenUri())
			.providerConfigurationMetadata(Map.of("revocation_endpoint", "http://127.0.0.1:1/"))
			.build());

		assertThat(revoke()).isEqualTo(RevocationAnswer.DONE);
	}

	@Test
	void revokeWhenRegistrationIsUnknownIsTriedAgain() {
		this.registrations.clear();

		assertThat(revoke().outcome()).isEqualTo(Outcome.RETRY);
	}

	// Authentication

	@ParameterizedTest
	@ValueSource(strings = { "client_secret_basic", "client_secret_post", "none" })
	void revokeAuthenticatesAsATokenRequestDoes(String method) {
		register(TestClients.grant(this.server.tokenUri())
			.clientId("we:b")
			.clientSecret("secret with +")
			.clientAuthenticationMethod(new ClientAuthenticationMethod(method))
			.build());

		assertThat(revoke()).isEqualTo(RevocationAnswer.DONE);

		TokenRequest request = this.server.revocationRequests().get(0);
		assertThat(request.clientAuthentication()).isEqualTo(method);
		assertThat(request.clientId()).isEqualTo("we:b");
		assertThat(request.clientSecret()).isEqualTo(method.equals("none") ? "" : "secret with +");
		assertThat(request.parameters()).doesNotContainKey("grant_type");
	}

	@Test
	void revokeWhenAuthenticationIsNotSupportedIsRefused() {
		register(TestClients.grant(this.server.tokenUri())
			.clientAuthenticationMethod(ClientAuthenticationMethod.PRIVATE_KEY_JWT)
			.build());

		assertThat(revoke())
			.isEqualTo(new RevocationAnswer(Outcome.REFUSED, "unsupported_client_authentication", null));
		assertThat(this.server.revocationRequests()).isEmpty();
	}

	// Answers

	@ParameterizedTest
	@CsvSource({ "500, '', RETRY, http_500", "503, '', RETRY, http_503", "429, slow_down, RETRY, slow_down",
			"408, '', RETRY, http_408", "401, invalid_client, RETRY, invalid_client", "401, '', RETRY, http_401",
			"400, invalid_client, RETRY, invalid_client", "400, invalid_request, REFUSED, invalid_request",
			"403, '', REFUSED, http_403", "404, '', REFUSED, http_404", "302, '', REFUSED, http_302" })
	void revokeJudgesTheAnswer(int status, String error, Outcome outcome, String code) {
		this.server.failRevocations(Integer.MAX_VALUE, status, error, null);

		RevocationAnswer answer = revoke();

		assertThat(answer.outcome()).isEqualTo(outcome);
		assertThat(answer.code()).isEqualTo(code);
	}

	@Test
	void revokeReadsRetryAfter() {
		this.server.failRevocations(1, 503, "", "3600");

		assertThat(revoke()).isEqualTo(new RevocationAnswer(Outcome.RETRY, "http_503", Duration.ofHours(1)));
		assertThat(asked()).as("no second request while the server is down").hasSize(1);
	}

	@Test
	void revokeWhenClientIsRefusedIsTriedAgainSlowly() {
		this.server.failRevocations(1, 401, "invalid_client", null);

		assertThat(revoke().retryAfter()).isEqualTo(Duration.ofMinutes(5));
	}

	@Test
	void revokeWhenTokenIsUnknownAlreadyIsDone() {
		this.server.failRevocations(2, 400, "invalid_token", null);

		assertThat(revoke()).isEqualTo(RevocationAnswer.DONE);
	}

	@Test
	void revokeWhenOnlyTheAccessTokenIsNotSupportedIsDone() {
		assertThat(revoke(tokens("access", "refresh", null))).isEqualTo(RevocationAnswer.DONE);
		this.server.failRevocations(1, 400, "unsupported_token_type", null);

		RevocationAnswer refused = revoke(tokens("access", "refresh", null));

		assertThat(refused).as("the refresh token still works")
			.isEqualTo(new RevocationAnswer(Outcome.REFUSED, "unsupported_token_type", null));
		assertThat(this.server.revocations()).as("the other one is revoked all the same").endsWith("access");
	}

	@Test
	void revokeWhenServerIsUnreachableIsTriedAgain() {
		this.uri = "http://127.0.0.1:1/revoke";

		assertThat(revoke()).isEqualTo(new RevocationAnswer(Outcome.RETRY, "unreachable", null));
	}

	@Test
	void revokeLogsNoToken() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			revoke(tokens("access-canary", "refresh-canary", null));

			assertThat(logs.text()).doesNotContain("canary");
		}
	}

	private final class Found implements Registrations {

		@Override
		public CompletionStage<@Nullable ClientRegistration> find(String registrationId) {
			return CompletableFuture
				.completedFuture(HttpRevocationEndpointTests.this.registrations.get(registrationId));
		}

	}

}
