package io.github.oauthredis.store;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.RevocationOutbox.Claim;
import io.github.oauthredis.store.RevocationOutbox.Entry;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The outbox on a real Redis, used by several instances, and what somebody with access to
 * Redis can do to it.
 */
class RedisRevocationOutboxIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration MINUTE = Duration.ofMinutes(1);

	private static final String TIMES = "oauth-redis:outbox:{ob}:times";

	private static final String ENTRIES = "oauth-redis:outbox:{ob}:entries";

	private static final Tokens ALICE = StoreInstance.tokens("alice");

	private final RedisServer redis = RedisServer.shared();

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final List<AutoCloseable> connections = new ArrayList<>();

	private final RedisRevocationOutbox outbox = outbox("one", 10);

	private final RedisRevocationOutbox other = outbox("one", 10);

	RedisRevocationOutboxIntegrationTests() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() throws Exception {
		for (AutoCloseable connection : this.connections) {
			connection.close();
		}
	}

	private RedisRevocationOutbox outbox(String ring, int maximumSize) {
		return outbox((registrationId) -> CompletableFuture.completedFuture(StoreInstance.ring(ring)), maximumSize);
	}

	private RedisRevocationOutbox outbox(SealingKeys keys, int maximumSize) {
		LettuceConnectionFactory connections = this.redis.connectionFactory();
		this.connections.add(connections::destroy);
		return new RedisRevocationOutbox(connections, StoreInstance.PREFIX, StoreInstance.PATIENT, keys,
				new RecordCodec(), this.events::add, Clock.systemUTC(), maximumSize);
	}

	private void add(String registrationId, Tokens tokens) {
		assertThat(StoreInstance.get(this.outbox.add(version(registrationId), tokens)).id()).isNotNull();
	}

	private static RecordVersion version(String registrationId) {
		return RecordVersion.of(key(registrationId), 1);
	}

	private static TokenKey key(String registrationId) {
		return TokenKey.grant(registrationId, "client", "https://provider/token", "alice");
	}

	private static @Nullable Entry look(RedisRevocationOutbox outbox) {
		return StoreInstance.get(outbox.claim(MINUTE)).entry();
	}

	private Entry claim(RedisRevocationOutbox outbox) {
		ids().stream()
			.filter((id) -> id.matches(".*~1~(?!ddd).*~.*"))
			.forEach((id) -> this.redis.command("ZADD", TIMES, "LT", "1000", id));
		List<Entry> claimed = new ArrayList<>();
		Await.until("an entry that is due", BOUND, () -> {
			Entry entry = look(outbox);
			if (entry != null) {
				claimed.add(entry);
			}
			return entry != null;
		});
		return claimed.get(0);
	}

	private void makeDue() {
		for (String id : ids()) {
			this.redis.command("ZADD", TIMES, "1", id);
		}
	}

	private List<String> ids() {
		return ((List<?>) Objects.requireNonNull(this.redis.command("HKEYS", ENTRIES))).stream()
			.map(String::valueOf)
			.toList();
	}

	@Test
	void claimWhenOutboxIsFullOfGarbageClearsItPiecemeal() {
		add("github", ALICE);
		for (int i = 0; i < 150; i++) {
			this.redis.command("ZADD", TIMES, "0", "garbage-" + i);
		}

		assertThat(StoreInstance.get(this.outbox.claim(MINUTE)).entry()).isNull();

		assertThat(this.redis.command("ZCARD", TIMES)).isEqualTo(51L);
		assertThat(claim(this.outbox).tokens()).isEqualTo(ALICE);
	}

	// What it is for

	@Test
	void claimReturnsWhatWasAddedToOneInstanceOnly() {
		add("github", ALICE);

		Entry entry = claim(this.other);

		assertThat(entry.registrationId()).isEqualTo("github");
		assertThat(entry.tokens()).isEqualTo(ALICE);
		assertThat(entry.age()).isLessThan(BOUND);
		assertThat(look(this.outbox)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "a~b", "a b", "%41", "{x}*", "ключ", "a+b=c&d", "" })
	void claimReturnsAnyRegistrationId(String registrationId) {
		add(registrationId, ALICE);

		assertThat(claim(this.outbox).registrationId()).isEqualTo(registrationId);
	}

	@Test
	void claimWhenNothingIsDueYetSaysWhenSomethingIs() {
		add("github", ALICE);

		Claim claim = StoreInstance.get(this.outbox.claim(MINUTE));

		assertThat(claim.entry()).as("the removal comes first").isNull();
		assertThat(claim.pause()).isPositive().isLessThanOrEqualTo(StoreInstance.PATIENT.multipliedBy(2));
	}

	@Test
	void claimWhenEmptySaysSo() {
		assertThat(StoreInstance.get(this.outbox.claim(MINUTE))).isEqualTo(new Claim(null, Duration.ofDays(1)));
	}

	@Test
	void claimWhenTheFirstOneDidNotSettleReturnsTheEntryAgain() {
		add("github", ALICE);
		makeDue();
		Entry lost = StoreInstance.get(this.outbox.claim(Duration.ofMillis(1))).entry();

		assertThat(claim(this.other)).extracting(Entry::id, Entry::tokens)
			.containsExactly(Objects.requireNonNull(lost).id(), ALICE);
	}

	@Test
	void settleTakesTheEntryOutForEverybody() {
		add("github", ALICE);
		Entry entry = claim(this.outbox);

		StoreInstance.get(this.outbox.settle(entry, null));
		// Whoever took it before, and was slow.
		StoreInstance.get(this.other.settle(entry, Duration.ZERO));

		assertThat(StoreInstance.get(this.outbox.claim(MINUTE)).entry()).isNull();
		assertThat(this.redis.keys("*outbox*")).isEmpty();
	}

	@Test
	void settleForLaterKeepsTheEntryUntilThen() {
		add("github", ALICE);
		Entry entry = claim(this.outbox);

		StoreInstance.get(this.outbox.settle(entry, Duration.ofDays(300)));

		assertThat(StoreInstance.get(this.other.claim(MINUTE)).pause()).isBetween(Duration.ofHours(23),
				Duration.ofDays(1));
		StoreInstance.get(this.outbox.settle(entry, Duration.ZERO));
		assertThat(claim(this.other).tokens()).isEqualTo(ALICE);
	}

	// What is live protects what is not

	@Test
	void claimAfterALaterLoginSendsNothingAndTells() {
		try (StoreInstance instance = new StoreInstance(this.redis)) {
			TokenRecord removed = removed(instance);
			login(instance, StoreInstance.tokens("alice"));

			assertThat(look(this.outbox)).as("the provider might end the new grant, too").isNull();

			assertThat(ids()).isEmpty();
			assertThat(this.events).singleElement().satisfies(failed("superseded"), (event) -> {
				assertThat(event.keyDigest()).isEqualTo(key("github").digest());
				assertThat(event.principalDigest()).isEqualTo(Digests.sha256("alice"));
			});
			assertThat(removed.generation()).isPositive();
		}
	}

	@Test
	void claimAfterARemovalThatFailedSendsNothingAndTells() {
		try (StoreInstance instance = new StoreInstance(this.redis)) {
			TokenRecord kept = login(instance, ALICE);
			add(kept);
			makeDue();

			assertThat(look(this.outbox)).isNull();

			assertThat(ids()).isEmpty();
			assertThat(this.events).singleElement().satisfies(failed("record_kept"));
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "removed", "revoked", "of another type" })
	void claimWhenNoRecordIsLiveReturnsTheEntry(String how) {
		try (StoreInstance instance = new StoreInstance(this.redis)) {
			if (how.equals("removed")) {
				removed(instance);
			}
			else {
				add(login(instance, ALICE));
				StoreInstance.get(instance.store.mark(new MarkScope.Principal("alice")));
			}
			if (how.equals("of another type")) {
				this.redis.command("SET", new RedisKeys(StoreInstance.PREFIX).token(key("github")), "x");
			}

			assertThat(claim(this.outbox).tokens()).isEqualTo(ALICE);
		}
	}

	@Test
	void claimOfAnIssuedTokenReturnsItThoughANewerOneIsLive() {
		try (StoreInstance instance = new StoreInstance(this.redis)) {
			login(instance, ALICE);
			Tokens issued = new Tokens("access", "Bearer", null, Set.of(), Set.of(), null, Instant.now(), null, null,
					null, null, null, false, Marks.NONE);
			add("github", issued);

			assertThat(claim(this.outbox).tokens()).isEqualTo(issued);
		}
	}

	@Test
	void claimWhenTheRecordIsLockedLeavesTheEntryToOthers() {
		try (StoreInstance instance = new StoreInstance(this.redis.host(), this.redis.port(), StoreInstance.PATIENT,
				StoreInstance.ring("two"))) {
			login(instance, ALICE);
			add("github", ALICE);
			makeDue();

			assertThat(look(this.outbox)).isNull();

			assertThat(ids()).hasSize(1);
			assertThat(this.events).isEmpty();
		}
	}

	@Test
	void releasedEntryIsDueAtOnceAndItsInstanceHearsOfIt() {
		AtomicInteger heard = new AtomicInteger();
		this.outbox.onRelease(heard::incrementAndGet);
		String id = Objects.requireNonNull(StoreInstance.get(this.outbox.add(version("github"), ALICE)).id());
		assertThat(look(this.other)).isNull();

		StoreInstance.get(this.outbox.release(id));

		assertThat(look(this.other)).isNotNull();
		assertThat(heard).hasValue(1);
	}

	private TokenRecord removed(StoreInstance instance) {
		TokenRecord record = login(instance, ALICE);
		add(record);
		assertThat(StoreInstance.get(instance.store.tombstone(key("github"), record))).isTrue();
		makeDue();
		return record;
	}

	private static TokenRecord login(StoreInstance instance, Tokens tokens) {
		TokenKey key = key("github");
		return StoreInstance
			.get(instance.store.put(key, StoreInstance.get(instance.store.find(key)), tokens,
					StoreInstance.life(MINUTE, MINUTE)))
			.record();
	}

	private void add(TokenRecord record) {
		assertThat(StoreInstance.get(this.outbox.add(RecordVersion.of(key("github"), record.generation()), ALICE)).id())
			.isNotNull();
	}

	// Bounds

	@Test
	void addWhenFullRefuses() {
		for (int i = 0; i < 10; i++) {
			add("github", ALICE);
		}

		assertThat(StoreInstance.get(this.outbox.add(version("github"), ALICE)).refusal()).isEqualTo("outbox_full");

		assertThat(ids()).hasSize(10);
	}

	@Test
	void offerLeavesHalfOfTheRoomToOthers() {
		for (int i = 0; i < 5; i++) {
			assertThat(StoreInstance.get(this.outbox.offer(version("github"), ALICE))).isTrue();
		}

		assertThat(StoreInstance.get(this.outbox.offer(version("github"), ALICE))).isFalse();

		add("github", ALICE);
	}

	@Test
	void claimAfterAWeekGivesUp() {
		add("github", ALICE);
		String id = ids().get(0);
		String value = String.valueOf(System.currentTimeMillis() - Duration.ofDays(7).toMillis() - 1000);
		this.redis.command("HSET", ENTRIES, id, value + " anything");
		makeDue();

		assertThat(look(this.outbox)).isNull();

		assertThat(ids()).isEmpty();
		assertThat(this.events).singleElement().satisfies(failed("given_up:too_old"));
	}

	@Test
	void ttlOutlivesTheLastAttempt() {
		add("github", ALICE);
		Entry entry = claim(this.outbox);
		this.redis.command("PEXPIRE", TIMES, "60000");
		this.redis.command("PEXPIRE", ENTRIES, "60000");

		StoreInstance.get(this.outbox.settle(entry, Duration.ofDays(1)));

		for (String key : List.of(TIMES, ENTRIES)) {
			assertThat((Long) this.redis.command("PTTL", key)).isBetween(Duration.ofDays(7).toMillis(),
					Duration.ofDays(8).toMillis());
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { "lost", "of another type" })
	void entriesWithoutTimesDoNotFillTheOutbox(String how) {
		for (int i = 0; i < 10; i++) {
			add("github", ALICE);
		}
		this.redis.command("DEL", TIMES);
		if (how.equals("of another type")) {
			this.redis.command("SET", TIMES, "x");
		}

		add("github", ALICE);

		assertThat(ids()).hasSize(1);
		assertThat(this.events).singleElement().satisfies(failed("given_up:lost"));
	}

	// Keys

	@Test
	void claimWithoutTheKeyLeavesTheEntryToOthers() {
		add("github", ALICE);
		makeDue();

		assertThat(look(outbox("two", 10))).isNull();
		makeDue();
		assertThat(
				look(outbox((registrationId) -> CompletableFuture.failedFuture(new SealingKeyException("none")), 10)))
			.isNull();

		makeDue();
		assertThat(claim(this.outbox).tokens()).isEqualTo(ALICE);
		assertThat(this.events).isEmpty();
	}

	// What somebody with access to Redis can do

	@Test
	void nothingIsReadable() {
		add("github", ALICE);

		assertThat(String.valueOf(this.redis.command("HGETALL", ENTRIES))).doesNotContain("alice", "access-",
				"refresh-");
	}

	@Test
	void sealedRecordIsNoEntry() {
		try (StoreInstance instance = new StoreInstance(this.redis)) {
			TokenKey key = TokenKey.grant("github", "client", "https://provider/token", "alice");
			StoreInstance.get(instance.store.put(key, StoreInstance.get(instance.store.find(key)), ALICE,
					StoreInstance.life(MINUTE, MINUTE)));
			add("github", StoreInstance.tokens("bob"));

			this.redis.command("EVAL",
					"redis.call('HSET', KEYS[1], ARGV[1], '1 ' .. redis.call('HGET', KEYS[2], 'sealed'))", "2", ENTRIES,
					new RedisKeys(StoreInstance.PREFIX).token(key), ids().get(0));
			makeAge(1);
			makeDue();

			assertThat(look(this.outbox)).as("alice's tokens must not be revoked").isNull();
			assertThat(this.events).singleElement().satisfies(failed("given_up:unreadable"));
		}
	}

	@Test
	void entryUnderTheNameOfAnotherRegistrationIsNoEntry() {
		add("github", ALICE);
		String id = ids().get(0);
		this.redis.command("EVAL", "redis.call('HSET', KEYS[1], ARGV[2], redis.call('HGET', KEYS[1], ARGV[1])) "
				+ "redis.call('HDEL', KEYS[1], ARGV[1])", "1", ENTRIES, id, id.replace("github", "google"));
		makeDue();

		assertThat(look(this.outbox)).isNull();
		assertThat(this.events).singleElement().satisfies(failed("given_up:unreadable"));
	}

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "RPUSH %s x", "SADD %s x" })
	void keysOfAnotherTypeGiveWay(String command) {
		for (String key : List.of(TIMES, ENTRIES)) {
			this.redis.command(command.formatted(key).split(" "));
		}
		assertThat(look(this.outbox)).isNull();
		for (String key : List.of(TIMES, ENTRIES)) {
			this.redis.command(command.formatted(key).split(" "));
		}

		add("github", ALICE);

		assertThat(claim(this.outbox).tokens()).isEqualTo(ALICE);
	}

	@Test
	void garbageIsPassedOver() {
		this.redis.command("ZADD", TIMES, "1", "orphan", "2", "no-number", "3", "%zz~%zz", "99e200", "never");
		this.redis.command("HSET", ENTRIES, "no-number", "x y", "%zz~%zz", "1 x", "never", "1 x");
		add("github", ALICE);

		assertThat(claim(this.outbox).tokens()).isEqualTo(ALICE);
	}

	@Test
	void idThatIsMadeUpForgesNoLine() {
		for (String id : List.of(made("%0D%0AWARN%20forged"), made("a".repeat(300)))) {
			this.redis.command("ZADD", TIMES, "1", id);
			this.redis.command("HSET", ENTRIES, id, "1 x");
		}

		try (CapturedLogs logs = CapturedLogs.start()) {
			add("github", ALICE);
			claim(this.outbox);

			assertThat(logs.text()
				.lines()
				.filter((line) -> line.contains("io.github.oauthredis") && line.contains("not told"))).isNotEmpty()
				.allMatch((line) -> line.endsWith("'null'"));
		}
		assertThat(this.events).hasSize(2).allMatch((event) -> event.registrationId() == null);
	}

	private static String made(String registrationId) {
		return "x~1~" + "d".repeat(43) + "~" + registrationId;
	}

	private void makeAge(long millis) {
		String id = ids().get(0);
		this.redis.command("EVAL",
				"local value = redis.call('HGET', KEYS[1], ARGV[1]) redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. string.match(value, ' .*$'))",
				"1", ENTRIES, id, String.valueOf(System.currentTimeMillis() - millis));
	}

	private static Consumer<TokenEvent> failed(String detail) {
		return (event) -> assertThat(Map.of("type", event.type(), "detail", String.valueOf(event.detail())))
			.isEqualTo(Map.of("type", TokenEvent.Type.REVOCATION_FAILED, "detail", detail));
	}

}
