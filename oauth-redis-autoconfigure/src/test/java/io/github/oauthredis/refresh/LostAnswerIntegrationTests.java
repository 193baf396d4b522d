package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Token requests whose answer never arrives, and a server that is away.
 */
class LostAnswerIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private EngineInstance instance;

	@BeforeEach
	void start() {
		this.instance = instance();
	}

	private void loseOneAnswerInTheBackground() {
		this.server.faults().dropNextAnswers(1);
		obtain(this.instance).join();
		Await.until("the lost answer", BOUND, () -> raw().failures() == 1);
	}

	@Test
	void lostAnswerWhileTokenIsValidIsNotRepeated() {
		IssuedGrant grant = login(this.instance, NEAR_END);
		loseOneAnswerInTheBackground();

		for (int i = 0; i < 5; i++) {
			raw().allowNextAttempt();
			raw().ageAttempts(Duration.ofHours(1));
			assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
			assertThat(token(obtain(instance()))).isEqualTo(grant.accessToken());
		}

		this.instance.awaitIdle();
		assertThat(raw().attempts()).isEqualTo(1);
		assertThat(raw().leased()).isFalse();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void lostAnswerAfterTheEndIsRepeatedOnceAndItsOutcomeReported() {
		login(this.instance, NEAR_END);
		loseOneAnswerInTheBackground();
		raw().allowNextAttempt();
		raw().end();

		GrantLostException failure = failure(obtain(this.instance), GrantLostException.class);
		failure(obtain(this.instance), GrantLostException.class);

		assertThat(failure.getReason()).isEqualTo("invalid_grant");
		assertThat(this.server.tokenRequests()).isEqualTo(2);
		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.FAILED, TokenEvent.Type.DEAD);
	}

	@Test
	void lostAnswersAfterTheEndAreRepeatedOnlySlowly() {
		IssuedGrant grant = login(this.instance, ENDED);
		this.server.withoutRotation();
		this.server.faults().dropNextAnswers(3);
		unavailable(obtain(this.instance), "connection_closed");
		raw().allowNextAttempt();
		unavailable(obtain(this.instance), "connection_closed");
		raw().allowNextAttempt();

		unavailable(obtain(this.instance), "connection_closed");
		assertThat(this.server.tokenRequests()).as("the third had to wait").isEqualTo(2);
		raw().ageAttempts(Duration.ofMinutes(6));
		unavailable(obtain(this.instance), "connection_closed");
		assertThat(this.server.tokenRequests()).isEqualTo(3);
		raw().allowNextAttempt();
		raw().ageAttempts(Duration.ofMinutes(6));

		assertThat(token(obtain(this.instance))).isNotEqualTo(grant.accessToken());
		assertThat(raw().attempts()).isZero();
		assertThat(raw().failures()).isZero();
	}

	@Test
	void lostAnswerWithinTheGraceIsRepeated() {
		this.server.rotateWithGrace(Duration.ofMinutes(1));
		RefreshPolicy policy = EngineInstance.policy(Duration.ofSeconds(5), Duration.ofSeconds(8),
				Duration.ofMillis(100), Duration.ofMinutes(1));
		IssuedGrant grant = login(this.instance, NEAR_END);
		this.server.faults().dropNextAnswers(1);

		Await.until("the repetition", BOUND,
				() -> !token(this.instance.refresher.obtain(demand(policy))).equals(grant.accessToken()));

		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertPairAlive(this.instance);
	}

	@Test
	void lostAnswerOfAServerThatNeverRotatedIsRepeatedAfterTheInterval() {
		this.server.withoutRotation();
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(KEY, grant, HOUR, NEAR_END, false);
		loseOneAnswerInTheBackground();
		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);

		raw().allowNextAttempt();
		obtain(this.instance).join();

		Await.until("the new token", BOUND, () -> !token(obtain(this.instance)).equals(grant.accessToken()));
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

	@Test
	void lostAnswerOfAnIssuedTokenIsRepeatedAfterTheInterval() {
		TokenDemand demand = this.instance.demand(EngineInstance.issuedKey("read"), this.server, EngineInstance
			.policy(Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ofMillis(200), Duration.ZERO));
		this.server.faults().dropNextAnswers(1);

		unavailable(this.instance.refresher.obtain(demand), "connection_closed");
		Await.until("a token", BOUND,
				() -> this.instance.refresher.obtain(demand)
					.toCompletableFuture()
					.handle((record, ex) -> ex == null)
					.join());

		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

	@Test
	void serverThatIsAwayFailsNobodyBeforeTheEndAndLosesNothing() {
		IssuedGrant grant = login(this.instance, NEAR_END);
		this.server.faults().failAlways(503, "temporarily_unavailable");
		for (int failures = 1; failures <= 3; failures++) {
			int expected = failures;
			assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
			Await.until("failure " + failures, BOUND, () -> raw().failures() == expected);
			assertThat(token(obtain(this.instance))).as("backing off").isEqualTo(grant.accessToken());
			raw().allowNextAttempt();
		}

		raw().end();
		unavailable(obtain(this.instance), "temporarily_unavailable");
		unavailable(obtain(this.instance), "temporarily_unavailable");

		assertThat(this.server.tokenRequests()).isEqualTo(4);
		assertThat(raw().attempts()).as("nothing uncertain").isZero();
		TokenRecord record = this.instance.find(KEY);
		assertThat(record.requireTokens().refreshToken()).isEqualTo(grant.refreshToken());
		assertThat(record.timing().failures()).isEqualTo(4);

		this.server.faults().none();
		raw().allowNextAttempt();

		assertThat(token(obtain(this.instance))).isNotEqualTo(grant.accessToken());
		assertPairAlive(this.instance);
	}

	@Test
	void serverThatCannotBeReachedLeavesNothingUncertain() {
		login(this.instance, ENDED);
		TokenDemand nowhere = EngineInstance.demand(KEY, "http://127.0.0.1:1/token", EngineInstance.POLICY);

		unavailable(this.instance.refresher.obtain(nowhere), "unreachable");
		assertThat(raw().attempts()).isZero();
		raw().allowNextAttempt();

		token(obtain(this.instance));
		assertPairAlive(this.instance);
	}

	@Test
	void serverThatAsksForTimeIsLeftAloneByAllInstances() {
		login(this.instance, ENDED);
		TokenDemand refused = new TokenDemand(KEY, EngineInstance.POLICY, (current) -> {
			throw new TokenRequestException(Failure.Kind.CLEAR, "http_429", "Refused", Duration.ofMinutes(2), null);
		});

		unavailable(this.instance.refresher.obtain(refused), "http_429");
		TokenUnavailableException elsewhere = unavailable(obtain(instance()), "http_429");

		assertThat(Duration.between(Instant.now(), elsewhere.getRetryAt())).isBetween(Duration.ofSeconds(90),
				Duration.ofSeconds(121));
		assertThat(this.server.tokenRequests()).isZero();
	}

}
