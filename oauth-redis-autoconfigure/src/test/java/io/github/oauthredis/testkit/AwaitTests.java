package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Await}.
 */
class AwaitTests {

	@Test
	void untilWhenConditionBecomesTrueReturns() {
		AtomicInteger asked = new AtomicInteger();

		Await.until(Duration.ofSeconds(10), () -> asked.incrementAndGet() == 3);

		assertThat(asked).hasValue(3);
	}

	@Test
	void untilWhenConditionStaysFalseFailsWithWhatWasAwaited() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.until("the impossible", Duration.ofMillis(5), () -> false))
			.withMessage("Waited PT0.005S in vain for the impossible");
	}

	@Test
	void untilWhenInterruptedFailsAndKeepsTheFlag() {
		Thread.currentThread().interrupt();

		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> Await.until(Duration.ofSeconds(10), () -> false));

		assertThat(Thread.interrupted()).isTrue();
	}

	@Test
	void holdsWithinWhenBoundIsZeroAsksOnce() {
		assertThat(Await.holdsWithin(Duration.ZERO, () -> true)).isTrue();
		assertThat(Await.holdsWithin(Duration.ZERO, () -> false)).isFalse();
	}

}
