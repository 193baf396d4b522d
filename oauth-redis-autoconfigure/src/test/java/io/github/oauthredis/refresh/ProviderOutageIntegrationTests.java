package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A provider that is down for a while, met by two engines with circuit breakers. The test
 * moves the time, here and in Redis.
 */
class ProviderOutageIntegrationTests extends EngineFixture {

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final Duration IN_WINDOW = Duration.ofMinutes(4);

	private final MutableClock clock = new MutableClock(Clock.systemUTC().instant());

	private final EngineInstance first = instance(options());

	private final EngineInstance second = instance(options());

	private EngineInstance.Options options() {
		return new EngineInstance.Options().clock(this.clock).circuitBreakers(Duration.ofSeconds(30));
	}

	private void pass(Duration time) {
		this.clock.advance(time);
		raw().pass(time);
		String probe = "oauth-redis:{pv~" + Digests.sha256(KEY.tokenUri()) + "}:probe";
		if (this.redis.command("PTTL", probe) instanceof Long left && left > 0) {
			this.redis.command("PEXPIRE", probe, Long.toString(left - time.toMillis()));
		}
	}

	/**
	 * Call on both instances, and let what they start in the background end.
	 * @return the token that everybody got
	 */
	private String call() {
		List<String> tokens = IntStream.range(0, 10)
			.mapToObj((i) -> token(obtain((i % 2 != 0) ? this.first : this.second)))
			.distinct()
			.toList();
		this.first.awaitIdle();
		this.second.awaitIdle();
		return tokens.get(0);
	}

	@ParameterizedTest
	@ValueSource(ints = { 429, 500, 503 })
	void obtainWhenProviderIsDownForHalfAMinuteInTheWindowFailsNoCall(int status) {
		IssuedGrant grant = login(this.first, IN_WINDOW);
		this.server.faults().failAlways(status, "down");
		for (int i = 0; i < 30; i++) {
			assertThat(call()).isEqualTo(grant.accessToken());
			pass(SECOND);
		}
		assertThat(this.server.tokenRequests()).as("requests during the outage").isBetween(2, 5);

		this.server.faults().none();
		int seconds = 0;
		while (call().equals(grant.accessToken())) {
			pass(SECOND);
			seconds++;
			assertThat(seconds).as("one back-off").isLessThanOrEqualTo(40);
		}
		assertPairAlive(this.first);
	}

	@Test
	void obtainWhenProviderIsDownFromTheWindowToTheEndFailsNobodyBeforeIt() {
		IssuedGrant grant = login(this.first, IN_WINDOW);
		Duration step = Duration.ofSeconds(5);
		this.server.faults().failAlways(500, "down");
		for (Duration left = IN_WINDOW; left.compareTo(step) > 0; left = left.minus(step)) {
			assertThat(call()).isEqualTo(grant.accessToken());
			pass(step);
		}
		int requests = this.server.tokenRequests();
		assertThat(requests).isLessThan(12);

		for (int i = 0; i < 60; i++) {
			assertThat(failure(obtain(this.first), TokenUnavailableException.class).isRetryable()).isTrue();
			assertThat(failure(obtain(this.second), TokenUnavailableException.class).isRetryable()).isTrue();
			pass(step);
		}
		assertThat(this.server.tokenRequests() - requests).as("requests in another five minutes").isLessThan(5);

		this.server.faults().none();
		Duration waited = Duration.ZERO;
		while (obtain(this.first).handle((record, ex) -> ex != null).join()) {
			pass(step);
			waited = waited.plus(step);
			assertThat(waited).as("one back-off").isLessThanOrEqualTo(EngineInstance.POLICY.maxBackoff().plus(step));
		}
		assertThat(token(obtain(this.second))).isNotEqualTo(grant.accessToken());
		assertPairAlive(this.first);
	}

}
