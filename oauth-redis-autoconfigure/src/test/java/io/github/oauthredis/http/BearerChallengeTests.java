package io.github.oauthredis.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BearerChallenge}.
 */
class BearerChallengeTests {

	@Test
	void parseWhenScopesAreMissingReturnsThem() {
		BearerChallenge challenge = parse("Bearer realm=\"a, b\", error=\"insufficient_scope\", scope=\"read write\"");

		assertThat(challenge.error()).isEqualTo("insufficient_scope");
		assertThat(challenge.scopes()).containsExactly("read", "write");
		assertThat(challenge.acrValues()).isEmpty();
		assertThat(challenge.maxAge()).isNull();
	}

	@Test
	void parseWhenStepUpIsAskedForReturnsHow() {
		BearerChallenge challenge = parse(
				"Bearer error=\"insufficient_user_authentication\", acr_values=\"urn:gold silver\", max_age=\"5\"");

		assertThat(challenge.acrValues()).containsExactly("urn:gold", "silver");
		assertThat(challenge.maxAge()).isEqualTo(Duration.ofSeconds(5));
	}

	@ParameterizedTest
	@ValueSource(strings = { "bearer error=invalid_token", "BEARER  ERROR = \"invalid_token\"",
			"Basic realm=\"x\", Bearer error=\"invalid_token\"", "Negotiate abc==, Bearer error=\"invalid_token\"",
			"Digest error=\"a\", Bearer realm=\"Digest, Basic\" , error=\"invalid_token\"",
			"Bearer realm=\"no error\", Bearer error=\"invalid_token\"", ",, ,Bearer error=\"invalid\\_token\",",
			"Bearer realm=\"\\\", error=\\\"a\", error=\"invalid_token\", error=\"b\"",
			"Bearer\terror=\"invalid_token\"", "Bearer error=\"invalid_token", "Bearer , error=\"invalid_token\"" })
	void parseWhenOtherThingsStandAroundFindsTheError(String header) {
		assertThat(parse(header).error()).isEqualTo("invalid_token");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", " ", ",", "=", "\"", "\\", "Bearer", "Bearer error", "Bearer error=", "Bearer =x",
			"Bearer error=\"\"", "Bearer error=\"two words\"", "Bearer error=\"line\nfeed\"", "Basic error=\"a\"",
			"Bearer realm=\"x\", Basic error=\"a\"", "DPoP error=\"a\"", "Bearerx error=a", "a Bearer error=a",
			"Basic realm=\"Bearer error=a\"", "Bearer a b error=c" })
	void parseWhenThereIsNoErrorReturnsNull(String header) {
		assertThat(parse(header)).isNull();
	}

	@Test
	void parseWhenValuesAreMalformedDropsThem() {
		BearerChallenge challenge = parse("Bearer error=a, scope=\"ok \u00e4 \\\\ b\u0000c " + "d".repeat(257)
				+ "\", max_age=\"-1\", acr_values=\"  \"");

		assertThat(challenge.scopes()).containsExactly("ok");
		assertThat(challenge.maxAge()).isNull();
		assertThat(challenge.acrValues()).isEmpty();
		assertThat(parse("Bearer error=a, max_age=9999999999").maxAge()).isNull();
	}

	@Test
	void parseWhenHeadersAreManyTakesTheFirstError() {
		assertThat(
				BearerChallenge.parse(List.of("Basic", "Bearer", "Bearer error=\"one\"", "Bearer error=two")).error())
			.isEqualTo("one");
	}

	@Test
	void parseWhenHeadersAreTooManyOrTooLongIgnoresTheRest() {
		String good = "Bearer error=a";
		List<String> full = Collections.nCopies(BearerChallenge.MAX_HEADERS, "Basic");
		List<String> tooMany = new ArrayList<>(full);
		tooMany.add(good);

		assertThat(BearerChallenge.parse(tooMany)).isNull();
		assertThat(parse(good + " ".repeat(BearerChallenge.MAX_LENGTH))).isNull();
		assertThat(parse(" ".repeat(BearerChallenge.MAX_LENGTH - good.length()) + good)).isNotNull();
	}

	private static BearerChallenge parse(String header) {
		return BearerChallenge.parse(List.of(header));
	}

}
