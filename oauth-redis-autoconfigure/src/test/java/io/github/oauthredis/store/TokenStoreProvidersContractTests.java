package io.github.oauthredis.store;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

/**
 * What every {@link TokenStore} promises about budgets and probes of providers, seen by
 * two instances that share them.
 */
abstract class TokenStoreProvidersContractTests extends StoreFixture {

	static final Duration BOUND = Duration.ofSeconds(20);

	/**
	 * One request in 1,000 seconds, so that nothing comes back during a test.
	 */
	static final double SLOW = 0.001;

	final String provider = "https://" + UUID.randomUUID() + ".example/token";

	final TokenKey key = TokenKey.grant("github", "client", this.provider, "alice");

	/** Another record of the same provider. */
	final TokenKey sibling = TokenKey.grant("gitlab", "client-2", this.provider, "bob");

	final TokenKey stranger = TokenKey.grant("github", "client", this.provider + "/v2", "alice");

	// admit

	@Test
	void admitWhenBurstIsUsedUpRefusesAndTellsWhenToRetry() {
		Budget budget = new Budget(SLOW, 3);

		assertThat(get(store().admit(this.key, budget, false))).isEqualTo(new Admission(true, Duration.ZERO));
		assertThat(get(other().admit(this.sibling, budget, false)).admitted()).isTrue();
		assertThat(get(store().admit(this.key, budget, false)).admitted()).isTrue();
		Admission refused = get(other().admit(this.key, budget, false));

		assertThat(refused.admitted()).isFalse();
		assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(900), Duration.ofSeconds(1000));
	}

	@Test
	void admitWhenRefusedTakesNothing() {
		Budget budget = new Budget(SLOW, 1);
		get(store().admit(this.key, budget, false));
		Duration first = get(store().admit(this.key, budget, false)).retryAfter();

		for (int i = 0; i < 20; i++) {
			get(other().admit(this.key, budget, i % 2 == 0));
		}

		assertThat(get(store().admit(this.key, budget, false)).retryAfter()).isLessThanOrEqualTo(first);
	}

	@Test
	void admitWhenOneWasGivenBackAdmitsOneMore() {
		Budget budget = new Budget(SLOW, 2);
		get(store().admit(this.key, budget, false));
		get(store().admit(this.key, budget, false));

		get(store().giveBack(this.key, budget));

		assertThat(get(other().admit(this.key, budget, false)).admitted()).isTrue();
		assertThat(get(other().admit(this.key, budget, false)).admitted()).isFalse();
	}

	@Test
	void admitWhenMoreWereGivenBackThanTakenAdmitsTheBurst() {
		Budget budget = new Budget(SLOW, 2);
		get(store().giveBack(this.key, budget));
		get(store().admit(this.key, budget, false));

		IntStream.range(0, 5).forEach((i) -> get(store().giveBack(this.key, budget)));

		assertThat(get(other().admit(this.key, budget, false)).admitted()).isTrue();
		assertThat(get(other().admit(this.key, budget, false)).admitted()).isTrue();
		assertThat(get(other().admit(this.key, budget, false)).admitted()).isFalse();
	}

	@Test
	void admitWhenManyAskAtOnceAdmitsTheBurst() {
		Budget budget = new Budget(SLOW, 20);

		List<CompletableFuture<Admission>> answers = IntStream.range(0, 200)
			.mapToObj((i) -> ((i % 2 == 0) ? store() : other()).admit(this.key, budget, false).toCompletableFuture())
			.toList();

		assertThat(answers.stream().filter((answer) -> get(answer).admitted())).hasSize(20);
	}

	@Test
	void admitWhenTimePassesAdmitsAgain() {
		Budget budget = new Budget(20, 1);
		get(store().admit(this.key, budget, false));

		Await.until("the next token", BOUND, () -> get(other().admit(this.key, budget, false)).admitted());
	}

	@Test
	void admitWhenNobodyWaitsLeavesHalfTheBurstToThoseWhoDo() {
		Budget budget = new Budget(SLOW, 10);

		long background = IntStream.range(0, 20)
			.filter((i) -> get(store().admit(this.key, budget, true)).admitted())
			.count();
		long waiting = IntStream.range(0, 20)
			.filter((i) -> get(other().admit(this.key, budget, false)).admitted())
			.count();

		// The sixth finds half of it left.
		assertThat(background).isEqualTo(6);
		assertThat(waiting).isEqualTo(4);
	}

	@Test
	void admitWhenNobodyWaitsAndLessThanHalfIsLeftRefusesUntilHalfIsLeft() {
		Budget budget = new Budget(SLOW, 4);
		for (int i = 0; i < 4; i++) {
			get(store().admit(this.key, budget, false));
		}

		Admission refused = get(store().admit(this.key, budget, true));

		assertThat(refused.admitted()).isFalse();
		assertThat(refused.retryAfter()).isBetween(Duration.ofSeconds(1900), Duration.ofSeconds(2000));
	}

	@Test
	void admitWhenBurstIsOneAdmitsWithAndWithoutAWaiter() {
		assertThat(get(store().admit(this.key, new Budget(SLOW, 1), true)).admitted()).isTrue();
		assertThat(get(store().admit(this.stranger, new Budget(SLOW, 1), false)).admitted()).isTrue();
	}

	@Test
	void admitLeavesOtherProvidersAlone() {
		Budget budget = new Budget(SLOW, 1);
		get(store().admit(this.key, budget, false));

		assertThat(get(store().admit(this.stranger, budget, false)).admitted()).isTrue();
	}

	@Test
	void admitWhenBudgetIsLargerOrSmallerElsewhereStaysWithinItsOwn() {
		Budget large = new Budget(SLOW, 50);
		Budget small = new Budget(SLOW, 2);
		for (int i = 0; i < 40; i++) {
			assertThat(get(store().admit(this.key, large, false)).admitted()).isTrue();
		}

		Admission refused = get(other().admit(this.key, small, false));

		assertThat(refused.admitted()).isFalse();
		assertThat(refused.retryAfter()).isLessThanOrEqualTo(Duration.ofSeconds(1000));
	}

	@Test
	void admitWhenRateIsExtremeAnswers() {
		assertThat(get(store().admit(this.key, new Budget(Double.MIN_VALUE, Integer.MAX_VALUE), false)).admitted())
			.isTrue();
		Admission refused = get(store().admit(this.key, new Budget(Double.MIN_VALUE, Integer.MAX_VALUE), false));
		assertThat(refused.admitted()).isFalse();
		assertThat(refused.retryAfter()).isBetween(Duration.ofHours(23), Duration.ofDays(1));
		for (int i = 0; i < 100; i++) {
			assertThat(
					get(store().admit(this.stranger, new Budget(Double.MAX_VALUE, Integer.MAX_VALUE), true)).admitted())
				.isTrue();
		}
	}

	@Test
	void budgetWhenItAdmitsNothingIsRejected() {
		for (double rate : new double[] { 0, -1, Double.NaN, Double.POSITIVE_INFINITY }) {
			assertThatIllegalArgumentException().isThrownBy(() -> new Budget(rate, 1));
		}
		assertThatIllegalArgumentException().isThrownBy(() -> new Budget(1, 0));
	}

	// probe

	@Test
	void probeWhenManyAskIsGrantedToOne() {
		List<CompletableFuture<Boolean>> answers = IntStream.range(0, 50)
			.mapToObj((i) -> ((i % 2 == 0) ? store() : other()).probe(this.key, "instance-" + i, Duration.ofSeconds(60))
				.toCompletableFuture())
			.toList();

		assertThat(answers.stream().filter(StoreInstance::get)).hasSize(1);
	}

	@Test
	void probeWhenOwnerAsksAgainIsGranted() {
		assertThat(get(store().probe(this.key, "me", Duration.ofSeconds(60)))).isTrue();
		assertThat(get(other().probe(this.sibling, "you", Duration.ofSeconds(60)))).isFalse();
		assertThat(get(store().probe(this.key, "me", Duration.ofSeconds(60)))).isTrue();
	}

	@Test
	void probeWhenOwnerAsksAgainLastsFromThenOn() {
		get(store().probe(this.key, "me", Duration.ofSeconds(60)));
		get(store().probe(this.key, "me", Duration.ofMillis(1)));

		Await.until("the end of the right", BOUND, () -> get(other().probe(this.key, "you", Duration.ofMillis(20))));
		get(other().probe(this.key, "you", Duration.ofSeconds(60)));
		assertThat(Await.holdsWithin(Duration.ofMillis(60),
				() -> get(store().probe(this.key, "me", Duration.ofSeconds(60)))))
			.isFalse();
	}

	@Test
	void probeWhenTimeIsOverGoesToTheNext() {
		get(store().probe(this.key, "me", Duration.ofMillis(20)));

		Await.until("the end of the right", BOUND, () -> get(other().probe(this.key, "you", Duration.ofSeconds(60))));
		assertThat(get(store().probe(this.key, "me", Duration.ofSeconds(60)))).isFalse();
	}

	@Test
	void probeLeavesOtherProvidersAlone() {
		get(store().probe(this.key, "me", Duration.ofSeconds(60)));

		assertThat(get(other().probe(this.stranger, "you", Duration.ofSeconds(60)))).isTrue();
	}

	@Test
	void probeWhenTimeIsNoneOrBeyondMeasureIsGranted() {
		assertThat(get(store().probe(this.key, "me", Duration.ZERO))).isTrue();
		assertThat(get(store().probe(this.stranger, "me", Duration.ofSeconds(Long.MAX_VALUE)))).isTrue();
	}

	static <T> T get(CompletionStage<T> stage) {
		return StoreInstance.get(stage);
	}

}
