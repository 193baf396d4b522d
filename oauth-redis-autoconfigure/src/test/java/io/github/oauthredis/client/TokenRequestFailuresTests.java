package io.github.oauthredis.client;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProtocolException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.security.oauth2.client.ClientAuthorizationException;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientException;

import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.resilience.CallGuard.Outcome;
import io.github.oauthredis.store.Failure.Kind;

import static org.assertj.core.api.Assertions.assertThat;

class TokenRequestFailuresTests {

	private static final Instant NOW = Instant.parse("2026-07-28T12:00:00Z");

	@ParameterizedTest
	@CsvSource({ "400, invalid_grant, FATAL, invalid_grant", "401, invalid_grant, FATAL, invalid_grant",
			"403, invalid_grant, FATAL, invalid_grant", "200, invalid_grant, FATAL, invalid_grant",
			"200, bad_refresh_token, FATAL, bad_refresh_token", "429, invalid_grant, CLEAR, invalid_grant",
			"500, invalid_grant, CLEAR, invalid_grant", "502, invalid_grant, AMBIGUOUS, invalid_grant",
			"400, invalid_client, CLEAR, invalid_client", "401, , CLEAR, http_401", "302, , CLEAR, http_302",
			"404, , CLEAR, http_404", "429, , CLEAR, http_429", "500, , CLEAR, http_500", "501, , CLEAR, http_501",
			"502, , AMBIGUOUS, http_502", "503, , CLEAR, http_503", "504, , AMBIGUOUS, http_504",
			"524, , AMBIGUOUS, http_524", "200, , AMBIGUOUS, malformed_answer" })
	void ofWhenAnsweredJudgesByStatusAndCode(int status, String code, Kind kind, String shown) {
		TokenRequestException failure = failures(true).of(new TokenEndpointException(status, code, null));

		assertThat(failure.getKind()).isEqualTo(kind);
		assertThat(failure.getCode()).isEqualTo(shown);
		assertThat(failure).hasNoCause();
	}

	@ParameterizedTest
	@CsvSource({ "400, invalid_grant, ANSWERED", "401, invalid_client, ANSWERED", "403, , ANSWERED", "404, , ANSWERED",
			"429, , ANSWERED", "200, invalid_grant, ANSWERED", "200, , FAILED", "500, , FAILED", "502, , FAILED",
			"503, invalid_grant, FAILED", "504, , FAILED" })
	void ofWhenAnsweredBlamesTheProviderForItsOwnFaultsOnly(int status, String code, Outcome outcome) {
		assertThat(failures(true).of(new TokenEndpointException(status, code, null)).getOutcome()).isEqualTo(outcome);
	}

	@Test
	void ofWhenArgumentsAreWrongSaysNothingAboutTheProvider() {
		assertThat(failures(true).of(new IllegalArgumentException("no such thing")).getOutcome())
			.isEqualTo(Outcome.NOT_SENT);
	}

	@Test
	void ofWhenIssuedTokenMeetsInvalidGrantIsClear() {
		assertThat(failures(false).of(new TokenEndpointException(400, "invalid_grant", null)).getKind())
			.isEqualTo(Kind.CLEAR);
	}

	@ParameterizedTest
	@CsvSource({ "429, 30", "503, 30", "500, ", "400, " })
	void ofWhenRetryAfterTakesItFromBusyServersOnly(int status, Integer seconds) {
		TokenEndpointException answered = new TokenEndpointException(status, null, Duration.ofSeconds(30));

		assertThat(failures(true).of(answered).getRetryAfter())
			.isEqualTo((seconds != null) ? Duration.ofSeconds(seconds) : null);
	}

	@Test
	void ofWhenWrappedSeveralTimesFindsOurs() {
		TokenEndpointException answered = new TokenEndpointException(200, "invalid_grant", null);

		assertThat(failures(true).of(wrapped(new RestClientException("body: secret", answered))).getKind())
			.isEqualTo(Kind.FATAL);
	}

	@Test
	void ofWhenNeverSentIsClear() {
		assertClear(new ConnectException("Connection refused"), "unreachable");
		assertClear(new HttpConnectTimeoutException("connect timed out"), "unreachable");
		assertClear(new UnknownHostException("nowhere.example"), "unreachable");
		assertClear(new SSLHandshakeException("PKIX path building failed"), "tls_failed");
	}

	private void assertClear(IOException io, String code) {
		TokenRequestException failure = failures(true).of(wrapped(new ResourceAccessException("I/O error", io)));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo(code);
		assertThat(failure.getOutcome()).isEqualTo(Outcome.FAILED);
		assertThat(failure).hasCause(io);
	}

	@Test
	void ofWhenFateIsUnknownIsAmbiguous() {
		assertAmbiguous(new HttpTimeoutException("Request cancelled"), "timeout");
		assertAmbiguous(new IOException("closed"), "connection_closed");
		assertAmbiguous(new SSLException("closed without alert"), "connection_closed");
		assertAmbiguous(new BoundedAnswer.TooLongException(), "malformed_answer");
	}

	private void assertAmbiguous(IOException io, String code) {
		TokenRequestException failure = failures(true).of(wrapped(new ResourceAccessException("I/O error", io)));

		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure.getCode()).isEqualTo(code);
		assertThat(failure.getOutcome()).isEqualTo(Outcome.FAILED);
	}

	@Test
	void ofWhenUnreadableIsAmbiguous() {
		TokenRequestException failure = failures(true).of(wrapped(new RestClientException("token-canary")));

		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure.getCode()).isEqualTo("malformed_answer");
		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	@Test
	void ofWhenCauseQuotesTheAnswerDropsIt() {
		ProtocolException quoting = new ProtocolException("Invalid status line: token-canary");

		TokenRequestException failure = failures(true).of(wrapped(new ResourceAccessException("I/O error", quoting)));

		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	@Test
	void ofWhenTheirClientSawAStatusJudgesByIt() {
		HttpHeaders headers = new HttpHeaders();
		headers.set(HttpHeaders.RETRY_AFTER, "7");
		HttpServerErrorException answered = HttpServerErrorException.create(HttpStatus.SERVICE_UNAVAILABLE, "busy",
				headers, "token-canary".getBytes(StandardCharsets.UTF_8), null);

		TokenRequestException failure = failures(true).of(wrapped(answered));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("http_503");
		assertThat(failure.getRetryAfter()).isEqualTo(Duration.ofSeconds(7));
		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	@Test
	void ofWhenTheirClientGotAnOAuth2ErrorJudgesByIt() {
		OAuth2Error error = new OAuth2Error("invalid_grant", "token-canary", null);

		TokenRequestException failure = failures(true).of(new ClientAuthorizationException(error, "github"));

		assertThat(failure.getKind()).isEqualTo(Kind.FATAL);
		assertThat(failure.getCode()).isEqualTo("invalid_grant");
		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	@ParameterizedTest
	@ValueSource(strings = { "two words", "token-canary\n", "" })
	void ofWhenTheirErrorCodeIsNoCodeHidesIt(String code) {
		OAuth2AuthorizationException theirs = new OAuth2AuthorizationException(
				new OAuth2Error(code.isEmpty() ? "x".repeat(100) : code));

		assertThat(failures(true).of(theirs).getCode()).isEqualTo("http_400");
	}

	@Test
	void ofWhenOurArgumentsAreWrongIsClear() {
		TokenRequestException failure = failures(true).of(new IllegalArgumentException("token-canary"));

		assertThat(failure.getKind()).isEqualTo(Kind.CLEAR);
		assertThat(failure.getCode()).isEqualTo("invalid_argument");
		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	@Test
	void ofWhenAnythingElseIsAmbiguous() {
		TokenRequestException failure = failures(true).of(new IllegalStateException("token-canary"));

		assertThat(failure.getKind()).isEqualTo(Kind.AMBIGUOUS);
		assertThat(failure).hasNoCause().hasMessageNotContaining("canary");
	}

	private static TokenRequestFailures failures(boolean refreshOfGrant) {
		return new TokenRequestFailures("github", refreshOfGrant, NOW);
	}

	private static OAuth2AuthorizationException wrapped(Exception cause) {
		return new OAuth2AuthorizationException(new OAuth2Error("invalid_token_response", "token-canary", null), cause);
	}

}
