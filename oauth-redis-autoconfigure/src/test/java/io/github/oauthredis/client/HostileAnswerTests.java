package io.github.oauthredis.client;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.RestClientException;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.resilience.RetryAfter;
import io.github.oauthredis.testkit.Hostile;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever a token endpoint answers, it is read as far as it makes sense or fails as
 * documented, and no failure quotes it.
 */
class HostileAnswerTests {

	private static final List<String> MEMBERS = List.of("access_token", "access_token", "refresh_token", "token_type",
			"expires_in", "scope", "refresh_in", "refresh_expires_in", "refresh_token_expires_in", "error",
			"error_description");

	private static final Duration TEN_YEARS = Duration.ofDays(3650);

	private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

	private final OAuth2AccessTokenResponseHttpMessageConverter answers = new OAuth2AccessTokenResponseHttpMessageConverter();

	private final TokenRequestFailures failures = new TokenRequestFailures("github", true, NOW);

	HostileAnswerTests() {
		this.answers.setAccessTokenResponseConverter(new AnswerConverter());
	}

	@Test
	void answerIsReadOrFailsAsDocumented() {
		int[] read = new int[1];
		Hostile.each(4000, (hostile) -> {
			byte[] body = hostile.damaged(hostile.json(MEMBERS));
			TokenAnswer answer;
			try {
				answer = new TokenAnswers(Set.of("read"), null, NOW)
					.ofOurs(this.answers.read(null, new MockClientHttpResponse(body, 200)));
			}
			catch (IOException | HttpMessageNotReadableException ex) {
				// Wrapped as the client does.
				assertDocumented(this.failures.of(new RestClientException(Hostile.CANARY, ex)));
				return;
			}
			read[0]++;
			assertThat(answer.accessToken()).matches("[ -~]+").isNotBlank();
			assertThat(new String(body, StandardCharsets.UTF_8)).contains("access_token");
			assertThat(answer.tokenType()).matches("[A-Za-z0-9_.-]{1,64}");
			assertBounded(answer.expiresIn());
			assertBounded(answer.refreshIn());
			assertBounded(answer.refreshTokenExpiresIn());
			assertThat(answer.toString()).doesNotContain(answer.accessToken() + "x");
		});
		assertThat(read[0]).isPositive();
	}

	@Test
	void errorIsToldWithoutAWordOfTheAnswer() {
		AnswerErrorHandler handler = new AnswerErrorHandler(Clock.systemUTC());
		Hostile.each(4000, (hostile) -> {
			byte[] body = hostile.damaged(hostile.json(List.of("error", "error_description", "error_uri", "x")));
			MockClientHttpResponse response = new MockClientHttpResponse(body,
					hostile.pick(List.of(400, 401, 403, 429, 500, 502, 503, 302)));
			response.getHeaders().setContentType(hostile.maybe() ? MediaType.APPLICATION_JSON : MediaType.TEXT_HTML);
			response.getHeaders().set(HttpHeaders.RETRY_AFTER, hostile.text());
			try {
				handler.handleError(URI.create("https://provider/token"), HttpMethod.POST, response);
				throw new AssertionError("An error was none");
			}
			catch (IOException | RuntimeException ex) {
				TokenRequestException failure = this.failures.of(ex);
				assertThat(failure.getCode()).matches("[A-Za-z0-9_.-]{1,64}");
				assertDocumented(failure);
				assertBounded(failure.getRetryAfter());
			}
		});
	}

	@Test
	void numbersAndDatesAreReadOrNone() {
		Hostile.each(20_000, (hostile) -> {
			String text = hostile.text();

			assertBounded(StatedTime.of(text));
			assertBounded(RetryAfter.parse(text, NOW));
			String code = ErrorCode.of(text);
			assertThat(code == null || code.matches("[A-Za-z0-9_.-]{1,64}")).isTrue();
		});
	}

	private static void assertDocumented(TokenRequestException failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace, true));
		// A plain word is shown as the error code that it is.
		assertThat(trace.toString().replace(failure.getCode(), "")).doesNotContain(Hostile.CANARY);
		assertThat(failure.getCode()).isNotEqualTo("failed");
	}

	private static void assertBounded(@Nullable Duration time) {
		assertThat(time == null || (!time.isNegative() && time.compareTo(TEN_YEARS) <= 0)).isTrue();
	}

}
