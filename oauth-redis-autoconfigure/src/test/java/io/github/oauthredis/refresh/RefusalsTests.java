package io.github.oauthredis.refresh;

import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Refusals}.
 */
class RefusalsTests {

	private @Nullable Refusals refusals;

	private boolean refusedAfter(long millis) {
		Refusals before = this.refusals;
		this.refusals = Refusals.after(before, Given.NOW.plusMillis(millis));
		return this.refusals.isUnusualAfter(before);
	}

	@Test
	void afterWhenManyComeAtOnceIsUsual() {
		for (int i = 0; i < 1_000; i++) {
			assertThat(refusedAfter(i / 2)).isFalse();
		}
	}

	@Test
	void afterWhenInMoreThanFiveSecondsOfAMinuteIsUnusualOnce() {
		for (int second = 0; second < 60; second++) {
			assertThat(refusedAfter(second * 1_000L)).isEqualTo(second == 5);
			assertThat(refusedAfter(second * 1_000L + 999)).isFalse();
		}
		assertThat(refusedAfter(60_000)).isFalse();
		assertThat(this.refusals).isNotNull().extracting(Refusals::seconds).isEqualTo(1);
	}

	@Test
	void afterWhenSpreadOverMinutesIsUsual() {
		for (int i = 0; i < 100; i++) {
			assertThat(refusedAfter(i * 12_000L)).isFalse();
		}
	}

	@Test
	void afterWhenClockWasSetBackCountsAnew() {
		refusedAfter(Duration.ofHours(1).toMillis());

		assertThat(refusedAfter(0)).isFalse();
		assertThat(this.refusals).isNotNull().extracting(Refusals::seconds).isEqualTo(1);
	}

}
