package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tokens that an API refused.
 */
class ReplaceIntegrationTests extends EngineFixture {

	private CompletableFuture<TokenRecord> replace(EngineInstance instance, String refused) {
		return instance.refresher.replace(demand(), refused).toCompletableFuture();
	}

	@Test
	void replaceWhenTokenIsTheStoredOneRenewsIt() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));

		String token = token(replace(instance, grant.accessToken()));

		assertThat(token).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFUSED, TokenEvent.Type.REFRESHED);
		assertPairAlive(instance);
	}

	@Test
	void replaceWhenManyCallsAreRefusedAtOnceRenewsOnce() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));

		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, 64)
			.mapToObj((i) -> replace((i % 2 == 0) ? instance : other, grant.accessToken()))
			.toList();

		assertThat(calls.stream().map(EngineFixture::token).distinct()).hasSize(1).doesNotContain(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void replaceWhenTheRefusedTokenCameIntoMemoryBeforeTheRefusalWasNotedRenewsIt() {
		EngineInstance instance = instance(new EngineInstance.Options().nearCache());
		instance.near().armed();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));
		CompletableFuture<@Nullable Void> go = instance.faults.hold("invalidateIf");

		CompletableFuture<TokenRecord> replaced = replace(instance, grant.accessToken());
		assertThat(token(obtain(instance))).isEqualTo(grant.accessToken());
		assertThat(instance.near().find(KEY)).isNotNull();
		go.complete(null);

		assertThat(token(replaced)).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void replaceWhenTheRefusalIsLateReturnsTheNewerTokenWithoutARequest() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		String second = token(obtain(instance));
		raw().age(Duration.ofMinutes(1));

		String replacement = token(replace(instance(), grant.accessToken()));

		assertThat(replacement).isEqualTo(second);
		assertThat(token(obtain(instance))).isEqualTo(second);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(instance.find(KEY).timing().refused()).isFalse();
	}

	@Test
	void replaceWhenApiRefusesEverythingDoesNotLoop() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));
		String token = token(replace(instance, grant.accessToken()));

		for (int i = 0; i < 20; i++) {
			assertThat(token(replace(instance, token))).as("too young to be renewed").isEqualTo(token);
		}

		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void replaceWhenTokenIsUnknownReturnsTheStoredOne() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));

		assertThat(token(replace(instance, "somebody else's"))).isEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void replaceWhenRefreshFailsKeepsTheRefusedTokenOutOfUse() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, HOUR);
		raw().age(Duration.ofMinutes(1));
		this.server.faults().failNext(1, 503, "temporarily_unavailable", null);

		assertThat(unavailable(replace(instance, grant.accessToken()), "temporarily_unavailable"))
			.hasCauseInstanceOf(TokenRequestException.class);
		unavailable(obtain(instance), "temporarily_unavailable");
		raw().allowNextAttempt();

		assertThat(token(obtain(instance))).isNotEqualTo(grant.accessToken());
		assertPairAlive(instance);
	}

	@Test
	void replaceWhenTokenCannotBeRenewedAsksForTheUser() {
		EngineInstance instance = instance();
		TokenKey key = EngineInstance.grantKey("bob");
		instance.login(key, new IssuedGrant("family", "bot-token", null, -1), null);
		new RawRecord(this.redis, key).age(Duration.ofMinutes(1));
		TokenDemand demand = instance.demand(key, this.server);

		assertThat(instance.accessToken(demand)).isEqualTo("bot-token");
		assertThat(failure(instance.refresher.replace(demand, "bot-token"), GrantLostException.class).getReason())
			.isEqualTo("token_refused");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void replaceWhenAnotherInstanceRenewsInTheBackgroundTakesItsResult() {
		EngineInstance background = instance();
		EngineInstance instance = instance();
		IssuedGrant grant = login(background, NEAR_END);
		raw().age(Duration.ofMinutes(1));
		Gate gate = this.server.hold();
		obtain(background);
		gate.awaitHeld(1);

		CompletableFuture<TokenRecord> replaced = replace(instance, grant.accessToken());
		CompletableFuture<TokenRecord> sameInstance = replace(background, grant.accessToken());
		Await.until("the refusal", Duration.ofSeconds(20), () -> instance.find(KEY).timing().refused());
		gate.release();

		assertThat(token(replaced)).isNotEqualTo(grant.accessToken()).isEqualTo(token(sameInstance));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void replaceWhenItJoinsAnOlderFlightNeverReturnsTheRefusedToken() {
		EngineInstance holder = instance();
		EngineInstance instance = instance(
				new EngineInstance.Options().stopPoints(this.steps.hold(StopPoints.Step.ACQUIRED)));
		IssuedGrant grant = login(holder, NEAR_END);
		raw().age(Duration.ofMinutes(1));
		// The flight below reads before the holder acquires, and acquires after that.
		CompletableFuture<@Nullable Void> acquires = instance.faults.hold("acquire");
		assertThat(token(obtain(instance))).isEqualTo(grant.accessToken());
		Gate gate = this.server.hold();
		obtain(holder);
		gate.awaitHeld(1);
		acquires.complete(null);
		this.steps.awaitHeld(StopPoints.Step.ACQUIRED, 1);

		CompletableFuture<TokenRecord> replaced = replace(instance, grant.accessToken());
		Await.until("the refusal", Duration.ofSeconds(20), () -> holder.find(KEY).timing().refused());
		Await.until("the waiting caller", Duration.ofSeconds(20), () -> !instance.timers().isEmpty());
		this.steps.release(StopPoints.Step.ACQUIRED);
		Await.holdsWithin(Duration.ofMillis(200), replaced::isDone);
		gate.release();

		assertThat(token(replaced)).isNotEqualTo(grant.accessToken());
		assertPairAlive(holder);
	}

}
