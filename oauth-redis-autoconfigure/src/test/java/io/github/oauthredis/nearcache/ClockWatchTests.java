package io.github.oauthredis.nearcache;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ClockWatch}.
 *
 * @author OAuth Redis
 */
class ClockWatchTests {

	private final ClockWatch watch = new ClockWatch(1_000_000, 5_000_000_000L);

	@ParameterizedTest
	@ValueSource(longs = { -500, 0, 500 })
	void jumpedWhenBothAdvanceAboutAlikeReturnsFalse(long difference) {
		assertThat(this.watch.jumped(1_001_000 + difference, 6_000_000_000L)).isFalse();
	}

	@ParameterizedTest
	@ValueSource(longs = { -600_000, -501, 501, 3_600_000 })
	void jumpedWhenClockWasSetReturnsTrueOnce(long difference) {
		assertThat(this.watch.jumped(1_001_000 + difference, 6_000_000_000L)).isTrue();
		assertThat(this.watch.jumped(1_002_000 + difference, 7_000_000_000L)).isFalse();
	}

	@Test
	void jumpedWhenBothAdvanceByAnHourReturnsFalse() {
		assertThat(this.watch.jumped(1_000_000 + 3_600_000, 5_000_000_000L + 3_600_000_000_000L)).isFalse();
	}

}
