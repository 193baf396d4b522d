package io.github.oauthredis.refresh;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import io.github.oauthredis.refresh.RefreshDecision.Action;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link RefreshPolicy} on records with an attempt whose outcome is unknown.
 */
class RefreshPolicyUncertainTests {

	private static final RefreshPolicy POLICY = EngineInstance.POLICY;

	private static final Duration SECOND = Duration.ofSeconds(1);

	private static final RefreshPolicy GRACE = new RefreshPolicy(POLICY.window(), POLICY.windowFraction(),
			POLICY.margin(), POLICY.callTimeout(), POLICY.callerWait(), POLICY.minInterval(), POLICY.maxBackoff(),
			Duration.ofMinutes(1), POLICY.defaultTokenLifetime(), POLICY.grantLifetime());

	@Test
	void decideWhenServerRotatesAndTokenIsValidNeverPresentsAgain() {
		Given given = Given.tokens().rotates().nearEnd().attempts(1, Duration.ofDays(3));

		assertThat(given.action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.attempts(9, Duration.ofDays(3)).action(Given.GRANT)).isEqualTo(Action.USE);
	}

	@Test
	void decideWhenServerRotatesAndTokenEndedPresentsOnceMoreAtOnce() {
		Given given = Given.tokens().rotates().attempts(1, SECOND);

		assertThat(given.ended().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
		assertThat(given.remaining(Duration.ofHours(1)).refused().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
	}

	@ParameterizedTest
	@CsvSource({ "2, 299, DECLINE", "2, 300, REFRESH_FIRST", "3, 599, DECLINE", "3, 600, REFRESH_FIRST",
			"11, 2999, DECLINE", "11, 3000, REFRESH_FIRST" })
	void decideWhenServerRotatesAndTokenEndedPresentsFurtherTimesOnlySlowly(int attempts, long secondsAgo,
			Action expected) {
		Given given = Given.tokens().rotates().ended().attempts(attempts, Duration.ofSeconds(secondsAgo));

		assertThat(given.action(Given.GRANT)).isEqualTo(expected);
	}

	@Test
	void decideWhenDeclinedSaysUncertainAndUntilWhen() {
		RefreshDecision decision = Given.tokens()
			.rotates()
			.ended()
			.attempts(2, Duration.ofSeconds(100))
			.decision(Given.GRANT);

		assertThat(decision)
			.isEqualTo(new RefreshDecision(Action.DECLINE, "uncertain", Given.NOW.plus(Duration.ofSeconds(200))));
	}

	@Test
	void decideWhenWithinGracePresentsAgain() {
		Given given = Given.tokens().rotates().nearEnd();

		assertThat(action(given.attempts(1, Duration.ofSeconds(59)))).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(action(given.attempts(5, Duration.ofSeconds(59)))).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(action(given.attempts(1, Duration.ofSeconds(60)))).isEqualTo(Action.USE);
		assertThat(action(given.attempts(1, Duration.ofSeconds(60)).ended())).isEqualTo(Action.REFRESH_FIRST);
	}

	private static Action action(Given given) {
		return GRACE.decide(Given.GRANT, given.record(), Given.NOW, 0).action();
	}

	@Test
	void decideWhenWithinGraceStillWaitsForTheNextAttempt() {
		Given given = Given.tokens().rotates().attempts(1, SECOND).nextAttemptIn(SECOND);

		assertThat(action(given.nearEnd())).isEqualTo(Action.USE);
		assertThat(action(given.ended())).isEqualTo(Action.DECLINE);
	}

	@Test
	void decideWhenNextAttemptIsLaterThanTheSlowRepetitionCountsTheLater() {
		Given given = Given.tokens().rotates().ended().attempts(2, Duration.ofSeconds(301));

		assertThat(given.nextAttemptIn(SECOND).decision(Given.GRANT).retryAt()).isEqualTo(Given.NOW.plus(SECOND));
		assertThat(given.attempts(2, Duration.ofSeconds(290)).decision(Given.GRANT).retryAt())
			.isEqualTo(Given.NOW.plus(Duration.ofSeconds(10)));
	}

	@Test
	void decideWhenServerWasNeverSeenRotatingTriesAgainAtOnce() {
		Given given = Given.tokens().attempts(3, SECOND);

		assertThat(given.nearEnd().action(Given.GRANT)).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(given.ended().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
	}

	@Test
	void decideWhenIssuedTriesAgainAtOnce() {
		Given given = Given.tokens().rotates().attempts(3, SECOND);

		assertThat(given.nearEnd().action(Given.ISSUED)).isEqualTo(Action.USE_AND_REFRESH);
		assertThat(given.ended().action(Given.ISSUED)).isEqualTo(Action.REFRESH_FIRST);
		assertThat(given.state(State.ABSENT, null).action(Given.ISSUED)).isEqualTo(Action.REFRESH_FIRST);
	}

	@Test
	void decideWhenLeasedElsewhereLooksAtTheHolderOnly() {
		Given given = Given.tokens().rotates().attempts(5, SECOND).leasedFor(SECOND).nextAttemptIn(SECOND);

		assertThat(given.nearEnd().action(Given.GRANT)).isEqualTo(Action.USE);
		assertThat(given.ended().action(Given.GRANT)).isEqualTo(Action.REFRESH_FIRST);
	}

}
