package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an {@code invalid_grant} means depends on what is stored by then and on whose the
 * lease is.
 */
class InvalidGrantIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final Gate refusal = new Gate();

	/**
	 * Sends nothing; refused when the test says so.
	 */
	private CompletableFuture<TokenRecord> obtainRefused(EngineInstance instance) {
		CompletableFuture<TokenRecord> call = instance.refresher
			.obtain(new TokenDemand(KEY, EngineInstance.POLICY, (current) -> {
				this.refusal.pass();
				throw new TokenRequestException(Failure.Kind.FATAL, "invalid_grant", "Refused", null, null);
			}))
			.toCompletableFuture();
		this.refusal.awaitHeld(1);
		return call;
	}

	private static void assertLost(CompletableFuture<TokenRecord> call) {
		assertThat(failure(call, GrantLostException.class).getReason()).isEqualTo("invalid_grant");
	}

	@Test
	void invalidGrantWhenLeaseIsOursMarksTheGrantDeadAndKeepsIt() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		long generation = raw().generation();
		this.server.kill(grant.refreshToken());

		assertLost(obtain(instance));
		assertLost(obtain(instance));
		assertLost(obtain(instance()));

		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(raw().state()).isEqualTo("dead");
		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(raw().leased()).isFalse();
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.DEAD);
	}

	@Test
	void invalidGrantWhenTokenIsStillValidServesNobodyAnyMore() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, NEAR_END);
		this.server.kill(grant.refreshToken());

		assertThat(token(obtain(instance))).isEqualTo(grant.accessToken());
		Await.until("the dead mark", BOUND, () -> "dead".equals(raw().state()));

		assertLost(obtain(instance));
	}

	@Test
	void deadGrantRevivesWhenAFasterInstanceCommitsLate() {
		EngineInstance faster = heldInstance();
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> won = obtain(faster);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		raw().lapse();
		CompletableFuture<TokenRecord> refused = obtainRefused(instance);
		this.refusal.release();
		assertLost(refused);
		assertThat(raw().state()).isEqualTo("dead");

		this.steps.release(Step.ANSWERED);

		assertThat(token(won)).isNotEqualTo(grant.accessToken());
		assertThat(token(obtain(instance))).isEqualTo(token(won));
		assertPairAlive(instance);
	}

	@Test
	void deadGrantRevivesWithANewLogin() {
		EngineInstance instance = instance();
		this.server.kill(login(instance, ENDED).refreshToken());
		assertLost(obtain(instance));

		IssuedGrant again = login(instance, HOUR);

		assertThat(token(obtain(instance))).isEqualTo(again.accessToken());
	}

	@Test
	void invalidGrantWhenANewerLoginIsStoredAdoptsIt() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(other, ENDED);
		CompletableFuture<TokenRecord> refused = obtainRefused(instance);
		IssuedGrant newer = login(other, HOUR);

		this.refusal.release();

		assertThat(token(refused)).isEqualTo(newer.accessToken());
		assertThat(raw().state()).isEqualTo("ok");
	}

	@Test
	void invalidGrantWhenAnotherHasRenewedAdoptsItsResult() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(other, ENDED);
		CompletableFuture<TokenRecord> refused = obtainRefused(instance);
		raw().lapse();
		String renewed = token(obtain(other));

		this.refusal.release();

		assertThat(token(refused)).isEqualTo(renewed);
		assertThat(raw().state()).isEqualTo("ok");
		assertPairAlive(other);
	}

	@Test
	void invalidGrantWhenLeaseIsAnothersWaitsForItAndNeverMarks() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(other, ENDED);
		CompletableFuture<TokenRecord> refused = obtainRefused(instance);
		raw().lapse();
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> others = obtain(other);
		gate.awaitHeld(1);

		this.refusal.release();
		Await.holdsWithin(Duration.ofMillis(200), refused::isDone);

		assertThat(refused).isNotDone();
		assertThat(raw().state()).isEqualTo("ok");
		assertThat(raw().leased()).isTrue();
		gate.release();
		assertThat(token(refused)).isEqualTo(token(others));
		assertPairAlive(other);
	}

	@Test
	void invalidGrantWhenRecordWasRemovedAsksForTheUser() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(other, ENDED);
		CompletableFuture<TokenRecord> refused = obtainRefused(instance);
		EngineInstance.get(other.refresher.remove(KEY));

		this.refusal.release();

		assertThat(failure(refused, GrantLostException.class).getReason()).isEqualTo("no_grant");
	}

}
