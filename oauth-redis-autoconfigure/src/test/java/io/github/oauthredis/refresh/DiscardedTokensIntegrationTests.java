package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 30: what is removed or revoked does not come back, wherever an instance still
 * holds it, and whatever a refresh in flight brings is revoked at the server.
 */
class DiscardedTokensIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final TokenKey ISSUED = EngineInstance.issuedKey("read");

	private final EngineInstance other = instance(new EngineInstance.Options().revoking());

	private EngineInstance held() {
		return instance(new EngineInstance.Options().revoking().stopPoints(this.steps));
	}

	private static void remove(EngineInstance instance) {
		EngineInstance.get(instance.refresher.remove(KEY));
	}

	private static void revokeAll(EngineInstance instance) {
		EngineInstance.get(instance.refresher.revoke(new MarkScope.All(), "test"));
	}

	private static void assertLost(CompletionStage<TokenRecord> call) {
		failure(call, GrantLostException.class);
	}

	// Removal

	@Test
	void removedGrantIsInTheOutboxBeforeItIsGone() {
		EngineInstance instance = held();
		IssuedGrant grant = login(instance, HOUR);
		CompletableFuture<@Nullable Void> tombstone = instance.faults.hold("tombstone");

		CompletionStage<@Nullable Void> removal = instance.refresher.remove(KEY);

		Await.until("an entry in the outbox", BOUND, () -> !this.redis.keys("*outbox*").isEmpty());
		assertThat(this.other.find(KEY).state()).isEqualTo(State.LIVE);
		tombstone.complete(null);
		EngineInstance.get(removal);
		assertThat(this.other.discarded()).containsExactly(grant.refreshToken());
		assertThat(this.other.find(KEY).state()).isEqualTo(State.ABSENT);
	}

	@Test
	void removalWithoutOutboxRemovesNothing() {
		IssuedGrant grant = login(this.other, HOUR);
		this.other.outbox.away(true);

		unavailable(this.other.refresher.remove(KEY), "redis_unavailable");

		this.other.outbox.away(false);
		assertThat(token(obtain(this.other))).isEqualTo(grant.accessToken());
	}

	@Test
	void removalWithoutRoomInTheOutboxRemovesAndTells() {
		login(this.other, HOUR);
		this.other.outbox.full();

		remove(this.other);

		assertLost(obtain(this.other));
		this.other.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REVOCATION_FAILED, TokenEvent.Type.REMOVED);
		assertThat(this.other.events.get(1).detail()).isEqualTo("given_up:outbox_full");
	}

	@Test
	void revocationOfOneIsToldWithItsCause() {
		login(this.other, HOUR);

		EngineInstance.get(this.other.refresher.revoke(KEY, "test"));
		EngineInstance.get(this.other.refresher.revoke(EngineInstance.grantKey("nobody"), "test"));

		this.other.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REVOKED);
		assertThat(this.other.events.get(1)).satisfies((event) -> {
			assertThat(event.detail()).isEqualTo("test");
			assertThat(event.keyDigest()).isEqualTo(KEY.digest());
		});
		assertLost(obtain(this.other));
	}

	@ParameterizedTest
	@EnumSource
	void grantRemovedWhileItsRefreshIsInFlightStaysGoneAndItsPairIsDiscarded(Step step) {
		EngineInstance held = held();
		IssuedGrant grant = login(held, ENDED);
		this.steps.hold(step);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(step, 1);

		remove(this.other);
		this.steps.release(step);

		assertLost(call);
		held.awaitIdle();
		assertThat(this.other.find(KEY).state()).isEqualTo(State.ABSENT);
		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
	}

	@ParameterizedTest
	@EnumSource(names = { "ACQUIRED", "ANSWERED" })
	void grantRevokedWithOthersWhileItsRefreshIsInFlightHasItsPairDiscarded(Step step) {
		EngineInstance held = held();
		IssuedGrant grant = login(held, ENDED);
		this.steps.hold(step);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(step, 1);

		revokeAll(this.other);
		this.steps.release(step);

		assertLost(call);
		String current = this.server.currentRefreshToken(grant.refreshToken());
		assertThat(current).isNotEqualTo(grant.refreshToken());
		awaitDiscarded(current);
	}

	@Test
	void issuedTokenRevokedWhileItIsRequestedIsDiscarded() {
		EngineInstance held = held();
		TokenDemand demand = held.demand(ISSUED, this.server);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = held.refresher.obtain(demand).toCompletableFuture();
		this.steps.awaitHeld(Step.ANSWERED, 1);

		revokeAll(this.other);
		this.steps.release(Step.ANSWERED);

		String served = token(call);
		Await.until("the first one in the outbox", BOUND, () -> !this.redis.keys("*outbox*").isEmpty());
		assertThat(this.other.discarded()).hasSize(1).doesNotContain(served);
	}

	@Test
	void pairThatANewLoginOvertookIsKeptAtTheServer() {
		EngineInstance held = held();
		login(held, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);

		IssuedGrant newer = login(this.other, HOUR);
		this.steps.release(Step.ANSWERED);

		assertThat(token(call)).isEqualTo(newer.accessToken());
		held.awaitIdle();
		assertThat(this.redis.keys("*outbox*")).as("to end the older grant may end the newer one").isEmpty();
	}

	@Test
	void answerThatComesLateForARemovedGrantIsDiscarded() {
		IssuedGrant grant = login(this.other, ENDED);
		Gate gate = this.server.holdAnswers();
		unavailable(this.other.refresher.obtain(demand(IMPATIENT)), "timeout");
		remove(this.other);

		gate.release();

		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
		assertThat(this.other.find(KEY).state()).isEqualTo(State.ABSENT);
	}

	@Test
	void discardedPairIsOfferedUntilTheOutboxAnswers() {
		EngineInstance held = held();
		IssuedGrant grant = login(held, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		held.outbox.away(true);
		remove(instance());
		this.steps.release(Step.ANSWERED);
		assertLost(call);
		Await.until("an attempt that failed", BOUND, () -> !held.timers().isEmpty());

		held.outbox.away(false);

		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
	}

	private void awaitDiscarded(String refreshToken) {
		Await.until("the pair in the outbox", BOUND, () -> this.other.discarded().contains(refreshToken));
	}

	// Pending commits

	@ParameterizedTest
	@ValueSource(strings = { "removed", "revoked" })
	void pairThatCouldNotBeStoredDoesNotBringTheGrantBack(String how) {
		EngineInstance instance = held();
		IssuedGrant grant = login(instance, ENDED);
		instance.faults.loseRequests("commit");
		token(obtain(instance));

		if (how.equals("removed")) {
			remove(this.other);
		}
		else {
			revokeAll(this.other);
		}
		instance.faults.heal();
		instance.awaitIdle();

		assertLost(obtain(instance));
		assertThat(this.other.find(KEY).liveTokens()).isNull();
		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
	}

	@Test
	void pairThatCouldNotBeStoredIsDiscardedWithTheGrant() {
		EngineInstance instance = held();
		IssuedGrant grant = login(instance, ENDED);
		instance.faults.loseRequests("commit");
		token(obtain(instance));

		remove(instance);

		assertThat(this.other.discarded()).containsExactlyInAnyOrder(grant.refreshToken(),
				this.server.currentRefreshToken(grant.refreshToken()));
		instance.faults.heal();
	}

	@ParameterizedTest
	@ValueSource(strings = { "all", "registration", "principal", "removed" })
	void loginThatWaitedForRedisDoesNotOutliveItsRevocation(String how) {
		EngineInstance instance = held();
		login(instance, HOUR);
		instance.faults.loseRequests("find");
		IssuedGrant grant = login(instance, HOUR);

		switch (how) {
			case "all" -> revokeAll(this.other);
			case "registration" -> EngineInstance
				.get(this.other.refresher.revoke(new MarkScope.Registration(KEY.registrationId()), "test"));
			case "principal" ->
				EngineInstance.get(this.other.refresher.revoke(new MarkScope.Principal("alice"), "test"));
			default -> remove(this.other);
		}
		instance.faults.heal();
		instance.awaitIdle();

		assertLost(obtain(instance));
		assertLost(obtain(this.other));
		awaitDiscarded(grant.refreshToken());
		assertThat(instance.eventTypes()).contains(TokenEvent.Type.REVOKED);
	}

	@Test
	void loginAfterRevocationThatWaitedForRedisIsStored() {
		EngineInstance instance = held();
		login(instance, HOUR);
		revokeAll(this.other);
		remove(this.other);
		// Times are compared to the millisecond.
		Instant revokedAt = Instant.now();
		Await.until("a later time", BOUND, () -> Instant.now().isAfter(revokedAt.plusMillis(10)));
		instance.faults.loseRequests("find");
		IssuedGrant grant = login(instance, HOUR);

		instance.faults.heal();
		instance.awaitIdle();

		assertThat(token(obtain(this.other))).isEqualTo(grant.accessToken());
	}

	@Test
	void loginThatIsRemovedWhileItWaitsIsDiscarded() {
		EngineInstance instance = held();
		instance.faults.loseRequests("find");
		IssuedGrant grant = login(instance, HOUR);

		unavailable(instance.refresher.remove(KEY), "redis_unavailable");

		List<String> discarded = new ArrayList<>();
		Await.until("the login to be discarded", BOUND, () -> {
			discarded.addAll(this.other.discarded());
			return !discarded.isEmpty();
		});
		assertThat(discarded).containsExactly(grant.refreshToken());
		instance.faults.heal();
		instance.awaitIdle();
		assertThat(instance.find(KEY).state()).isEqualTo(TokenRecord.State.ABSENT);
	}

	@Test
	void pairThatWaitsOutlivesARemovalThatFailed() {
		EngineInstance instance = held();
		login(instance, ENDED);
		instance.faults.loseRequests("commit");
		String token = token(obtain(instance));
		instance.faults.loseRequests("tombstone");

		unavailable(instance.refresher.remove(KEY), "redis_unavailable");

		assertThat(token(obtain(instance))).isEqualTo(token);
		instance.faults.heal();
		instance.awaitIdle();
		assertThat(token(obtain(this.other))).isEqualTo(token);
	}

	@ParameterizedTest
	@ValueSource(strings = { "login", "pair" })
	void whatWaitedForLongerThanATombstoneLivesIsNotStoredWhereNothingIs(String what) {
		MutableClock clock = new MutableClock(Clock.systemUTC().instant());
		EngineInstance instance = instance(new EngineInstance.Options().revoking().clock(clock));
		IssuedGrant grant;
		if (what.equals("login")) {
			instance.faults.loseRequests("find");
			grant = login(instance, Duration.ofHours(5));
		}
		else {
			grant = login(instance, ENDED);
			instance.faults.loseRequests("commit");
			token(obtain(instance));
		}
		clock.advance(Duration.ofMinutes(61));
		this.redis.flushAll();

		instance.faults.heal();
		instance.awaitIdle();

		assertThat(this.other.find(KEY).liveTokens()).isNull();
		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
	}

	@ParameterizedTest
	@ValueSource(strings = { "login", "pair" })
	void whatWaitsIsNotServedAfterItsInstanceRevokedIt(String what) {
		EngineInstance instance = held();
		IssuedGrant grant = login(instance, ENDED);
		if (what.equals("login")) {
			instance.faults.loseRequests("put");
			grant = login(instance, HOUR);
		}
		else {
			instance.faults.loseRequests("commit");
		}
		token(obtain(instance));

		EngineInstance.get(instance.refresher.revoke(new MarkScope.Principal("alice"), "test"));

		unavailableOrLost(obtain(instance));
		instance.faults.heal();
		instance.awaitIdle();
		assertLost(obtain(instance));
		awaitDiscarded(this.server.currentRefreshToken(grant.refreshToken()));
	}

	private static void unavailableOrLost(CompletionStage<TokenRecord> call) {
		assertThat(call.handle((record, ex) -> ex != null).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join())
			.isTrue();
	}

	@Test
	void issuedTokenThatWasRevokedIsDiscardedWhenTheNextReplacesIt() {
		TokenDemand demand = this.other.demand(ISSUED, this.server);
		String revoked = this.other.accessToken(demand);
		revokeAll(this.other);

		String next = this.other.accessToken(demand);

		assertThat(next).isNotEqualTo(revoked);
		awaitDiscarded(revoked);
	}

	@Test
	void discardedPairIsForgottenAfterAnHour() {
		MutableClock clock = new MutableClock(Clock.systemUTC().instant());
		EngineInstance held = instance(new EngineInstance.Options().revoking().stopPoints(this.steps).clock(clock));
		login(held, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		held.outbox.away(true);
		remove(instance());
		this.steps.release(Step.ANSWERED);
		assertLost(call);
		Await.until("an attempt that failed", BOUND, () -> !held.timers().isEmpty());

		clock.advance(Duration.ofMinutes(61));

		Await.until("the end of all attempts", BOUND,
				() -> held.eventTypes().contains(TokenEvent.Type.REVOCATION_FAILED));
	}

	@Test
	void pairThatCannotBeStoredIsServedNoLongerThanAnythingUnconfirmed() {
		MutableClock clock = new MutableClock(Clock.systemUTC().instant());
		EngineInstance instance = instance(new EngineInstance.Options().nearCache().revoking().clock(clock));
		login(instance, ENDED);
		instance.faults.loseRequests("commit");
		String token = token(obtain(instance));

		clock.advance(Duration.ofSeconds(30 + 599));
		assertThat(token(obtain(instance))).isEqualTo(token);
		clock.advance(Duration.ofSeconds(2));
		instance.faults.loseAll();

		unavailable(obtain(instance), "redis_unavailable");
		unavailable(instance.refresher.load(KEY, EngineInstance.POLICY), "redis_unavailable");
		instance.faults.heal();
		Await.until("the pair in Redis", BOUND, () -> token(obtain(instance)).equals(token));
	}

	// Tokens for one instance alone

	@Test
	void tokenThatNobodyCanConfirmIsReplacedAfterTheBound() {
		MutableClock clock = new MutableClock(Clock.systemUTC().instant());
		EngineInstance instance = instance(new EngineInstance.Options().nearCache().clock(clock));
		TokenDemand demand = EngineInstance.demand(ISSUED, this.server.tokenUri(), EngineInstance.POLICY);
		instance.faults.loseAll();
		String before = instance.accessToken(demand);

		clock.advance(Duration.ofSeconds(30 + 599));
		assertThat(instance.accessToken(demand)).isEqualTo(before);
		clock.advance(Duration.ofSeconds(2));

		assertThat(instance.accessToken(demand)).as("it may have been revoked").isNotEqualTo(before);
		instance.faults.heal();
	}

	// Repairs

	@Test
	void removedGrantIsNotRepairedFromMemory() {
		EngineInstance instance = held();
		login(instance, ENDED);
		String name = new RedisKeys("oauth-redis").token(KEY);
		this.redis.command("COPY", name, name + ":older");
		token(obtain(instance));
		remove(this.other);
		assertLost(obtain(instance));

		this.redis.command("COPY", name + ":older", name, "REPLACE");

		assertLost(obtain(instance));
		assertLost(obtain(this.other));
		assertThat(raw().generation()).as("nothing was put back").isEqualTo(this.other.find(KEY).generation());
	}

	@Test
	void revokedGrantIsRevokedAfterItsRepair() {
		EngineInstance instance = held();
		login(instance, ENDED);
		String name = new RedisKeys("oauth-redis").token(KEY);
		this.redis.command("COPY", name, name + ":older");
		token(obtain(instance));
		revokeAll(this.other);

		this.redis.command("COPY", name + ":older", name, "REPLACE");

		assertLost(obtain(instance));
		assertThat(instance.find(KEY).detail()).isEqualTo(TokenRecord.REVOKED);
	}

	// Batches

	@Test
	void revocationOfManyIsToldOnceWithoutAName() {
		EngineInstance.get(this.other.refresher.revoke(new MarkScope.Principal("alice"), "test"));
		EngineInstance.get(this.other.refresher.revoke(new MarkScope.Registration("github"), "test"));

		this.other.awaitEvents(TokenEvent.Type.REVOKED, TokenEvent.Type.REVOKED);
		assertThat(this.other.events).extracting(TokenEvent::detail).containsOnly("test");
		assertThat(this.other.events).extracting(TokenEvent::registrationId).containsExactly(null, "github");
		assertThat(String.valueOf(List.copyOf(this.other.events))).doesNotContain("alice");
	}

	@Test
	void revocationOfManyWhenRedisIsAwayFails() {
		this.other.faults.loseAll();

		assertThat(unavailable(this.other.refresher.revoke(new MarkScope.All(), "test"), "redis_unavailable")
			.isRetryable()).isTrue();
		this.other.faults.heal();
	}

	@Test
	void revocationOfManyCountsAtOnceInItsOwnInstance() {
		EngineInstance instance = instance(new EngineInstance.Options().nearCache().revoking());
		instance.near().armed();
		login(instance, HOUR);
		token(obtain(instance));
		assertThat(instance.near().find(KEY)).isNotNull();

		// No news of it arrives here.
		EngineInstance.get(instance.refresher.revoke(new MarkScope.Registration(KEY.registrationId()), "test"));

		assertLost(obtain(instance));
	}

}
