package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Chosen schedules of two instances: whoever is held up anywhere does no harm later.
 */
class ScheduleIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	@Test
	void callerHeldAfterReadingAdoptsWhatAnotherInstanceStored() {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		login(other, ENDED);
		this.steps.hold(Step.FOUND);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.FOUND, 1);

		String renewed = token(obtain(other));
		this.steps.release(Step.FOUND);

		assertThat(token(call)).isEqualTo(renewed);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		held.awaitEvents(TokenEvent.Type.ADOPTED);
	}

	@Test
	void callerHeldAfterReadingAdoptsWhatItsOwnInstanceStored() {
		EngineInstance instance = heldInstance();
		login(instance, ENDED);
		this.steps.hold(Step.FOUND);
		CompletableFuture<TokenRecord> first = obtain(instance);
		this.steps.awaitHeld(Step.FOUND, 1);
		CompletableFuture<TokenRecord> late = obtain(instance);
		this.steps.awaitHeld(Step.FOUND, 2);
		this.steps.releaseFirst(Step.FOUND);
		Await.until("the first", BOUND, first::isDone);
		this.steps.release(Step.FOUND);

		assertThat(token(late)).isEqualTo(token(first));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void loserThatWaitsAdoptsAndSaysSo() {
		EngineInstance holder = instance();
		EngineInstance loser = instance();
		login(holder, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> won = obtain(holder);
		gate.awaitHeld(1);

		CompletableFuture<TokenRecord> lost = obtain(loser);
		Await.until("the loser to wait", BOUND, () -> !loser.timers().isEmpty());
		gate.release();

		assertThat(token(lost)).isEqualTo(token(won));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		loser.awaitEvents(TokenEvent.Type.ADOPTED);
	}

	@Test
	void holderHeldBeforeSendingUntilItsLeaseLapsedSendsNothing() {
		MutableClock clock = new MutableClock(Clock.systemUTC().instant());
		EngineInstance held = instance(new EngineInstance.Options().clock(clock).stopPoints(this.steps));
		EngineInstance other = instance();
		login(other, ENDED);
		this.steps.hold(Step.ACQUIRED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ACQUIRED, 1);
		raw().lapse();
		clock.advance(Duration.ofSeconds(6));
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> others = obtain(other);
		gate.awaitHeld(1);

		this.steps.release(Step.ACQUIRED);
		Await.until("the release", BOUND, () -> held.faults.answered("release") == 1);

		assertThat(raw().leased()).as("the other's lease").isTrue();
		gate.release();
		assertThat(token(call)).isEqualTo(token(others));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(other);
	}

	@Test
	void holderHeldAfterTheAnswerUntilItsLeaseLapsedStoresItsPair() {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		IssuedGrant grant = login(other, NEAR_END);
		long before = raw().generation();
		this.steps.hold(Step.ANSWERED);
		obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);

		raw().lapse();
		for (int i = 0; i < 10; i++) {
			assertThat(token(obtain(other))).as("while the outcome is unknown").isEqualTo(grant.accessToken());
		}
		this.steps.release(Step.ANSWERED);

		Await.until("the pair", BOUND, () -> raw().generation() > before);
		assertThat(token(obtain(other))).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(other);
	}

	@Test
	void holderHeldAfterTheAnswerUntilAnotherHasRenewedGivesWay() {
		this.server.withoutRotation();
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		other.login(KEY, this.server.issueGrant("client", "read"), ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		raw().lapse();
		String renewed = token(obtain(other));
		long generation = raw().generation();

		this.steps.release(Step.ANSWERED);

		assertThat(token(call)).isEqualTo(renewed);
		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
		held.awaitEventsOfMany(TokenEvent.Type.DISCARDED);
		Await.until("the news that it gave way", BOUND, () -> held.eventTypes().contains(TokenEvent.Type.ADOPTED));
	}

	@ParameterizedTest
	@ValueSource(doubles = { 0.1, 0.9, 1.2, 3 })
	void slowTokenEndpointSeesNoOverlapAndItsLateAnswerIsStored(double slowness) {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		IssuedGrant grant = login(instance, ENDED);
		this.server.faults().delay(Duration.ofMillis((long) (IMPATIENT.callTimeout().toMillis() * slowness)));
		AtomicBoolean renewed = new AtomicBoolean();

		Await.until("the new token", BOUND, () -> {
			for (EngineInstance each : new EngineInstance[] { instance, other }) {
				each.refresher.obtain(demand(IMPATIENT))
					.whenComplete((record, ex) -> renewed.compareAndSet(false,
							ex == null && !record.requireTokens().accessToken().equals(grant.accessToken())));
			}
			return renewed.get();
		});

		assertThat(this.server.maxOverlap(IMPATIENT.callTimeout())).isEqualTo(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void answerThatComesAfterTheDeadlineIsStored() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		Gate gate = this.server.holdAnswers();

		unavailable(instance.refresher.obtain(demand(IMPATIENT)), "timeout");
		assertThat(raw().leased()).isFalse();
		assertThat(raw().attempts()).isEqualTo(1);
		gate.release();
		Await.until("the late answer", BOUND, () -> raw().attempts() == 0);

		assertThat(token(obtain(instance))).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.FAILED, TokenEvent.Type.REFRESHED);
	}

	@Test
	void answerThatComesTooLateForItsRecordEndsThere() {
		this.server.withoutRotation();
		EngineInstance instance = instance();
		EngineInstance other = instance();
		other.login(KEY, this.server.issueGrant("client", "read"), ENDED);
		AtomicBoolean first = new AtomicBoolean(true);
		Gate gate = this.server.holdAnswers((request) -> first.getAndSet(false));
		unavailable(instance.refresher.obtain(demand(IMPATIENT)), "timeout");
		raw().allowNextAttempt();
		obtain(other).join();
		raw().end();

		gate.release();
		Await.until("the late commit", BOUND, () -> instance.faults.answered("commit") == 1);
		instance.awaitIdle();

		assertThat(this.server.tokenRequests()).as("nobody asked for a third").isEqualTo(2);
	}

	@Test
	void failureThatANewLoginOvertookIsForgotten() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> call = obtain(instance);
		gate.awaitHeld(1);
		IssuedGrant newer = login(instance(), HOUR);
		this.server.faults().failNext(1, 503, "temporarily_unavailable", null);

		gate.release();

		assertThat(token(call)).isEqualTo(newer.accessToken());
		assertThat(raw().failures()).isZero();
	}

	@Test
	void failureWithoutLeaseDoesNotHoldUpTheHolder() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(other, ENDED);
		Gate gate = this.server.hold();
		this.server.faults().failNext(1, 503, "temporarily_unavailable", null);
		CompletableFuture<TokenRecord> call = obtain(instance);
		gate.awaitHeld(1);
		raw().lapse();
		Gate second = this.server.hold();
		CompletableFuture<TokenRecord> others = obtain(other);
		second.awaitHeld(1);

		gate.release();
		Await.holdsWithin(Duration.ofMillis(100), call::isDone);

		assertThat(raw().leased()).isTrue();
		second.release();
		assertThat(token(call)).isEqualTo(token(others));
		assertPairAlive(other);
	}

}
