package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Many callers of one engine that meet one token.
 */
class TokenRefresherIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	@Test
	void obtainWhenManyCallersMeetOneExpiredTokenSendsOneRequest() throws Exception {
		EngineInstance instance = instance();
		login(instance, ENDED);

		List<CompletableFuture<TokenRecord>> calls = callOnThreadsAndReactively(instance, 100, 400);

		assertThat(calls.stream().map(EngineFixture::token).distinct()).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		instance.awaitEventsOfMany(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED);
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenManyCallersMeetAFailureSharesItAndSendsNoSecondRequest() throws Exception {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		this.server.faults().failNext(1, 503, "temporarily_unavailable", null);

		List<CompletableFuture<TokenRecord>> calls = callOnThreadsAndReactively(instance, 100, 400);

		assertThat(calls).allSatisfy((call) -> assertThat(unavailable(call, "temporarily_unavailable"))
			.returns(true, TokenUnavailableException::isRetryable)
			.returns("github", TokenUnavailableException::getRegistrationId)
			.doesNotReturn(null, TokenUnavailableException::getRetryAt));
		unavailable(obtain(instance), "temporarily_unavailable");
		unavailable(obtain(instance()), "temporarily_unavailable");
		assertThat(this.server.tokenRequests()).as("within the minimum interval").isEqualTo(1);
		assertThat(raw().leased()).isFalse();
		assertThat(this.server.isAlive(grant.refreshToken())).isTrue();

		raw().allowNextAttempt();

		assertThat(token(obtain(instance))).isNotEqualTo(grant.accessToken());
		assertPairAlive(instance);
	}

	private List<CompletableFuture<TokenRecord>> callOnThreadsAndReactively(EngineInstance instance, int threads,
			int reactive) throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(threads + 1);
		List<CompletableFuture<TokenRecord>> calls = new ArrayList<>();
		for (int i = 0; i < threads; i++) {
			CompletableFuture<TokenRecord> call = new CompletableFuture<>();
			calls.add(call);
			new Thread(() -> {
				try {
					barrier.await();
					call.complete(obtain(instance).join());
				}
				catch (Exception ex) {
					call.completeExceptionally((ex.getCause() != null) ? ex.getCause() : ex);
				}
			}).start();
		}
		barrier.await(20, TimeUnit.SECONDS);
		for (int i = 0; i < reactive; i++) {
			calls.add(Mono.fromCompletionStage(() -> obtain(instance)).toFuture());
		}
		return calls;
	}

	@Test
	void obtainWhenNothingIsStoredObtainsOnce() {
		EngineInstance instance = instance();
		TokenDemand demand = instance.demand(EngineInstance.issuedKey("read"), this.server);

		List<CompletionStage<TokenRecord>> calls = IntStream.range(0, 64)
			.mapToObj((i) -> instance.refresher.obtain(demand))
			.toList();

		assertThat(calls.stream().map(EngineFixture::token).distinct()).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		instance.awaitEventsOfMany(TokenEvent.Type.OBTAINED);
	}

	@Test
	void obtainWhenNothingIsStoredAndRefusedHoldsOffAllInstances() {
		EngineInstance instance = instance();
		TokenKey key = EngineInstance.issuedKey("read");
		this.server.faults().failAlways(401, "invalid_client");

		TokenUnavailableException failure = unavailable(instance.refresher.obtain(instance.demand(key, this.server)),
				"invalid_client");
		TokenUnavailableException later = unavailable(instance().refresher.obtain(instance.demand(key, this.server)),
				"invalid_client");

		assertThat(failure).as("of the one who sent").hasCauseInstanceOf(TokenRequestException.class);
		assertThat(later).as("of one who did not").hasNoCause();
		assertThat(failure.isRetryable()).as("only a change of configuration helps").isFalse();
		assertThat(later.isRetryable()).isFalse();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void obtainWhenNoGrantIsStoredAsksForTheUser() {
		assertThat(failure(obtain(instance()), io.github.oauthredis.token.GrantLostException.class).getReason())
			.isEqualTo("no_grant");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void obtainWhenTokenIsNearItsEndReturnsItAndRenewsInTheBackground() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, NEAR_END);
		Gate gate = this.server.hold();

		List<CompletableFuture<TokenRecord>> calls = obtain(instance, 50);

		assertThat(calls).allSatisfy((call) -> assertThat(token(call)).isEqualTo(grant.accessToken()));
		gate.awaitHeld(1);
		assertThat(token(obtain(instance()))).as("elsewhere").isEqualTo(grant.accessToken());
		gate.release();
		Await.until("the renewed token", BOUND, () -> !token(obtain(instance)).equals(grant.accessToken()));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenWaitersTimeOutFailsThemRetryablyAndSendsNothingElse() {
		RefreshPolicy policy = EngineInstance.policy(Duration.ofSeconds(5), Duration.ofMillis(200),
				Duration.ofSeconds(5), Duration.ZERO);
		EngineInstance instance = instance();
		EngineInstance other = instance();
		IssuedGrant grant = login(instance, ENDED);
		Gate gate = this.server.hold();

		List<CompletionStage<TokenRecord>> calls = new ArrayList<>();
		calls.add(instance.refresher.obtain(demand(policy)));
		gate.awaitHeld(1);
		IntStream.range(0, 20).forEach((i) -> {
			calls.add(instance.refresher.obtain(demand(policy)));
			calls.add(other.refresher.obtain(demand(policy)));
		});

		assertThat(calls)
			.allSatisfy((call) -> assertThat(unavailable(call, "timeout").isRetryable()).as("retryable").isTrue());
		assertThat(raw().leased()).as("the refresh goes on").isTrue();
		assertThat(raw().generation()).isEqualTo(instance.find(KEY).generation());
		assertThat(instance.find(KEY).requireTokens().refreshToken()).isEqualTo(grant.refreshToken());

		gate.release();
		Await.until("the refresh", BOUND, () -> !raw().leased());

		assertThat(token(obtain(other))).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenOneCallerTimesOutStillServesTheOthers() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> patient = obtain(instance);
		gate.awaitHeld(1);
		RefreshPolicy hurried = EngineInstance.policy(Duration.ofSeconds(5), Duration.ofMillis(50),
				Duration.ofSeconds(5), Duration.ZERO);

		unavailable(instance.refresher.obtain(demand(hurried)), "timeout");
		gate.release();

		assertThat(token(patient)).isNotEmpty();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenFirstCallersAreGoneServesTheOthers() throws Exception {
		EngineInstance instance = instance();
		login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> cancelled = obtain(instance);
		gate.awaitHeld(1);
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		Thread blocked = new Thread(() -> {
			try {
				obtain(instance).get();
				interrupted.complete(false);
			}
			catch (Exception ex) {
				interrupted.complete(ex instanceof InterruptedException);
			}
		});
		blocked.start();
		Disposable disposed = Mono.fromCompletionStage(() -> obtain(instance)).subscribe();
		List<CompletableFuture<TokenRecord>> others = obtain(instance, 97);

		cancelled.cancel(true);
		blocked.interrupt();
		disposed.dispose();

		assertThat(EngineInstance.get(interrupted)).isTrue();
		gate.release();
		assertThat(others.stream().map(EngineFixture::token).distinct()).hasSize(1);
		assertThat(cancelled).isCancelled();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(raw().leased()).isFalse();
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenEveryCallerIsGoneStillStoresTheResult() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> only = obtain(instance);
		gate.awaitHeld(1);

		only.cancel(true);
		gate.release();

		Await.until("the result", BOUND, () -> !raw().leased());
		assertThat(token(obtain(instance))).isNotEqualTo(grant.accessToken());
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void obtainWhenMoreRecordsThanSlotsSendsAsManyAtOnceAsThereAreSlots() {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(3));
		Gate gate = this.server.hold();

		List<CompletionStage<TokenRecord>> calls = IntStream.range(0, 8)
			.mapToObj((i) -> instance.refresher
				.obtain(instance.demand(EngineInstance.issuedKey("scope" + i), this.server)))
			.toList();
		Await.until("the queue", BOUND, () -> instance.queued() == 6);
		gate.awaitHeld(2);

		assertThat(gate.held()).isEqualTo(2);
		gate.release();
		assertThat(calls).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
		assertThat(this.server.tokenRequests()).isEqualTo(8);
	}

	@Test
	void obtainWhenItsFlightEndedInTheQueueAcquiresOnlyForTheNextOne() {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(1));
		RefreshPolicy hurried = EngineInstance.policy(Duration.ofMillis(100), Duration.ofMillis(100),
				Duration.ofSeconds(5), Duration.ZERO);
		login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletionStage<TokenRecord> first = instance.refresher
			.obtain(instance.demand(EngineInstance.issuedKey("read"), this.server));
		gate.awaitHeld(1);
		unavailable(instance.refresher.obtain(demand(hurried)), "timeout");
		Await.until("the end of the flight", BOUND, () -> instance.timers().size() <= 3);

		CompletableFuture<TokenRecord> second = obtain(instance);
		Await.until("the next flight", BOUND, () -> instance.queued() == 2);
		gate.release();

		assertThat(token(first)).isNotEmpty();
		assertThat(token(second)).isNotEmpty();
		assertThat(instance.faults.answered("acquire")).as("one for each record").isEqualTo(2);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

}
