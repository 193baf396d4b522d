package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import io.github.oauthredis.refresh.TokenAnswer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Hazards 20 and 21: what a server stated and what it left out stay apart.
 */
class AnswerConverterTests {

	private final AnswerConverter converter = new AnswerConverter();

	@Test
	void convertWhenEverythingIsStatedKeepsIt() {
		TokenAnswer answer = answer(Map.of("access_token", "a", "token_type", "bearer", "expires_in", 3600, "scope",
				"read write", "refresh_token", "new", "refresh_expires_in", 7200, "refresh_in", "1800"));

		assertThat(answer.accessToken()).isEqualTo("a");
		assertThat(answer.tokenType()).isEqualTo("Bearer");
		assertThat(answer.refreshToken()).isEqualTo("new");
		assertThat(answer.scopes()).containsExactlyInAnyOrder("read", "write");
		assertThat(answer.requestedScopes()).containsExactly("asked");
		assertThat(answer.expiresIn()).isEqualTo(Duration.ofHours(1));
		assertThat(answer.refreshTokenExpiresIn()).isEqualTo(Duration.ofHours(2));
		assertThat(answer.refreshIn()).isEqualTo(Duration.ofMinutes(30));
	}

	@Test
	void convertWhenNothingElseIsStatedLeavesItUnknown() {
		TokenAnswer answer = answer(Map.of("access_token", "a"));

		assertThat(answer.tokenType()).isEqualTo("Bearer");
		assertThat(answer.refreshToken()).isNull();
		assertThat(answer.scopes()).isNull();
		assertThat(answer.expiresIn()).isNull();
		assertThat(answer.refreshTokenExpiresIn()).isNull();
		assertThat(answer.refreshIn()).isNull();
	}

	@Test
	void convertWhenMembersAreNullTreatsThemAsAbsent() {
		Map<String, Object> source = new HashMap<>();
		source.put("access_token", "a");
		source.put("expires_in", null);
		source.put("scope", null);
		source.put("refresh_token", null);

		TokenAnswer answer = answer(source);

		assertThat(answer.scopes()).isNull();
		assertThat(answer.expiresIn()).isNull();
		assertThat(answer.refreshToken()).isNull();
	}

	@Test
	void convertWhenScopeIsEmptyMeansNone() {
		assertThat(answer(Map.of("access_token", "a", "scope", "")).scopes()).isEmpty();
	}

	@Test
	void convertWhenLifetimeIsASecondKeepsIt() {
		assertThat(answer(Map.of("access_token", "a", "expires_in", 1)).expiresIn()).isEqualTo(Duration.ofSeconds(1));
	}

	@Test
	void convertWhenRefreshTokenIsThePresentedOneSaysNone() {
		assertThat(answer(Map.of("access_token", "a", "refresh_token", "old")).refreshToken()).isNull();
	}

	@Test
	void convertWhenRefreshTokenLifetimeHasTheOtherNameReadsIt() {
		assertThat(answer(Map.of("access_token", "a", "refresh_token_expires_in", 60)).refreshTokenExpiresIn())
			.isEqualTo(Duration.ofMinutes(1));
	}

	@ParameterizedTest
	@CsvSource({ "bearer, Bearer", "BEARER, Bearer", "dpop, DPoP", "bot, bot" })
	void convertWhenTokenTypeIsNamedKeepsIt(String stated, String read) {
		assertThat(answer(Map.of("access_token", "a", "token_type", stated)).tokenType()).isEqualTo(read);
	}

	@Test
	void convertWhenSuccessHoldsErrorFailsWithIt() {
		assertThatExceptionOfType(TokenEndpointException.class)
			.isThrownBy(() -> this.converter.convert(Map.of("error", "bad_refresh_token")))
			.satisfies((ex) -> assertThat(ex.code()).isEqualTo("bad_refresh_token"));
	}

	@Test
	void convertWhenTokenIsMissingFails() {
		assertThatExceptionOfType(TokenEndpointException.class)
			.isThrownBy(() -> this.converter.convert(Map.of("error", "with blanks and \"secrets\"")))
			.satisfies((ex) -> assertThat(ex.code()).isNull())
			.withMessageNotContaining("secrets");
	}

	static List<Object> convertWhenTokenIsNoTokenFails() {
		return List.of(Map.of("canary", 1), List.of("canary"), true, "", " ", "canary\n", "canary\u0000",
				"can\u00e9ary", "\ud800");
	}

	@ParameterizedTest
	@MethodSource
	void convertWhenTokenIsNoTokenFails(Object token) {
		assertThatExceptionOfType(TokenEndpointException.class)
			.isThrownBy(() -> this.converter.convert(Map.of("access_token", token)))
			.withMessageNotContaining("canary");
	}

	@Test
	void convertWhenOthersAreNoTextLeavesThemOut() {
		TokenAnswer answer = answer(Map.of("access_token", "a", "refresh_token", Map.of("b", "c"), "scope",
				List.of("read"), "token_type", Map.of("d", "e")));

		assertThat(answer.refreshToken()).isNull();
		assertThat(answer.tokenType()).isEqualTo("Bearer");
		assertThat(answer.scopes()).containsExactly("read");
	}

	@Test
	void convertWhenTypeIsNoWordTakesBearer() {
		assertThat(answer(Map.of("access_token", "a", "token_type", "x\ny")).tokenType()).isEqualTo("Bearer");
		assertThat(answer(Map.of("access_token", "a", "token_type", "x".repeat(65))).tokenType()).isEqualTo("Bearer");
	}

	@Test
	void convertGivesLoginsWhatTheyKnow() {
		OAuth2AccessTokenResponse response = this.converter
			.convert(Map.of("access_token", "a", "expires_in", "3600.0", "id_token", "jwt"));

		OAuth2AccessToken token = response.getAccessToken();
		assertThat(Duration.between(token.getIssuedAt(), token.getExpiresAt())).isEqualTo(Duration.ofHours(1));
		assertThat(response.getAdditionalParameters()).containsEntry("id_token", "jwt")
			.doesNotContainKeys("access_token", "refresh_token");
	}

	@Test
	void ofTheirsWhenPlaceholderLifetimeLeavesItUnknown() {
		OAuth2AccessTokenResponse response = OAuth2AccessTokenResponse.withToken("a")
			.tokenType(OAuth2AccessToken.TokenType.BEARER)
			.build();

		TokenAnswer answer = new TokenAnswers(Set.of("asked"), null, Instant.now()).ofTheirs(response);

		assertThat(answer.expiresIn()).isNull();
		assertThat(answer.scopes()).isNull();
	}

	private TokenAnswer answer(Map<String, Object> source) {
		return new TokenAnswers(Set.of("asked"), "old", Instant.now()).ofOurs(this.converter.convert(source));
	}

}
