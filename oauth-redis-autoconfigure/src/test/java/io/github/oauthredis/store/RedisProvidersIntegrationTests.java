package io.github.oauthredis.store;

import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.Await;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Budgets and probes on a real Redis, and what can only be seen there.
 */
class RedisProvidersIntegrationTests extends TokenStoreProvidersContractTests {

	// Hazard 42: every key has a time to live, and the right one

	@Test
	void ttlOfABudgetIsTheTimeUntilItIsWhole() {
		for (int i = 0; i < 3; i++) {
			get(store().admit(this.key, new Budget(SLOW, 10), false));
		}

		assertThat(ttl(this.names.budget(this.key))).isBetween(Duration.ofSeconds(2900), Duration.ofSeconds(3000));
	}

	@Test
	void ttlOfABudgetThatWasGivenBackStays() {
		get(store().admit(this.key, new Budget(SLOW, 10), false));
		get(store().giveBack(this.key, new Budget(SLOW, 10)));
		get(store().giveBack(this.stranger, new Budget(SLOW, 10)));

		assertThat(ttl(this.names.budget(this.key))).isBetween(Duration.ofSeconds(900), Duration.ofSeconds(1000));
		assertThat(this.redis.command("EXISTS", this.names.budget(this.stranger))).isEqualTo(0L);
	}

	@Test
	void ttlOfABudgetIsAtMostADay() {
		for (int i = 0; i < 30; i++) {
			get(store().admit(this.key, new Budget(1.0 / 3600, 100), false));
		}

		assertThat(ttl(this.names.budget(this.key))).isBetween(Duration.ofHours(23), Duration.ofHours(24));
	}

	@Test
	void ttlOfAProbeIsItsTime() {
		get(store().probe(this.key, "me", Duration.ofSeconds(60)));
		get(store().probe(this.stranger, "me", Duration.ofDays(365_000)));

		assertThat(ttl(this.names.probe(this.key))).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
		assertThat(ttl(this.names.probe(this.stranger))).isBetween(Duration.ofHours(23), Duration.ofHours(24));
	}

	// What somebody with access to Redis can do

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "SET %s -5", "SET %s 1e300", "SET %s 99999999999999999", "HSET %s a b",
			"RPUSH %s x" })
	void garbageForABudgetIsAWholeOneAndGivesWay(String command) {
		this.redis.command(command.formatted(this.names.budget(this.key)).split(" "));

		assertThat(get(store().admit(this.key, new Budget(SLOW, 1), false)).admitted()).isTrue();
		assertThat(get(store().admit(this.key, new Budget(SLOW, 1), false)).admitted()).isFalse();
		assertThat(ttl(this.names.budget(this.key))).isPositive();
	}

	@Test
	void budgetThatIsSpentForEverRunsDownAllTheSame() {
		this.redis.command("SET", this.names.budget(this.key), "9999999999999999");
		Budget budget = new Budget(20, 2);

		assertThat(get(store().admit(this.key, budget, false)).admitted()).isFalse();

		Await.until("a whole budget", BOUND, () -> get(other().admit(this.key, budget, false)).admitted());
		assertThat(this.redis.command("PTTL", this.names.budget(this.key))).isNotEqualTo(-1L);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "HSET %s a b", "SET %s x PX 999999999999" })
	void probeWithoutEndGivesWay(String command) {
		this.redis.command(command.formatted(this.names.probe(this.key)).split(" "));

		assertThat(get(store().probe(this.key, "me", Duration.ofSeconds(60)))).isTrue();
		assertThat(get(other().probe(this.key, "you", Duration.ofSeconds(60)))).isFalse();
		assertThat(ttl(this.names.probe(this.key))).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60));
	}

}
