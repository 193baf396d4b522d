package io.github.oauthredis.testkit;

import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link FakeAuthorizationServer}: what it issues and counts.
 */
class FakeAuthorizationServerTests {

	private static final String EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

	private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final TokenClient client = new TokenClient();

	@AfterEach
	void close() {
		this.server.close();
	}

	@Test
	void clientCredentialsReturnsActiveTokenWithoutRefreshToken() {
		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.statusCode()).isEqualTo(200);
		assertThat(TokenClient.json(response).has("refresh_token")).isFalse();
		assertThat(TokenClient.json(response).get("expires_in").asInt()).isEqualTo(3600);
		assertThat(TokenClient.text(response, "scope")).isEqualTo("read write");
		assertThat(this.server.isActive(TokenClient.text(response, "access_token"))).isTrue();
		assertThat(this.server.isActive("another")).isFalse();
		assertThat(this.server.tokenRequests()).isOne();
		assertThat(this.server.presentations()).isEmpty();
		assertThat(this.server.maxOverlap()).isZero();
	}

	@Test
	void requestsWhenClientUsesBasicOrPostShowsTheClient() {
		this.server.client("app:1", "s%cret").client("other", "pass");
		Map<String, String> form = Map.of("grant_type", "client_credentials");

		HttpResponse<String> basic = this.client
			.post(this.server.uri("/token"), form, "Authorization", "Basic YXBwJTNBMTpzJTI1Y3JldA==")
			.join();
		HttpResponse<String> post = this.client
			.post(this.server.uri("/token"),
					Map.of("grant_type", "client_credentials", "client_id", "other", "client_secret", "pass"))
			.join();
		HttpResponse<String> wrong = this.client
			.post(this.server.uri("/token"),
					Map.of("grant_type", "client_credentials", "client_id", "other", "client_secret", "s%cret"))
			.join();

		assertThat(basic.statusCode()).isEqualTo(200);
		assertThat(post.statusCode()).isEqualTo(200);
		assertThat(wrong.statusCode()).isEqualTo(401);
		assertThat(TokenClient.text(wrong, "error")).isEqualTo("invalid_client");
		assertThat(this.server.requests()).extracting(TokenRequest::clientId)
			.containsExactly("app:1", "other", "other");
		assertThat(this.server.requests()).extracting(TokenRequest::clientAuthentication)
			.containsExactly("client_secret_basic", "client_secret_post", "client_secret_post");
		assertThat(this.server.requests().get(0).http().header("authorization")).startsWith("Basic ");
	}

	@Test
	void tokenExchangeStatesTheTypeOfTheIssuedToken() {
		HttpResponse<String> response = exchange(
				Map.of("grant_type", EXCHANGE, "subject_token", this.server.issueGrant().accessToken()));

		assertThat(TokenClient.text(response, "issued_token_type"))
			.isEqualTo("urn:ietf:params:oauth:token-type:access_token");
	}

	@Test
	void tokensOnBehalfNeedActiveTokens() {
		String active = this.server.issueGrant().accessToken();
		String revoked = this.server.issueGrant().accessToken();
		this.server.kill(revoked);

		assertThat(exchange(Map.of("grant_type", EXCHANGE, "subject_token", revoked)).statusCode()).isEqualTo(400);
		assertThat(
				exchange(Map.of("grant_type", EXCHANGE, "subject_token", active, "actor_token", revoked)).statusCode())
			.isEqualTo(400);
		assertThat(exchange(Map.of("grant_type", JWT_BEARER, "assertion", "x")).statusCode()).isEqualTo(400);
		assertThat(exchange(Map.of("grant_type", JWT_BEARER, "assertion", active)).statusCode()).isEqualTo(200);
	}

	private HttpResponse<String> exchange(Map<String, String> form) {
		return this.client.post(this.server.uri("/token"), form).join();
	}

	@Test
	void authorizeThenCodeLogsTheUserIn() {
		URI authorize = this.server.uri("/authorize?response_type=code&client_id=app&scope=mail%20files&state=a%26b"
				+ "&redirect_uri=http%3A%2F%2Flocalhost%2Fback");
		HttpResponse<String> redirect = this.client.get(authorize).join();
		URI back = URI.create(redirect.headers().firstValue("Location").orElseThrow());
		String code = back.getQuery().replaceAll("code=([^&]*)&.*", "$1");
		Map<String, String> form = Map.of("grant_type", "authorization_code", "code", code, "client_id", "app",
				"redirect_uri", "http://localhost/back");

		HttpResponse<String> login = this.client.post(this.server.uri("/token"), form).join();
		HttpResponse<String> again = this.client.post(this.server.uri("/token"), form).join();
		HttpResponse<String> userInfo = this.client
			.get(this.server.uri("/userinfo"), "Authorization", "Bearer " + TokenClient.text(login, "access_token"))
			.join();

		assertThat(redirect.statusCode()).isEqualTo(302);
		assertThat(back.getRawQuery()).endsWith("&state=a%26b");
		assertThat(TokenClient.text(login, "scope")).isEqualTo("mail files");
		assertThat(this.server.isAlive(TokenClient.text(login, "refresh_token"))).isTrue();
		assertThat(again.statusCode()).isEqualTo(400);
		assertThat(TokenClient.text(userInfo, "sub")).isEqualTo("alice");
		assertThat(this.client.get(this.server.uri("/userinfo")).join().statusCode()).isEqualTo(401);
	}

	@Test
	void refreshWithoutRotationKeepsTheRefreshToken() {
		IssuedGrant grant = this.server.issueGrant();

		HttpResponse<String> response = this.client.refresh(this.server, grant.refreshToken()).join();

		assertThat(TokenClient.text(response, "refresh_token")).isEqualTo(grant.refreshToken());
		assertThat(TokenClient.text(response, "access_token")).isNotEqualTo(grant.accessToken());
		assertThat(this.server.presentations(grant.refreshToken())).singleElement()
			.satisfies((presentation) -> assertThat(presentation.status()).isEqualTo(200));
	}

	@Test
	void refreshWhenRotatingStrictlyAndReusedKillsTheWholeFamily() {
		this.server.rotateStrictly();
		IssuedGrant grant = this.server.issueGrant();
		IssuedGrant bystander = this.server.issueGrant();
		HttpResponse<String> first = this.client.refresh(this.server, grant.refreshToken()).join();
		String rotated = TokenClient.text(first, "refresh_token");
		assertThat(rotated).isNotEqualTo(grant.refreshToken())
			.isEqualTo(this.server.currentRefreshToken(grant.family()));
		assertThat(this.server.isAlive(rotated)).isTrue();
		assertThat(this.server.reuseEvents()).isZero();

		HttpResponse<String> reuse = this.client.refresh(this.server, grant.refreshToken()).join();
		HttpResponse<String> successor = this.client.refresh(this.server, rotated).join();

		assertThat(TokenClient.text(reuse, "error")).isEqualTo("invalid_grant");
		assertThat(TokenClient.text(successor, "error")).isEqualTo("invalid_grant");
		assertThat(this.server.reuseEvents()).isOne();
		assertThat(this.server.isAlive(rotated)).isFalse();
		assertThat(this.server.isActive(TokenClient.text(first, "access_token"))).isFalse();
		assertThat(this.server.isAlive(bystander.refreshToken())).isTrue();
	}

	@Test
	void refreshWhenRotatingWithGraceAcceptsTheReplacedTokenForAWhile() {
		MutableClock clock = new MutableClock();
		this.server.clock(clock).rotateWithGrace(Duration.ofSeconds(10));
		IssuedGrant grant = this.server.issueGrant();
		String rotated = TokenClient.text(this.client.refresh(this.server, grant.refreshToken()).join(),
				"refresh_token");

		clock.advance(Duration.ofMillis(9999));
		HttpResponse<String> within = this.client.refresh(this.server, grant.refreshToken()).join();
		clock.advance(Duration.ofMillis(1));
		HttpResponse<String> after = this.client.refresh(this.server, grant.refreshToken()).join();

		assertThat(TokenClient.text(within, "refresh_token")).isEqualTo(rotated);
		assertThat(TokenClient.text(after, "error")).isEqualTo("invalid_grant");
		assertThat(this.server.reuseEvents()).isOne();
		assertThat(this.server.isAlive(rotated)).isFalse();
	}

	@Test
	void refreshWhenOfAnotherClientFailsAndHarmsNothing() {
		IssuedGrant grant = this.server.issueGrant("app", "read");

		HttpResponse<String> response = this.client.refresh(this.server, grant.refreshToken()).join();

		assertThat(TokenClient.text(response, "error")).isEqualTo("invalid_grant");
		assertThat(this.server.isAlive(grant.refreshToken())).isTrue();
	}

	@Test
	void reissueUntilAnswersOneTokenUntilShortlyBeforeItsEnd() {
		MutableClock clock = new MutableClock();
		this.server.clock(clock).reissueUntil(Duration.ofSeconds(10)).answers().expiresIn(60);
		String first = TokenClient.text(this.client.clientCredentials(this.server), "access_token");

		clock.advance(Duration.ofSeconds(49));
		HttpResponse<String> same = this.client.clientCredentials(this.server);
		clock.advance(Duration.ofSeconds(1));
		HttpResponse<String> next = this.client.clientCredentials(this.server);

		assertThat(TokenClient.text(same, "access_token")).isEqualTo(first);
		assertThat(TokenClient.json(same).get("expires_in").asInt()).isEqualTo(11);
		assertThat(TokenClient.text(next, "access_token")).isNotEqualTo(first);
		assertThat(this.server.isActive(first)).isTrue();
		clock.advance(Duration.ofSeconds(10));
		assertThat(this.server.isActive(first)).isFalse();
	}

	@Test
	void killAndRevokeAndIntrospectTellDeadTokensFromLivingOnes() {
		IssuedGrant grant = this.server.issueGrant();
		String accessToken = TokenClient.text(this.client.clientCredentials(this.server), "access_token");
		assertThat(introspect(grant.refreshToken())).isEqualTo("{\"active\":true}");

		this.server.kill(accessToken);
		this.client.post(this.server.uri("/revoke"), Map.of("token", grant.refreshToken())).join();

		assertThat(this.server.isActive(accessToken)).isFalse();
		assertThat(introspect(grant.refreshToken())).isEqualTo("{\"active\":false}");
		assertThat(introspect(grant.accessToken())).isEqualTo("{\"active\":false}");
		assertThat(this.server.revocations()).containsExactly(grant.refreshToken());
	}

	@Test
	void tokenPrefixMarksEveryToken() {
		IssuedGrant grant = this.server.tokenPrefix("canary-7").issueGrant();

		assertThat(grant.accessToken()).startsWith("canary-7-at-");
		assertThat(grant.refreshToken()).startsWith("canary-7-rt-");
	}

	private String introspect(String token) {
		return this.client.post(this.server.uri("/introspect"), Map.of("token", token)).join().body();
	}

}
