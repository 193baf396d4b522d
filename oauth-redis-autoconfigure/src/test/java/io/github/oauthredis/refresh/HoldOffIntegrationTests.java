package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * A provider that asks to be left alone: what one instance hears, all keep to.
 */
class HoldOffIntegrationTests extends EngineFixture {

	private static final TokenKey FIRST = EngineInstance.issuedKey("first");

	private static final TokenKey SECOND = EngineInstance.issuedKey("second");

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final String HOLD_OFF = "oauth-redis:{nb}:c:" + Digests.sha256(FIRST.tokenUri());

	private final MutableClock clock = new MutableClock(Clock.systemUTC().instant());

	private EngineInstance clocked() {
		return instance(new EngineInstance.Options().clock(this.clock));
	}

	private CompletionStage<TokenRecord> obtain(EngineInstance instance, TokenKey key) {
		return instance.refresher.obtain(instance.demand(key, this.server, PATIENT));
	}

	private void askedToWait(EngineInstance instance, int status, String retryAfter) {
		this.server.faults().failNext(1, status, "slow_down", retryAfter);
		unavailable(obtain(instance, FIRST), "slow_down");
		Await.until("the fleet to be told", BOUND, () -> Objects.equals(this.redis.command("EXISTS", HOLD_OFF), 1L));
	}

	private void assertHeldOff(EngineInstance instance, Duration time) {
		int requests = this.server.tokenRequests();
		TokenUnavailableException failure = unavailable(obtain(instance, SECOND), "held_off");
		assertThat(failure.isRetryable()).isTrue();
		assertThat(failure.getRetryAt()).isCloseTo(this.clock.instant().plus(time), within(1, ChronoUnit.MINUTES));
		assertThat(this.server.tokenRequests()).isEqualTo(requests);
	}

	@ParameterizedTest
	@CsvSource({ "429, 120, 120", "503, 120, 120", "429, 31536000, 300", "503, 999999999999, 300" })
	void obtainWhenAnotherInstanceWasAskedToWaitSendsNothing(int status, String retryAfter, int seconds) {
		askedToWait(clocked(), status, retryAfter);

		assertHeldOff(clocked(), Duration.ofSeconds(seconds));
	}

	@ParameterizedTest
	@CsvSource({ "120, 120", "31536000, 300" })
	void obtainWhenAnotherInstanceWasToldADateSendsNothing(int secondsAhead, int seconds) {
		askedToWait(clocked(), 429, DateTimeFormatter.RFC_1123_DATE_TIME
			.format(Clock.systemUTC().instant().plusSeconds(secondsAhead).atZone(ZoneOffset.UTC)));

		assertHeldOff(clocked(), Duration.ofSeconds(seconds));
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "soon", "-5", "1.5", "Wed, 21 Oct 2015 07:28:00 GMT" })
	void obtainWhenAnotherInstanceWasToldNoTimeToWaitSends(String retryAfter) {
		EngineInstance first = clocked();
		this.server.faults().failNext(1, 429, "slow_down", retryAfter);
		unavailable(obtain(first, FIRST), "slow_down");

		assertThat(token(obtain(first, SECOND))).isNotEmpty();
		assertThat(token(obtain(clocked(), EngineInstance.issuedKey("third")))).isNotEmpty();
		assertThat(this.redis.command("EXISTS", HOLD_OFF)).isEqualTo(0L);
	}

	@Test
	void obtainWhenHeldOffServesWhatHasNotEndedAndOtherProviders() {
		EngineInstance instance = clocked();
		IssuedGrant grant = this.server.issueGrant("client", "read");
		instance.login(KEY, grant, HOUR, NEAR_END, true);
		askedToWait(clocked(), 429, "120");
		int requests = this.server.tokenRequests();

		assertThat(token(obtain(instance, KEY))).isEqualTo(grant.accessToken());
		instance.awaitIdle();
		assertThat(this.server.tokenRequests()).isEqualTo(requests);
		TokenKey other = TokenKey.grant("other", "client", "https://other/token", "alice");
		instance.login(other, this.server.issueGrant("client", "read"), HOUR, ENDED, true);
		assertThat(token(obtain(instance, other))).isNotEmpty();
	}

	@Test
	void obtainWhenTheTimeIsOverSendsAgain() {
		EngineInstance first = clocked();
		EngineInstance second = clocked();
		askedToWait(first, 429, "120");
		assertHeldOff(first, Duration.ofMinutes(2));

		this.redis.command("DEL", HOLD_OFF);
		this.clock.advance(Duration.ofMinutes(2));

		assertThat(token(obtain(second, SECOND))).isNotEmpty();
		assertThat(token(obtain(first, EngineInstance.issuedKey("third")))).isNotEmpty();
	}

	@Test
	void obtainWhenTheClockIsPutBackIsNotHeldOffForLonger() {
		EngineInstance instance = clocked();
		askedToWait(instance, 429, "120");
		this.redis.command("DEL", HOLD_OFF);
		unavailable(obtain(instance, SECOND), "held_off");

		this.clock.advance(Duration.ofHours(-1));

		assertThat(token(obtain(instance, SECOND))).isNotEmpty();
	}

	@Test
	void obtainWhenRedisIsAwayKeepsToWhatThisInstanceHeard() {
		EngineInstance instance = clocked();
		instance.faults.loseAll();

		this.server.faults().failNext(1, 429, "slow_down", "120");
		unavailable(obtain(instance, FIRST), "slow_down");
		unavailable(obtain(instance, SECOND), "held_off");

		assertThat(this.server.tokenRequests()).isEqualTo(1);
		this.clock.advance(Duration.ofMinutes(2));
		assertThat(token(obtain(instance, SECOND))).isNotEmpty();
		instance.faults.heal();
	}

	@Test
	void obtainWhenAskedToWaitWhileOthersQueueSendsNoneOfThem() {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(1));
		Gate gate = this.server.hold();
		this.server.faults().failNext(1, 429, "slow_down", "120");
		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, 20)
			.mapToObj((i) -> obtain(instance, EngineInstance.issuedKey("scope" + i)).toCompletableFuture())
			.toList();
		gate.awaitHeld(1);

		gate.release();

		assertThat(calls)
			.allSatisfy((call) -> assertThat(call.handle((record, ex) -> ex).orTimeout(20, TimeUnit.SECONDS).join())
				.isInstanceOf(TokenUnavailableException.class));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void holdOffThatIsShorterThanTheOneInForceDoesNotEndIt() {
		EngineInstance instance = clocked();
		EngineInstance other = clocked();
		askedToWait(instance, 429, "200");
		Instant before = this.clock.instant();

		EngineInstance.get(other.store.holdOff(SECOND, Duration.ofSeconds(1)));

		assertThat(unavailable(obtain(other, SECOND), "held_off").getRetryAt()).isAfter(before.plusSeconds(150));
	}

}
