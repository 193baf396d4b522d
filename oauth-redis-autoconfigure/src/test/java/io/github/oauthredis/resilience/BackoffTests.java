package io.github.oauthredis.resilience;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class BackoffTests {

	private static final double ALMOST_ONE = Math.nextDown(1.0);

	private final Backoff backoff = new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(5));

	@ParameterizedTest
	@CsvSource({ "PT5S,PT5M", "PT0S,PT0S", "PT0S,PT5M", "PT0.000000001S,PT1S", "PT1.5S,PT1.5S", "PT0.0015S,PT24H",
			"PT1S,PT2562047788015215H30M7S", "PT2562047788015215H,PT2562047788015215H30M7S" })
	void delayWhenAnyNumberOfFailuresReturnsDelayWithinBounds(Duration min, Duration max) {
		Backoff backoff = new Backoff(min, max);

		for (int failures = 0; failures <= 10_000; failures++) {
			for (double random : new double[] { 0, 0.5, ALMOST_ONE }) {
				assertThat(backoff.delay(failures, random)).isBetween(min, max);
			}
		}
	}

	@Test
	void delayWhenFailuresAreNegativeReturnsDelayOfNone() {
		assertThat(this.backoff.delay(-1, 0)).isEqualTo(Duration.ofSeconds(5));
		assertThat(this.backoff.delay(Integer.MIN_VALUE, 0)).isEqualTo(Duration.ofSeconds(5));
	}

	@Test
	void delayWhenFailuresAreAsManyAsPossibleReturnsMax() {
		assertThat(this.backoff.delay(Integer.MAX_VALUE, 0)).isEqualTo(Duration.ofMinutes(5));
		assertThat(this.backoff.delay(Integer.MAX_VALUE, ALMOST_ONE)).isEqualTo(Duration.ofMinutes(5));
	}

	@Test
	void delayWhenFailuresRiseDoubles() {
		assertThat(this.backoff.delay(0, 0)).isEqualTo(Duration.ofSeconds(5));
		assertThat(this.backoff.delay(1, 0)).isEqualTo(Duration.ofSeconds(10));
		assertThat(this.backoff.delay(5, 0)).isEqualTo(Duration.ofSeconds(160));
		assertThat(this.backoff.delay(6, 0)).isEqualTo(Duration.ofMinutes(5));
	}

	@Test
	void delayWhenRandomDiffersSpreadsUpwards() {
		assertThat(this.backoff.delay(1, 0.5)).isEqualTo(Duration.ofSeconds(11));
		assertThat(this.backoff.delay(1, ALMOST_ONE)).isBetween(Duration.ofSeconds(11), Duration.ofSeconds(12));
	}

	@Test
	void createWhenMinIsNegativeThrows() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(Duration.ofNanos(-1), Duration.ZERO));
	}

	@Test
	void createWhenMinIsAboveMaxThrows() {
		assertThatIllegalArgumentException().isThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
			.withMessage("'min' must not be negative or above 'max', but was PT2S and PT1S");
	}

}
