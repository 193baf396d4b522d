package io.github.oauthredis.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The contract on a real Redis, and what can only be seen there.
 */
class RedisTokenStoreIntegrationTests extends TokenStoreContractTests {

	// Hazard 42: every key has a time to live, and the right one

	@Test
	void ttlAfterPutFollowsTheGrantAndNotTheAccessToken() {
		put("one", StoreInstance.life(Duration.ofMinutes(1), Duration.ofDays(30)));

		assertTtl(recordName(), Duration.ofDays(30));
	}

	@Test
	void ttlAfterPutFollowsTheAccessTokenWhereItEndsLast() {
		put("one", StoreInstance.life(Duration.ofHours(2), Duration.ofHours(1)));

		assertTtl(recordName(), Duration.ofHours(2));
	}

	@Test
	void ttlAfterCommitFollowsTheNewLife() {
		put("one", StoreInstance.life(Duration.ofHours(2), Duration.ofHours(2)));

		commit(store(), acquire(), "two", StoreInstance.life(Duration.ofMinutes(1), Duration.ofDays(7)));

		assertTtl(recordName(), Duration.ofDays(7));
		assertThat(this.redis.keys("*")).containsExactly(recordName());
	}

	@Test
	void ttlAfterAcquireOutlivesTheLease() {
		put("one", StoreInstance.life(Duration.ofSeconds(10), Duration.ofSeconds(10)));

		acquire();

		assertTtl(recordName(), LEASE);
		assertTtl(leaseName(), LEASE);
	}

	@Test
	void ttlAfterAcquireOnTombstoneKeepsTheTombstone() {
		put("one");
		get(store().tombstone(this.key, find()));

		acquired(store().acquire(this.key, find(), Duration.ofHours(2)));

		assertTtl(recordName(), Duration.ofHours(2));
	}

	@Test
	void ttlAfterReleaseIsThatOfTheRecordAgain() {
		put("one", StoreInstance.life(Duration.ofSeconds(20), Duration.ofSeconds(20)));
		Lease lease = acquire();

		get(store().release(this.key, lease));

		assertTtl(recordName(), Duration.ofSeconds(20));
		assertThat(this.redis.keys("*")).containsExactly(recordName());
	}

	@Test
	void ttlAfterFailOutlivesTheNextAttempt() {
		put("one", StoreInstance.life(Duration.ofSeconds(5), Duration.ofSeconds(5)));

		get(store().fail(this.key, acquire(), failure(Failure.Kind.CLEAR)));

		assertThat(ttl(recordName())).isGreaterThan(Duration.ofSeconds(25)).isLessThan(Duration.ofMinutes(2));
		assertThat(this.redis.keys("*")).containsExactly(recordName());
	}

	@Test
	void ttlAfterFailKeepsTheGrant() {
		put("one");

		get(store().fail(this.key, acquire(), failure(Failure.Kind.FATAL)));

		assertTtl(recordName(), Duration.ofDays(30));
	}

	@Test
	void ttlAfterFailWhenNothingIsStoredIsThatOfTheMemory() {
		get(store().fail(this.key, acquire(), failure(Failure.Kind.CLEAR)));

		assertThat(this.redis.keys("*")).containsExactly(recordName());
		assertThat(this.redis.command("HKEYS", recordName())).isEqualTo(List.of("meta"));
		assertThat(ttl(recordName())).isGreaterThan(Duration.ofSeconds(25)).isLessThan(Duration.ofMinutes(2));
	}

	@Test
	void ttlAfterInvalidateIfWhenLeasedOutlivesTheLease() {
		TokenRecord record = put("one", StoreInstance.life(Duration.ofSeconds(5), Duration.ofSeconds(5)));
		acquire();

		get(other().invalidateIf(this.key, digest(record), Duration.ZERO));

		assertTtl(recordName(), LEASE);
	}

	@Test
	void ttlAfterTombstoneIsAnHourAndNoSecretIsLeft() {
		put("one");

		get(store().tombstone(this.key, find()));

		assertTtl(recordName(), Duration.ofHours(1));
		assertThat(this.redis.command("HKEYS", recordName())).isEqualTo(List.of("meta"));
		assertThat((String) this.redis.command("HGET", recordName(), "meta")).doesNotContain("access");
	}

	@Test
	void failWhenNothingIsStoredCountsOnAfterTheDelay() {
		for (int i = 1; i <= 3; i++) {
			Lease lease = acquireWhenAllowed();

			get(store().fail(this.key, lease, new Failure(Failure.Kind.CLEAR, "http_503", Duration.ofMillis(300))));

			assertThat(find(other()).timing().failures()).isEqualTo(i);
		}
	}

	// Hazard 8: keys stay few and generations rise whatever happens

	@Test
	void commitWhenRecordWasLostMeanwhileIsRefused() {
		put("one");
		Lease lease = acquire();
		this.redis.flushAll();
		awaitTimeAfter(lease.nextGeneration());

		Written late = commit(store(), lease, "late");

		assertThat(late.accepted()).isFalse();
		assertThat(late.record().state()).isEqualTo(State.ABSENT);
		assertThat(late.record().nextGeneration()).isGreaterThan(lease.nextGeneration());
		assertThat(this.redis.keys("*")).isEmpty();
	}

	/**
	 * Where nothing is stored, generations come from the time of Redis alone.
	 */
	private void awaitTimeAfter(long generation) {
		Await.until(Duration.ofSeconds(10), () -> {
			List<?> time = (List<?>) Objects.requireNonNull(this.redis.command("TIME"));
			return Long.parseLong(String.valueOf(time.get(0))) * 1000
					+ Long.parseLong(String.valueOf(time.get(1))) / 1000 > generation;
		});
	}

	@Test
	void putWhenRecordWasLostExceedsEveryEarlierGeneration() {
		long earlier = put("one").generation();
		Lease lease = acquire();
		this.redis.flushAll();
		awaitTimeAfter(earlier);

		long later = put("two").generation();

		assertThat(later).isGreaterThan(earlier).isGreaterThanOrEqualTo(lease.nextGeneration());
		assertThat(commit(store(), lease, "late").accepted()).isFalse();
		assertThat(find(other()).state()).isEqualTo(State.LIVE);
	}

	@ParameterizedTest
	@ValueSource(longs = { 1, 2, 3, 4 })
	void anySequenceKeepsGenerationsRisingAndKeysFewAndMortal(long seed) {
		Random random = new Random(seed);
		List<Lease> leases = new ArrayList<>();
		List<TokenRecord> readings = new ArrayList<>(List.of(find()));
		long highest = 0;
		for (int step = 0; step < 150; step++) {
			step(random, random.nextBoolean() ? store() : other(), leases, readings);

			TokenRecord now = find();
			assertThat(now.generation()).as("step %d", step).isGreaterThanOrEqualTo(highest);
			assertThat(now.nextGeneration()).isGreaterThan(highest);
			highest = now.generation();
			readings.add(now);
			assertThat(this.redis.keys("*")).isSubsetOf(recordName(), leaseName());
			this.redis.keys("*").forEach((name) -> assertThat(pttl(name)).as(name).isNotEqualTo(-1L));
		}
		assertThat(this.first.events).isEmpty();
		assertThat(this.second.events).isEmpty();
	}

	private void step(Random random, TokenStore store, List<Lease> leases, List<TokenRecord> readings) {
		TokenRecord reading = readings.get(readings.size() - 1 - random.nextInt(Math.min(3, readings.size())));
		String name = Integer.toString(random.nextInt(5));
		Failure.Kind kind = List.of(Failure.Kind.FATAL, Failure.Kind.CLEAR, Failure.Kind.AMBIGUOUS)
			.get(random.nextInt(3));
		Duration length = random.nextBoolean() ? SHORT : LEASE;
		Lease lease = leases.isEmpty() ? new Lease("nobody", 0, 1, Instant.now())
				: leases.get(random.nextInt(leases.size()));
		switch (random.nextInt(10)) {
			case 0 -> get(store.put(this.key, reading, StoreInstance.tokens(name), life()));
			case 1 -> get(store.tombstone(this.key, reading));
			case 2 -> get(store.fail(this.key, lease, new Failure(kind, "http_503", Duration.ZERO)));
			case 3 -> get(store.release(this.key, lease));
			case 4 -> get(store.invalidateIf(this.key, StoreInstance.tokens(name).accessTokenDigest(), Duration.ZERO));
			case 5, 6 -> get(store.commit(this.key, lease, StoreInstance.tokens(name), life()));
			default -> {
				if (get(store.acquire(this.key, reading, length)) instanceof Acquisition.Acquired acquired) {
					leases.add(acquired.lease());
				}
			}
		}
	}

	// Scripts

	@Test
	void everyScriptWhenRedisForgotItRunsFromItsText() {
		flushScripts();
		put("one");
		flushScripts();
		Lease lease = acquire();
		flushScripts();
		get(store().release(this.key, lease));
		flushScripts();
		get(store().fail(this.key, acquire(), new Failure(Failure.Kind.CLEAR, "http_503", Duration.ZERO)));
		Lease second = acquireWhenAllowed();
		flushScripts();
		assertThat(commit(store(), second, "two").accepted()).isTrue();
		flushScripts();
		assertThat(get(store().invalidateIf(this.key, digest(find()), Duration.ZERO))).isTrue();
		flushScripts();
		assertThat(get(store().tombstone(this.key, find()))).isTrue();
		flushScripts();
		assertThat(find(other()).state()).isEqualTo(State.ABSENT);
	}

	@Test
	void refreshCostsFourCommands() {
		put("one");
		commit(store(), acquire(), "two");
		this.redis.resetCommandCounts();

		commit(store(), acquire(), "three");

		Map<String, Long> counts = this.redis.commandCounts();
		assertThat(counts.get("evalsha")).isEqualTo(4);
		// The rest was called by the scripts, or asked for the counts.
		assertThat(counts.keySet()).isSubsetOf("evalsha", "config|resetstat", "info", "auth", "time", "get", "set",
				"del", "exists", "hget", "hmget", "hset", "hexists", "hstrlen", "pttl", "pexpireat", "mget", "publish");
	}

	// Names of keys

	@Test
	void namesShareOneHashTagAndHideThePrincipal() {
		TokenKey alice = TokenKey.grant("github", "client", "https://provider/token", "alice.secret@example.org");
		get(store().put(alice, get(store().find(alice)), StoreInstance.tokens("one"), life()));
		acquired(store().acquire(alice, get(store().find(alice)), LEASE));

		List<String> keys = this.redis.keys("*");

		assertThat(keys).containsExactly(this.names.lease(alice), this.names.token(alice));
		assertThat(keys)
			.allSatisfy((name) -> assertThat(name).startsWith("oauth-redis:{github~" + alice.digest() + "}:")
				.doesNotContain("alice")
				.doesNotContain("client"));
		assertThat(hashTag(this.names.aside(alice))).isEqualTo(hashTag(keys.get(0))).isEqualTo(hashTag(keys.get(1)));
	}

	@ParameterizedTest
	@ValueSource(strings = { "{a}", "}{", "{}", "*", "?[a-z]", "~", "a~b", " ", "a b", "ключ", "日本", "\uD83D\uDE00",
			"a:b", "%7B", "a\r\nb", "\u0000", "\\", "" })
	void namesWhenRegistrationIdIsOddWorkAndMeanNothing(String registrationId) {
		TokenKey odd = TokenKey.grant(registrationId, "client", "https://provider/token", "alice");

		Written written = get(store().put(odd, get(store().find(odd)), StoreInstance.tokens("odd"), life()));
		Lease lease = acquired(store().acquire(odd, get(store().find(odd)), LEASE));

		assertThat(written.accepted()).isTrue();
		assertThat(get(other().find(odd)).requireTokens().accessToken()).isEqualTo("access-odd");
		assertThat(lease.baseGeneration()).isEqualTo(written.record().generation());
		List<String> keys = this.redis.keys("*");
		assertThat(keys).hasSize(2)
			.allSatisfy(
					(name) -> assertThat(name).matches("oauth-redis:\\{[A-Za-z0-9._%-]*~[A-Za-z0-9_-]{43}\\}:[a-z]+"));
		assertThat(hashTag(keys.get(0))).isEqualTo(hashTag(keys.get(1)));
	}

	@Test
	void namesWhenRegistrationIdsAreAlikeDiffer() {
		Set<String> distinct = new HashSet<>();
		List<String> ids = List.of("a", "A", "a~", "a~b", "%7B", "{", "a b", "a+b", "%2B", "+");

		ids.forEach((id) -> distinct.add(this.names.token(TokenKey.grant(id, "c", "u", "p"))));

		assertThat(distinct).hasSameSizeAs(ids);
		assertThat(ids.stream().map((id) -> this.names.token(TokenKey.grant(id, "c", "u", "p")).replaceAll("~.*", "")))
			.doesNotHaveDuplicates();
	}

	private static String hashTag(String name) {
		return name.substring(name.indexOf('{') + 1, name.indexOf('}'));
	}

	private void flushScripts() {
		this.redis.command("SCRIPT", "FLUSH");
	}

	private String recordName() {
		return this.names.token(this.key);
	}

	private String leaseName() {
		return this.names.lease(this.key);
	}

	private void assertTtl(String name, Duration expected) {
		assertThat(ttl(name)).isBetween(expected.minusSeconds(10), expected.plusSeconds(1));
	}

}
