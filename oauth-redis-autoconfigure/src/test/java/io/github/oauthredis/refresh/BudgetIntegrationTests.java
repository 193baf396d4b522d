package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Engines that share a budget of token requests.
 */
class BudgetIntegrationTests extends EngineFixture {

	// Brings nothing back while a test runs.
	private static final double HARDLY_ANY = 0.001;

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final MutableClock clock = new MutableClock(Clock.systemUTC().instant());

	private final List<FaultyStore> stores = new ArrayList<>();

	private int records;

	private EngineInstance budgeted(double perSecond, int burst) {
		EngineInstance instance = instance(new EngineInstance.Options().clock(this.clock).budget(perSecond, burst));
		this.stores.add(instance.faults);
		return instance;
	}

	private CompletionStage<TokenRecord> obtainAnother(EngineInstance instance) {
		TokenKey key = EngineInstance.issuedKey("scope" + this.records++);
		return instance.refresher.obtain(instance.demand(key, this.server, PATIENT));
	}

	private List<TokenKey> loginNearEnd(EngineInstance instance, int count) {
		return IntStream.range(0, count).mapToObj((i) -> {
			TokenKey key = EngineInstance.grantKey("user" + i);
			instance.login(key, this.server.issueGrant("client", "read"), HOUR, NEAR_END, true);
			return key;
		}).toList();
	}

	private int asked() {
		return answered("admit");
	}

	private int answered(String operation) {
		return this.stores.stream().mapToInt((store) -> store.answered(operation)).sum();
	}

	private CompletableFuture<TokenRecord> obtainShared(EngineInstance instance) {
		TokenKey key = EngineInstance.issuedKey("shared");
		return instance.refresher.obtain(instance.demand(key, this.server, PATIENT)).toCompletableFuture();
	}

	@Test
	void obtainWhenBudgetIsUsedUpRefusesOnEveryInstance() {
		EngineInstance first = budgeted(HARDLY_ANY, 10);
		EngineInstance second = budgeted(HARDLY_ANY, 10);

		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, 30)
			.mapToObj((i) -> obtainAnother((i % 2 != 0) ? first : second).toCompletableFuture())
			.toList();

		int served = 0;
		for (CompletableFuture<TokenRecord> call : calls) {
			try {
				EngineInstance.get(call);
				served++;
			}
			catch (CompletionException ex) {
				TokenUnavailableException failure = unavailable(call, "budget");
				assertThat(failure.isRetryable()).isTrue();
				assertThat(failure.getRetryAt()).isNotNull();
			}
		}
		assertThat(served).isEqualTo(10);
		assertThat(this.server.tokenRequests()).isEqualTo(10);
	}

	@Test
	void obtainWhenItsTurnComesInTimeWaits() {
		EngineInstance first = budgeted(20, 1);
		EngineInstance second = budgeted(20, 1);

		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, 10)
			.mapToObj((i) -> obtainAnother((i % 2 != 0) ? first : second).toCompletableFuture())
			.toList();

		assertThat(calls).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
		assertThat(asked()).as("some had to ask again").isGreaterThan(10);
	}

	@Test
	void obtainWhenInstancesContendForOneRecordTakesWhatIsSent() {
		List<EngineInstance> instances = IntStream.range(0, 4).mapToObj((i) -> budgeted(HARDLY_ANY, 4)).toList();
		List<CompletableFuture<@Nullable Void>> holds = this.stores.stream()
			.map((store) -> store.hold("acquire"))
			.toList();
		List<CompletableFuture<TokenRecord>> calls = instances.stream().map(this::obtainShared).toList();
		Await.until("all to be admitted", BOUND, () -> asked() == 4);

		holds.forEach((hold) -> hold.complete(null));

		assertThat(calls.stream().map(EngineFixture::token).distinct()).hasSize(1);
		Await.until("what was not sent", BOUND, () -> answered("giveBack") == 3);
		instances.stream().skip(1).forEach((instance) -> assertThat(token(obtainAnother(instance))).isNotEmpty());
		unavailable(obtainAnother(instances.get(0)), "budget");
		assertThat(this.server.tokenRequests()).isEqualTo(4);
	}

	@Test
	void obtainWhenAnotherInstanceGetsTheTokenDoesNotWaitForTheBudget() {
		EngineInstance instance = budgeted(1.0 / 60, 1);
		token(obtainAnother(instance));
		CompletableFuture<TokenRecord> waiting = obtainShared(instance);
		Await.until("its question", BOUND, () -> asked() == 2);

		String token = token(obtainShared(instance()));

		assertThat(token(waiting)).isEqualTo(token);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void obtainWhenRefusedTakesWhatAnotherInstanceGets(boolean later) {
		EngineInstance instance = budgeted(HARDLY_ANY, 1);
		token(obtainAnother(instance));
		CompletableFuture<@Nullable Void> asks = this.stores.get(0).hold("admit");
		CompletableFuture<TokenRecord> refused = obtainShared(instance);
		Await.until("its flight", BOUND, () -> instance.flights() == 1);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> other = obtainShared(instance());
		gate.awaitHeld(1);
		int read = answered("find");

		if (later) {
			asks.complete(null);
			Await.until("some more readings", BOUND, () -> answered("find") >= read + 3);
			gate.release();
		}
		else {
			gate.release();
			token(other);
			asks.complete(null);
		}

		assertThat(token(refused)).isEqualTo(token(other));
	}

	@Test
	void obtainWhenItsTurnComesTooLateTakesNothing() {
		EngineInstance instance = budgeted(HARDLY_ANY, 10);
		CompletableFuture<@Nullable Void> asks = this.stores.get(0).hold("admit");
		CompletionStage<TokenRecord> first = obtainAnother(instance);
		Await.until("its question", BOUND, () -> asks.getNumberOfDependents() == 1);
		CompletionStage<TokenRecord> late = obtainAnother(instance);
		Await.until("timers of both", BOUND, () -> instance.timers().size() == 4);

		this.clock.advance(PATIENT.callerWait());
		asks.complete(null);

		assertThat(token(first)).isNotEmpty();
		unavailable(late, "timeout");
		assertThat(asked()).isEqualTo(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void obtainWhenOnlyTheBackgroundRenewsLeavesHalfTheBurstToCallers() {
		EngineInstance instance = budgeted(HARDLY_ANY, 4);
		loginNearEnd(instance, 6).forEach((key) -> {
			token(instance.refresher.obtain(instance.demand(key, this.server, PATIENT)));
			instance.awaitIdle();
		});
		assertThat(this.server.tokenRequests()).as("in the background").isEqualTo(3);

		assertThat(token(obtainAnother(instance))).isNotEmpty();
		unavailable(obtainAnother(instance), "budget");
		assertThat(this.server.tokenRequests()).isEqualTo(4);
	}

	@Test
	void obtainWhenNothingIsLeftForTheBackgroundDoesNotAskForEachCall() {
		EngineInstance instance = budgeted(HARDLY_ANY, 1);
		token(obtainAnother(instance));
		login(instance, NEAR_END);
		token(instance.refresher.obtain(demand(PATIENT)));
		instance.awaitIdle();
		int before = asked();

		for (int i = 0; i < 20; i++) {
			token(instance.refresher.obtain(demand(PATIENT)));
			instance.awaitIdle();
		}

		assertThat(asked()).isEqualTo(before);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void obtainWhenACallerAsksForTheBudgetRenewsNothingInTheBackground() {
		EngineInstance instance = budgeted(HARDLY_ANY, 10);
		login(instance, NEAR_END);
		CompletableFuture<@Nullable Void> asks = this.stores.get(0).hold("admit");
		CompletionStage<TokenRecord> caller = obtainAnother(instance);
		Await.until("the caller", BOUND, () -> instance.flights() == 1);

		token(instance.refresher.obtain(demand(PATIENT)));

		Await.until("the end of the renewal", BOUND, () -> instance.flights() == 1);
		asks.complete(null);
		assertThat(token(caller)).isNotEmpty();
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void obtainWhenRedisDoesNotSayWhatIsLeftSends() {
		EngineInstance instance = budgeted(HARDLY_ANY, 1);
		token(obtainAnother(instance));
		this.stores.get(0).loseRequests("admit");

		assertThat(token(obtainAnother(instance))).isNotEmpty();
	}

	@Test
	void obtainWhenThereIsNoBudgetDoesNotAskForOne() {
		EngineInstance instance = instance();

		token(obtainAnother(instance));

		assertThat(instance.faults.answered("admit")).isZero();
		assertThat(instance.faults.answered("probe")).isZero();
		assertThat(instance.faults.answered("holdOff")).isZero();
		assertThat(instance.faults.answered("find")).isEqualTo(1);
		assertThat(instance.faults.answered("acquire")).isEqualTo(1);
		assertThat(instance.faults.answered("commit")).isEqualTo(1);
	}

}
