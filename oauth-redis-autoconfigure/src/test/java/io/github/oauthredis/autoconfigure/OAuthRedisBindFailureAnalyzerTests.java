package io.github.oauthredis.autoconfigure;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OAuthRedisBindFailureAnalyzer}, which is found through
 * {@code spring.factories}.
 */
@ExtendWith(OutputCaptureExtension.class)
class OAuthRedisBindFailureAnalyzerTests {

	private static final String CANARY = "c2VjcmV0LWNhbmFyeQ";

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis.encryption.keys", "oauth-redis.encryption.keys[0]", "oauth-redis.encryption",
			"oauth-redis.clients.idp", "oauth-redis.clients.idp.parameters" })
	void analyzeWhenSecretIsInTheWrongPlaceHidesIt(String property, CapturedOutput output) {
		FailedStart failure = FailedStart.of(Application.class, property + "=" + CANARY, FailedStart.AT_TRACE);

		assertThat(output).contains("APPLICATION FAILED TO START", "OAuth Redis cannot start", property);
		assertThat(output).doesNotContain(CANARY);
		failure.assertHides(CANARY);
	}

	@Test
	void analyzeWhenListHasGapHidesElement(CapturedOutput output) {
		FailedStart failure = FailedStart.of(Application.class, "oauth-redis.encryption.keys[1].secret=" + CANARY,
				FailedStart.AT_TRACE);

		assertThat(output).contains("APPLICATION FAILED TO START", "oauth-redis.encryption.keys[1].secret",
				"without gaps");
		assertThat(output).doesNotContain(CANARY);
		failure.assertHides(CANARY);
	}

	@Test
	void analyzeWhenValueIsNoSecretShowsIt(CapturedOutput output) {
		FailedStart.of(Application.class, "oauth-redis.refresh.window=soon");

		assertThat(output).contains("APPLICATION FAILED TO START", "oauth-redis.refresh.window", "\"soon\"");
	}

	@Test
	void analyzeWhenPropertyIsNotOursLeavesItToOthers(CapturedOutput output) {
		FailedStart.of(Application.class, "spring.main.banner-mode=maybe");

		assertThat(output).contains("\"maybe\"").doesNotContain("OAuth Redis cannot start");
	}

	@EnableConfigurationProperties(OAuthRedisProperties.class)
	static class Application {

	}

}
