package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauthredis.refresh.RefreshDecision.Action;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RefreshPolicy}: fresh, near the end, ended; states; lives and delays.
 */
class RefreshPolicyTests {

	private static final RefreshPolicy POLICY = EngineInstance.POLICY;

	private static final Duration MINUTE = Duration.ofMinutes(1);

	@ParameterizedTest
	@CsvSource({ "PT1H, PT5M0.001S, USE", "PT1H, PT5M, USE_AND_REFRESH", "PT1H, PT5.001S, USE_AND_REFRESH",
			"PT1H, PT5S, REFRESH_FIRST", "PT1H, PT0S, REFRESH_FIRST", "PT1H, PT-1H, REFRESH_FIRST",
			"PT60S, PT12.001S, USE", "PT60S, PT12S, USE_AND_REFRESH", "PT60S, PT5S, REFRESH_FIRST",
			"PT30S, PT6.001S, USE", "PT30S, PT6S, USE_AND_REFRESH", "PT30S, PT3.001S, USE_AND_REFRESH",
			"PT30S, PT3S, REFRESH_FIRST", "PT1S, PT0.201S, USE", "PT1S, PT0.2S, USE_AND_REFRESH",
			"PT1S, PT0.1S, REFRESH_FIRST", "P90D, PT5M0.001S, USE", "P90D, PT5M, USE_AND_REFRESH",
			"P90D, PT5S, REFRESH_FIRST" })
	void decideComparesWindowAndMarginWithWhatRemains(Duration lifetime, Duration remaining, Action expected) {
		Given given = Given.tokens().lifetime(lifetime).remaining(remaining);

		assertThat(given.action(Given.GRANT)).isEqualTo(expected);
		assertThat(given.action(Given.ISSUED)).isEqualTo(expected);
	}

	@Test
	void decideWhenJitterIsDrawnStartsLaterByAtMostATenthOfTheWindow() {
		Given given = Given.tokens().remaining(Duration.ofMinutes(5));

		assertThat(action(given, 0)).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(action(given, 0.5)).isEqualTo(Action.USE);
		assertThat(action(given.remaining(Duration.ofSeconds(285)), 0.5)).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(action(given.remaining(Duration.ofSeconds(270)), 0.999)).isEqualTo(Action.USE_AND_REFRESH);
	}

	private static Action action(Given given, double jitter) {
		return POLICY.decide(Given.GRANT, given.record(), Given.NOW, jitter).action();
	}

	@ParameterizedTest
	@CsvSource({ "PT30M, PT30M0.001S, USE", "PT30M, PT30M, USE_AND_REFRESH", "PT59M, PT1M0.001S, USE",
			"PT59M, PT1M, USE_AND_REFRESH", "PT1H, PT5M0.001S, USE", "PT2H, PT5M0.001S, USE",
			"PT2H, PT5M, USE_AND_REFRESH" })
	void decideWhenServerHintsFollowsTheHintIfItIsWithinTheLifetime(Duration hint, Duration remaining,
			Action expected) {
		assertThat(Given.tokens().hint(hint).remaining(remaining).action(Given.GRANT)).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "USE, LIVE", "LOST, ABSENT", "LOST, DEAD", "DECLINE, LOCKED" })
	void decideWhenGrantFollowsItsState(Action expected, State state) {
		assertThat(Given.tokens().state(state, null).action(Given.GRANT)).isEqualTo(expected);
	}

	@ParameterizedTest
	@CsvSource({ "USE, LIVE", "REFRESH_FIRST, ABSENT", "REFRESH_FIRST, DEAD", "OBTAIN_UNSHARED, LOCKED" })
	void decideWhenIssuedFollowsItsState(Action expected, State state) {
		assertThat(Given.tokens().state(state, null).action(Given.ISSUED)).isEqualTo(expected);
	}

	@Test
	void decideWhenLostSaysWhy() {
		assertThat(Given.tokens().state(State.DEAD, "invalid_grant").decision(Given.GRANT).reason())
			.isEqualTo("invalid_grant");
		assertThat(Given.tokens().state(State.ABSENT, "http_503").decision(Given.GRANT).reason()).isEqualTo("no_grant");
		assertThat(Given.tokens().withoutRefreshToken().ended().decision(Given.GRANT).reason())
			.isEqualTo("token_ended");
		assertThat(Given.tokens().withoutRefreshToken().refused().decision(Given.GRANT).reason())
			.isEqualTo("token_refused");
		assertThat(Given.tokens().state(State.LOCKED, "kid").decision(Given.GRANT).reason()).isEqualTo("unknown_key");
	}

	@Test
	void decideWhenLifetimeIsUnknownAndNotRenewableUsesUntilRefused() {
		Given given = Given.tokens().lifetime(null).withoutRefreshToken();

		assertThat(POLICY.life(Given.GRANT, given.content(), null, Given.NOW).expiresAt()).isNull();
		assertThat(POLICY.decide(Given.GRANT, given.record(), Given.NOW.plus(Duration.ofDays(170)), 0).action())
			.isEqualTo(Action.USE);
		assertThat(given.refused().action(Given.GRANT)).isEqualTo(Action.LOST);
	}

	@Test
	void decideWhenLifetimeIsUnknownAndRenewableCountsTheDefaultLifetime() {
		Given given = Given.tokens().lifetime(null).remaining(POLICY.defaultTokenLifetime());

		assertThat(given.action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.remaining(MINUTE).action(Given.GRANT)).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(given.remaining(Duration.ZERO).action(Given.ISSUED)).isEqualTo(Action.REFRESH_FIRST);
	}

	@Test
	void decideWhenNotRenewableAndNearEndUsesWithoutRefreshing() {
		assertThat(Given.tokens().withoutRefreshToken().nearEnd().action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(Given.tokens().withoutRefreshToken().nearEnd().action(Given.ISSUED))
			.isEqualTo(Action.USE_AND_REFRESH);
	}

	@Test
	void decideWhenRefusedDoesNotTrustTheLifetime() {
		assertThat(Given.tokens().refused().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
		assertThat(Given.tokens().refused().action(Given.ISSUED)).isEqualTo(Action.REFRESH_FIRST);
	}

	@Test
	void decideWhenNextAttemptIsAheadHoldsOffAndSaysUntilWhen() {
		Given given = Given.tokens().nextAttemptIn(MINUTE).state(State.LIVE, "http_503");

		assertThat(given.action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.nearEnd().action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.ended().decision(Given.GRANT))
			.isEqualTo(new RefreshDecision(Action.DECLINE, "http_503", Given.NOW.plus(MINUTE)));
		assertThat(given.ended().decision(Given.ISSUED).action()).isEqualTo(Action.DECLINE);
		assertThat(given.nextAttemptIn(Duration.ZERO).action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
	}

	@Test
	void decideWhenNothingIsStoredAndNextAttemptIsAheadHoldsOff() {
		Given given = Given.tokens().state(State.ABSENT, "invalid_client").nextAttemptIn(MINUTE);

		assertThat(given.decision(Given.ISSUED))
			.isEqualTo(new RefreshDecision(Action.DECLINE, "invalid_client", Given.NOW.plus(MINUTE)));
	}

	@Test
	void decideWhenLeasedElsewhereUsesOrWaits() {
		Given given = Given.tokens().leasedFor(MINUTE).attempts(1, Duration.ZERO).rotates();

		assertThat(given.nearEnd().action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.ended().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
		assertThat(given.leasedFor(Duration.ZERO).nearEnd().action(Given.ISSUED)).isEqualTo(Action.USE_AND_REFRESH);
	}

	@Test
	void lifeWhenGrantHasRefreshTokenFollowsTheRefreshToken() {
		Given given = Given.tokens();

		assertThat(POLICY.life(Given.GRANT, given.content(), null, Given.NOW))
			.isEqualTo(new Life(Given.NOW.plus(Duration.ofHours(1)), Given.NOW.plus(POLICY.grantLifetime())));
		assertThat(POLICY.life(Given.GRANT, given.content(), Duration.ofDays(30), Given.NOW).keepUntil())
			.isEqualTo(Given.NOW.plus(Duration.ofDays(30)));
		assertThat(POLICY.life(Given.GRANT, given.content(), MINUTE, Given.NOW).keepUntil())
			.as("not before the access token's end")
			.isEqualTo(Given.NOW.plus(Duration.ofHours(1)));
	}

	@Test
	void lifeWhenNotRenewableFollowsTheAccessToken() {
		Life grant = POLICY.life(Given.GRANT, Given.tokens().withoutRefreshToken().content(), null, Given.NOW);
		Life issued = POLICY.life(Given.ISSUED, Given.tokens().content(), Duration.ofDays(30), Given.NOW);

		assertThat(grant.keepUntil()).isEqualTo(Given.NOW.plus(Duration.ofHours(1)));
		assertThat(issued.keepUntil()).isEqualTo(Given.NOW.plus(Duration.ofHours(1)));
	}

	@Test
	void lifeWhenLifetimeIsUnknownDependsOnWhetherItCanBeRenewed() {
		Given unknown = Given.tokens().lifetime(null);

		assertThat(POLICY.life(Given.GRANT, unknown.content(), null, Given.NOW).expiresAt())
			.isEqualTo(Given.NOW.plus(POLICY.defaultTokenLifetime()));
		assertThat(POLICY.life(Given.ISSUED, unknown.content(), null, Given.NOW))
			.isEqualTo(new Life(Given.NOW.plus(Duration.ofMinutes(5)), Given.NOW.plus(Duration.ofMinutes(5))));
		assertThat(POLICY.life(Given.GRANT, unknown.withoutRefreshToken().content(), null, Given.NOW))
			.isEqualTo(new Life(null, Given.NOW.plus(POLICY.grantLifetime())));
	}

	@Test
	void leaseOutlastsTheCall() {
		assertThat(POLICY.lease()).isEqualTo(Duration.ofSeconds(7)).isGreaterThan(POLICY.callTimeout());
	}

	static Stream<Arguments> retryAfter() {
		return Stream.of(Arguments.of(Duration.ofSeconds(60), Duration.ofSeconds(60)),
				Arguments.of(Duration.ofDays(365), POLICY.maxBackoff()),
				Arguments.of(Duration.ZERO, POLICY.minInterval()),
				Arguments.of(Duration.ofSeconds(-9), POLICY.minInterval()));
	}

	@ParameterizedTest
	@MethodSource
	void retryAfter(Duration asked, Duration expected) {
		assertThat(POLICY.delay(Given.tokens().failures(9).record(), failure(Failure.Kind.CLEAR, asked), 0.5))
			.isEqualTo(expected);
		assertThat(POLICY.delay(Given.absent(), failure(Failure.Kind.AMBIGUOUS, asked), 0.5)).isEqualTo(expected);
	}

	@ParameterizedTest
	@EnumSource(Failure.Kind.class)
	void delayBacksOffWithinItsBounds(Failure.Kind kind) {
		for (int failures = 0; failures <= 10_000; failures = failures * 3 + 1) {
			Duration delay = POLICY.delay(Given.tokens().failures(failures).record(), failure(kind, null), 0.999);
			assertThat(delay).isBetween(POLICY.minInterval(), POLICY.maxBackoff());
			assertThat(delay).isGreaterThanOrEqualTo(Duration.ofSeconds(5L << Math.min(failures, 5)));
		}
	}

	@ParameterizedTest
	@CsvSource({ "PT1S, PT0.5S", "PT4S, PT2S", "PT10S, PT5S", "PT1H, PT5S" })
	void delayIsAtMostHalfTheLifetimeAtFirst(Duration lifetime, Duration expected) {
		Given given = Given.tokens().lifetime(lifetime);

		assertThat(POLICY.interval(given.content())).isEqualTo(expected);
		assertThat(POLICY.delay(given.record(), failure(Failure.Kind.CLEAR, null), 0)).isEqualTo(expected);
	}

	private static TokenRequestException failure(Failure.Kind kind, Duration retryAfter) {
		return new TokenRequestException(kind, "http_503", "Refused", retryAfter, null);
	}

}
