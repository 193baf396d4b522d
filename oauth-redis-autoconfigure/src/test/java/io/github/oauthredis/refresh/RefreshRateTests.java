package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauthredis.refresh.RefreshDecision.Action;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * How often tokens of odd lifetimes are renewed under a caller who never stops, by
 * decisions alone and on simulated time. Calls take no time.
 */
class RefreshRateTests {

	private static final int CALLS = 5_000;

	private final RefreshPolicy policy;

	private @Nullable TokenRecord record;

	private int requests;

	private int unusable;

	RefreshRateTests() {
		this.policy = EngineInstance.POLICY;
	}

	@ParameterizedTest
	@CsvSource({ "1, 0.4", "5, 2.4", "30, 23", "59, 46", "60, 47", "61, 48", "3600, 3299", "7776000, 7775699" })
	void lifetimeDecidesTheRate(long seconds, double leastInterval) {
		Duration lifetime = Duration.ofSeconds(seconds);

		Duration span = run(lifetime, (now) -> answer(lifetime, null));

		assertRate(span, leastInterval);
		if (seconds <= 3600) {
			assertThat(this.unusable).as("callers who had to wait").isZero();
		}
	}

	@ParameterizedTest
	@CsvSource({ "0, 239", "-1, 239" })
	void lifetimeThatIsNotPositiveCountsAsUnknown(long seconds, double leastInterval) {
		Duration span = run(Duration.ofMinutes(5), (now) -> answer(Duration.ofSeconds(seconds), null));

		assertRate(span, leastInterval);
	}

	@ParameterizedTest
	@CsvSource({ "0, 5", "1, 5", "4, 5", "60, 60" })
	void hintNeverLeadsToARequestForEachCall(long hint, double leastInterval) {
		Duration span = run(Duration.ofHours(1), (now) -> answer(Duration.ofHours(1), Duration.ofSeconds(hint)));

		assertRate(span, leastInterval);
	}

	@ParameterizedTest
	@CsvSource({ "10", "1", "0" })
	void serverThatReissuesTheSameTokenIsAskedRarely(long secondsBeforeEnd) {
		Reissuing server = new Reissuing(Duration.ofMinutes(1), Duration.ofSeconds(secondsBeforeEnd));

		Duration span = run(Duration.ofMinutes(1), server::answer);

		double perMinute = this.requests * 60.0 / span.toSeconds();
		assertThat(perMinute).isBetween(0.1, 5.0);
	}

	/**
	 * Call a great many times within a few lifetimes.
	 */
	private Duration run(Duration lifetime, Server server) {
		Duration step = lifetime.multipliedBy(4).dividedBy(CALLS);
		Instant now = Given.NOW;
		for (int i = 0; i < CALLS; i++, now = now.plus(step)) {
			TokenRecord read = (this.record != null) ? this.record : Given.absent();
			Action action = this.policy.decide(Given.ISSUED, read, now, 0).action();
			if (action == Action.USE) {
				continue;
			}
			this.unusable += (action == Action.REFRESH_FIRST && this.record != null) ? 1 : 0;
			this.requests++;
			Tokens tokens = Renewal.apply(Given.ISSUED, read, server.answer(now), now);
			Life life = this.policy.life(Given.ISSUED, tokens, null, now);
			this.record = new TokenRecord(State.LIVE, i, i + 1, tokens, null,
					new Timing(life.expiresAt(), now, false, 0, null, 0, null, null, null), Marks.NONE);
		}
		return step.multipliedBy(CALLS);
	}

	private void assertRate(Duration span, double leastIntervalSeconds) {
		assertThat(this.requests).isBetween(2, 1 + (int) (span.toMillis() / 1000.0 / leastIntervalSeconds));
	}

	private static TokenAnswer answer(@Nullable Duration lifetime, @Nullable Duration hint) {
		return new TokenAnswer("access", "Bearer", null, null, Set.of(), lifetime, null, hint);
	}

	private interface Server {

		TokenAnswer answer(Instant now);

	}

	private static final class Reissuing {

		private final Duration lifetime;

		private final Duration beforeEnd;

		private Instant end = Given.NOW;

		Reissuing(Duration lifetime, Duration beforeEnd) {
			this.lifetime = lifetime;
			this.beforeEnd = beforeEnd;
		}

		TokenAnswer answer(Instant now) {
			if (!now.isBefore(this.end.minus(this.beforeEnd))) {
				this.end = now.plus(this.lifetime);
			}
			return RefreshRateTests.answer(Duration.ofSeconds(Duration.between(now, this.end).toSeconds()), null);
		}

	}

}
