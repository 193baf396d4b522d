package io.github.oauthredis.refresh;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TheftSignal}.
 */
class TheftSignalTests {

	private static TokenEvent.@Nullable Type signal(Given refused) {
		return TheftSignal.of(refused.record(), Given.NOW);
	}

	@Test
	void ofWhenOwnRotationIssuedTheTokenIsALostFamily() {
		assertThat(signal(Given.tokens().rotated().nearEnd())).isEqualTo(TokenEvent.Type.FAMILY_LOST);
		assertThat(signal(Given.tokens().rotated().refused())).isEqualTo(TokenEvent.Type.FAMILY_LOST);
	}

	@Test
	void ofWhenTheTokenIsThatOfTheLoginIsAForeignRotation() {
		assertThat(signal(Given.tokens().nearEnd())).isEqualTo(TokenEvent.Type.FOREIGN_ROTATION);
	}

	@Test
	void ofWhenAnAttemptIsUncertainIsNothing() {
		assertThat(signal(Given.tokens().rotated().attempts(1, Duration.ofMinutes(1)))).isNull();
		assertThat(signal(Given.tokens().attempts(1, Duration.ofMinutes(1)))).isNull();
	}

	@Test
	void ofWhenTheTokenWasAcceptedBeforeAndKeptIsNothing() {
		assertThat(signal(Given.tokens().refreshTokenReceived(Duration.ofDays(1)))).isNull();
	}

	@Test
	void ofWhenTheAccessTokenHadEndedIsNothing() {
		assertThat(signal(Given.tokens().rotated().ended())).isNull();
		assertThat(signal(Given.tokens().remaining(Duration.ZERO))).isNull();
	}

	@Test
	void ofWhenNobodyKnowsIsNothing() {
		assertThat(signal(Given.tokens().remaining(null))).isNull();
		assertThat(signal(Given.tokens().refreshTokenReceived(null))).isNull();
		assertThat(TheftSignal.of(Given.absent(), Given.NOW)).isNull();
	}

}
