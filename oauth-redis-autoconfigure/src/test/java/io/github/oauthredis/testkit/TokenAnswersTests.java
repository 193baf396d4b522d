package io.github.oauthredis.testkit;

import java.net.http.HttpResponse;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenAnswers}.
 */
class TokenAnswersTests {

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final TokenClient client = new TokenClient();

	@AfterEach
	void close() {
		this.server.close();
	}

	@ParameterizedTest
	@ValueSource(strings = { "null", "\"3600\"", "3600.0", "-1", "0", "9223372036854775808", "\"soon\"" })
	void expiresInIsAnsweredAsItStands(String literal) {
		this.server.answers().expiresIn(literal);

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.body()).contains("\"expires_in\":" + literal + ",");
		assertThat(this.server.isActive(TokenClient.text(response, "access_token"))).isTrue();
	}

	@Test
	void expiresInWhenNullIsLeftOut() {
		this.server.answers().expiresIn(null);

		HttpResponse<String> response = this.client.clientCredentials(this.server);

		assertThat(response.body()).doesNotContain("expires_in");
		assertThat(this.server.issueGrant().expiresInSeconds()).isEqualTo(-1);
	}

	@Test
	void expiresInWhenSensibleEndsTheToken() {
		MutableClock clock = new MutableClock();
		this.server.clock(clock).answers().expiresIn("\"90.5\"");
		IssuedGrant grant = this.server.issueGrant();
		assertThat(grant.expiresInSeconds()).isEqualTo(90);

		clock.advance(Duration.ofMillis(90_499));
		assertThat(this.server.isActive(grant.accessToken())).isTrue();
		clock.advance(Duration.ofMillis(1));

		assertThat(this.server.isActive(grant.accessToken())).isFalse();
	}

	@Test
	void scopeIsOmittedNarrowedAndAsRequested() {
		this.server.answers().scope(null);
		assertThat(this.client.clientCredentials(this.server).body()).doesNotContain("scope");

		this.server.answers().scope("read");
		assertThat(TokenClient.text(this.client.clientCredentials(this.server), "scope")).isEqualTo("read");

		this.server.answers().scopeAsRequested();
		assertThat(TokenClient.text(this.client.clientCredentials(this.server), "scope")).isEqualTo("read write");
	}

	@Test
	void membersAreAddedReplacedAndLeftOut() {
		this.server.answers().withoutRefreshToken().member("refresh_in", "30").member("token_type", "\"DPoP\"");
		IssuedGrant grant = this.server.issueGrant();

		String odd = this.client.refresh(this.server, grant.refreshToken()).join().body();
		this.server.answers().withRefreshToken().member("refresh_in", null).member("token_type", null);
		String ordinary = this.client.refresh(this.server, grant.refreshToken()).join().body();

		assertThat(odd).contains("\"refresh_in\":30", "\"token_type\":\"DPoP\"").doesNotContain("refresh_token");
		assertThat(ordinary).contains("\"token_type\":\"Bearer\"", "\"refresh_token\"").doesNotContain("refresh_in");
	}

}
