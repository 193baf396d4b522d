package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Hazard 24: what somebody with raw access to Redis can and cannot do.
 */
class RecordAttackIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration LEASE = Duration.ofSeconds(60);

	private static final String PLAINTEXT = "{\"a\":\"forged-token\",\"i\":1,\"p\":\"mallory\"}";

	private static final int META_WORDS = 13;

	private final RedisServer redis = RedisServer.shared();

	private final StoreInstance instance = new StoreInstance(this.redis.host(), this.redis.port());

	private final StoreInstance peer = new StoreInstance(this.redis.host(), this.redis.port());

	private final StoreInstance stranger = new StoreInstance(this.redis.host(), this.redis.port(),
			StoreInstance.PATIENT, StoreInstance.ring("two"));

	private final RedisKeys names = new RedisKeys(StoreInstance.PREFIX);

	private final TokenKey alice = key("alice");

	private CapturedLogs logs;

	@BeforeEach
	void start() {
		this.redis.flushAll();
		this.logs = CapturedLogs.start();
	}

	@AfterEach
	void close() {
		this.logs.close();
		this.instance.close();
		this.peer.close();
		this.stranger.close();
	}

	// Content that does not open

	@ParameterizedTest
	@ValueSource(strings = { PLAINTEXT, "\u0000" + PLAINTEXT, "[]", "\u00ff" })
	void plaintextIsSetAsideAndNeverParsed(String content) {
		put(this.alice, "one");
		byte[] forged = content.getBytes(StandardCharsets.ISO_8859_1);
		setSealed(this.alice, forged);

		TokenRecord found = find(this.instance, this.alice);

		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertSetAside(this.alice, forged);
		assertThat(ownLogs()).doesNotContain("forged-token").doesNotContain("mallory");
	}

	@Test
	void swappedBlobsOfTwoUsersAreSetAside() {
		TokenKey bob = key("bob");
		put(this.alice, "alice");
		put(bob, "bob");
		byte[] ofAlice = dump(this.alice);
		restore(this.alice, dump(bob));
		restore(bob, ofAlice);

		assertThat(find(this.instance, this.alice).state()).isEqualTo(State.ABSENT);
		assertThat(find(this.instance, bob).state()).isEqualTo(State.ABSENT);
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SET_ASIDE, TokenEvent.Type.SET_ASIDE);
		assertNoSecretIsLogged();
	}

	@Test
	void olderBlobUnderNewerGenerationIsSetAside() {
		put(this.alice, "one");
		byte[] older = sealed(this.alice);
		put(this.alice, "two");
		setSealed(this.alice, older);

		assertThat(find(this.instance, this.alice).state()).isEqualTo(State.ABSENT);
		assertSetAside(this.alice, older);
		assertNoSecretIsLogged();
	}

	@Test
	void truncatedBlobsAreSetAside() {
		put(this.alice, "one");
		int whole = sealed(this.alice).length;
		for (int length : new int[] { 1, 2, 5, 20, whole / 2, whole - 1 }) {
			put(this.alice, "one");
			setSealed(this.alice, Arrays.copyOf(sealed(this.alice), length));

			assertThat(find(this.instance, this.alice).state()).as("%d bytes", length).isEqualTo(State.ABSENT);
		}
		assertThat(this.instance.events).hasSize(6);
		assertNoSecretIsLogged();
	}

	@Test
	void emptyBlobIsNothing() {
		put(this.alice, "one");
		setSealed(this.alice, new byte[0]);
		setWord(this.alice, 2, "dead");

		assertThat(find(this.instance, this.alice).state()).isEqualTo(State.ABSENT);
		assertWritable(this.alice);
	}

	@Test
	void flippedBitsAreNeverOpened() {
		put(this.alice, "one");
		byte[] original = sealed(this.alice);
		byte[] record = dump(this.alice);
		IntStream positions = IntStream.concat(IntStream.range(0, 8),
				IntStream.iterate(8, (i) -> i < original.length, (i) -> i + 13));

		positions.forEach((position) -> {
			restore(this.alice, record);
			byte[] flipped = original.clone();
			flipped[position] ^= (byte) (1 << (position % 8));
			setSealed(this.alice, flipped);

			TokenRecord found = find(this.instance, this.alice);

			assertThat(found.state()).as("position %d", position).isIn(State.ABSENT, State.LOCKED);
			assertThat(found.tokens()).isNull();
		});
		assertNoSecretIsLogged();
	}

	@Test
	void setAsideReportsOnceHoweverManyReadIt() {
		put(this.alice, "one");
		setSealed(this.alice, PLAINTEXT.getBytes(StandardCharsets.UTF_8));

		List<CompletableFuture<TokenRecord>> readings = IntStream.range(0, 40)
			.mapToObj((i) -> ((i % 2 == 0) ? this.instance : this.peer).store.find(this.alice).toCompletableFuture())
			.toList();

		assertThat(readings).allMatch((reading) -> StoreInstance.get(reading).state() == State.ABSENT);
		assertThat(this.instance.events.size() + this.peer.events.size()).isOne();
		assertThat(warnings("set aside")).isOne();
	}

	@Test
	void setAsideWhenWrittenMeanwhileLeavesTheNewRecord() {
		put(this.alice, "one");
		setSealed(this.alice, PLAINTEXT.getBytes(StandardCharsets.UTF_8));
		TokenRecord absent = find(this.instance, this.alice);

		Written written = get(this.instance.store.put(this.alice, absent, StoreInstance.tokens("two"), life()));

		assertThat(written.accepted()).isTrue();
		assertThat(find(this.peer, this.alice).requireTokens().accessToken()).isEqualTo("access-two");
		assertThat(this.peer.events).isEmpty();
	}

	@Test
	void everyOperationMeetingABrokenRecordSetsItAside() {
		TokenRecord read = put(this.alice, "one");
		Lease lease = acquired(this.instance, this.alice, read);
		setSealed(this.alice, PLAINTEXT.getBytes(StandardCharsets.UTF_8));

		Acquisition changed = get(this.instance.store.acquire(this.alice, read, LEASE));
		Written late = commit(this.instance, this.alice, lease, "late");

		assertThat(changed).isInstanceOfSatisfying(Acquisition.Changed.class,
				(other) -> assertThat(other.current().state()).isEqualTo(State.ABSENT));
		assertThat(late.accepted()).isFalse();
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SET_ASIDE);
	}

	// Older copies of whole records

	@Test
	void olderRecordPutBackIsRefusedByEveryInstanceThatSawTheNewerAndWarnedOfOnce() {
		put(this.alice, "one");
		byte[] older = dump(this.alice);
		put(this.alice, "two");
		find(this.peer, this.alice);
		restore(this.alice, older);

		for (int i = 0; i < 5; i++) {
			assertThat(find(this.instance, this.alice))
				.satisfies((found) -> assertThat(found.state()).isEqualTo(State.DEAD))
				.satisfies((found) -> assertThat(found.detail()).isEqualTo("stale"));
			assertThat(find(this.peer, this.alice).state()).isEqualTo(State.DEAD);
		}
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.STALE);
		assertThat(this.peer.eventTypes()).containsExactly(TokenEvent.Type.STALE);
		assertThat(warnings("older record")).isOne();
		assertNoSecretIsLogged();
	}

	@Test
	void olderRecordsPutBackInTurnsAreWarnedOfOnceEach() {
		TokenKey bob = key("bob");
		for (TokenKey key : List.of(this.alice, bob)) {
			put(key, "one");
			byte[] older = dump(key);
			put(key, "two");
			restore(key, older);
		}

		for (int i = 0; i < 4; i++) {
			find(this.instance, this.alice);
			find(this.instance, bob);
		}

		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.STALE, TokenEvent.Type.STALE);
	}

	@Test
	void olderRecordPutBackGivesWayToANewLogin() {
		put(this.alice, "one");
		byte[] older = dump(this.alice);
		put(this.alice, "two");
		restore(this.alice, older);

		Written login = get(this.instance.store.put(this.alice, find(this.instance, this.alice),
				StoreInstance.tokens("login"), life()));

		assertThat(login.accepted()).isTrue();
		assertThat(login.record().state()).isEqualTo(State.LIVE);
	}

	@Test
	void removedRecordPutBackIsRefusedByTheInstanceThatRemovedIt() {
		TokenRecord record = put(this.alice, "one");
		byte[] removed = dump(this.alice);
		get(this.instance.store.tombstone(this.alice, record));
		restore(this.alice, removed);

		assertThat(find(this.instance, this.alice).state()).isEqualTo(State.DEAD);
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.STALE);
	}

	@Test
	void answerOvertakenByANewerOneIsNotStale() {
		CompletableFuture<KeyRing> derived = new CompletableFuture<>();
		try (StoreInstance starting = new StoreInstance(this.redis.host(), this.redis.port(), StoreInstance.PATIENT,
				(registrationId) -> derived)) {
			put(this.alice, "one");
			CompletableFuture<TokenRecord> first = findAnswered(starting);
			put(this.alice, "two");
			CompletableFuture<TokenRecord> second = findAnswered(starting);

			derived.complete(StoreInstance.ring("one"));

			assertThat(get(second).requireTokens().accessToken()).isEqualTo("access-two");
			assertThat(get(first).state()).isEqualTo(State.LIVE);
			assertThat(starting.events).isEmpty();
		}
	}

	private CompletableFuture<TokenRecord> findAnswered(StoreInstance starting) {
		this.redis.resetCommandCounts();
		CompletableFuture<TokenRecord> found = starting.store.find(this.alice).toCompletableFuture();
		Await.until("the script", BOUND, () -> this.redis.commandCounts().containsKey("evalsha"));
		return found;
	}

	// Meta that nobody of ours wrote

	static List<String> garbage() {
		return List.of("", "-", "x", "1", "-1 - ok", "0x10", "1e300", "nan", "inf", "9".repeat(400), "99999999999999",
				"1000000000000000", "1.5", "\u0000", "\u2003", "ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok ok",
				"a ".repeat(50_000));
	}

	@ParameterizedTest
	@MethodSource("garbage")
	void garbageForMetaIsSetAside(String meta) {
		put(this.alice, "one");
		byte[] sealed = sealed(this.alice);
		setMeta(this.alice, meta);

		TokenRecord found = find(this.instance, this.alice);

		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertSetAside(this.alice, sealed);
		assertWritable(this.alice);
	}

	@ParameterizedTest
	@MethodSource("garbage")
	void garbageForMetaAloneIsNothing(String meta) {
		this.redis.command("HSET", this.names.token(this.alice), "meta", meta);

		TokenRecord found = find(this.instance, this.alice);

		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertThat(found.nextGeneration()).isGreaterThan(found.generation());
		assertWritable(this.alice);
	}

	@Test
	void garbageForOneWordNeitherOpensNorBlocksTheRecord() {
		for (int word = 1; word < META_WORDS; word++) {
			for (String garbage : List.of("x", "-5", "0x7", "1e3", "2.5", "nan", "99999999999", "999999999999999",
					"9".repeat(30), "\u0001")) {
				this.redis.flushAll();
				TokenRecord record = put(this.alice, "one");
				setWord(this.alice, word, garbage);

				TokenRecord found = find(this.instance, this.alice);

				assertThat(found.generation()).isEqualTo(record.generation());
				assertThat(found.tokens()).as("word %d '%s'", word, garbage).isEqualTo(record.tokens());
				Acquisition acquisition = get(this.instance.store.acquire(this.alice, found, LEASE));
				assertThat(acquisition).as("word %d '%s'", word, garbage).isInstanceOf(Acquisition.Acquired.class);
				assertThat(commit(this.instance, this.alice, ((Acquisition.Acquired) acquisition).lease(), "two")
					.accepted()).isTrue();
			}
		}
		assertThat(this.instance.events).isEmpty();
	}

	@Test
	void extraBlanksInMetaChangeNothing() {
		TokenRecord record = put(this.alice, "one");
		setMeta(this.alice, " \t" + meta(this.alice).replace(" ", " \n ") + " ");

		TokenRecord found = find(this.instance, this.alice);

		assertThat(found.tokens()).isEqualTo(record.tokens());
		assertThat(get(this.instance.store.acquire(this.alice, found, LEASE))).isInstanceOf(Acquisition.Acquired.class);
	}

	@Test
	void deathWithoutContentIsNothing() {
		this.redis.command("HSET", this.names.token(this.alice), "meta", "5 - dead 0 0 0 0 0 0 0 0 - invalid_grant");

		assertWritable(this.alice);
	}

	@Test
	void causeFromOutsideIsNotRepeated() {
		put(this.alice, "one");
		setWord(this.alice, 12, "\u001b[31mforged-cause\u0007<script>" + "x".repeat(10_000));

		assertThat(find(this.instance, this.alice).detail()).hasSizeLessThanOrEqualTo(64).matches("[A-Za-z0-9_.-]+");
	}

	@Test
	void writtenInTheFutureIsRefusableAllTheSame() {
		TokenRecord record = put(this.alice, "one");
		setWord(this.alice, 4, Long.toString(Instant.now().plus(Duration.ofHours(1)).toEpochMilli()));

		boolean marked = get(this.instance.store.invalidateIf(this.alice, record.requireTokens().accessTokenDigest(),
				Duration.ofSeconds(5)));

		assertThat(marked).isTrue();
	}

	// Keys of another type, and leases without end

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "RPUSH %s x", "SADD %s x", "ZADD %s 1 x", "XADD %s * a b" })
	void recordOfAnotherTypeIsSetAside(String command) {
		String name = this.names.token(this.alice);
		this.redis.command(command.formatted(name).split(" "));

		TokenRecord found = find(this.instance, this.alice);

		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SET_ASIDE);
		assertThat(this.redis.keys("*")).containsExactly(this.names.aside(this.alice));
		assertThat(ttl(this.names.aside(this.alice))).isBetween(Duration.ofHours(23), Duration.ofHours(24));
		assertWritable(this.alice);
	}

	@Test
	void everyOperationSurvivesARecordOfAnotherType() {
		TokenRecord read = put(this.alice, "one");
		Lease lease = new Lease("me", read.generation(), read.generation() + 1, Instant.now());
		List<Runnable> operations = List.of(() -> get(this.instance.store.acquire(this.alice, read, LEASE)),
				() -> commit(this.instance, this.alice, lease, "two"),
				() -> get(this.instance.store.put(this.alice, read, StoreInstance.tokens("two"), life())),
				() -> get(this.instance.store.fail(this.alice, lease,
						new Failure(Failure.Kind.FATAL, "x", Duration.ZERO))),
				() -> get(this.instance.store.invalidateIf(this.alice, "x", Duration.ZERO)),
				() -> get(this.instance.store.release(this.alice, lease)),
				() -> get(this.instance.store.tombstone(this.alice, read)));

		operations.forEach((operation) -> {
			this.redis.flushAll();
			this.redis.command("SET", this.names.token(this.alice), "x");
			this.redis.command("SET", this.names.lease(this.alice), "me");

			operation.run();

			assertThat(this.redis.command("TYPE", this.names.token(this.alice))).isEqualTo("none");
		});
	}

	@ParameterizedTest
	@ValueSource(strings = { "HSET %s a b", "RPUSH %s x" })
	void leaseOfAnotherTypeIsRemoved(String command) {
		put(this.alice, "one");
		this.redis.command(command.formatted(this.names.lease(this.alice)).split(" "));

		assertWritable(this.alice);
	}

	@Test
	void leaseWithoutEndIsRemoved() {
		put(this.alice, "one");
		this.redis.command("SET", this.names.lease(this.alice), "for ever");

		assertWritable(this.alice);
	}

	// Keys that an instance does not know

	@Test
	void recordSealedWithAnUnknownKeyIsLockedAndLeftAlone() {
		TokenRecord record = put(this.alice, "one");
		byte[] before = dump(this.alice);

		TokenRecord locked = find(this.stranger, this.alice);
		Acquisition acquisition = get(this.stranger.store.acquire(this.alice, locked, LEASE));
		Written put = get(this.stranger.store.put(this.alice, locked, StoreInstance.tokens("two"), life()));
		boolean removed = get(this.stranger.store.tombstone(this.alice, locked));
		boolean marked = get(this.stranger.store.invalidateIf(this.alice, record.requireTokens().accessTokenDigest(),
				Duration.ZERO));

		assertThat(locked.state()).isEqualTo(State.LOCKED);
		assertThat(locked.detail()).isEqualTo("one");
		assertThat(locked.tokens()).isNull();
		assertThat(acquisition).isInstanceOfSatisfying(Acquisition.Changed.class,
				(changed) -> assertThat(changed.current().state()).isEqualTo(State.LOCKED));
		assertThat(put.accepted()).isFalse();
		assertThat(put.record().state()).isEqualTo(State.LOCKED);
		assertThat(removed).isFalse();
		assertThat(marked).isFalse();
		assertThat(dump(this.alice)).isEqualTo(before);
		assertThat(this.redis.keys("*")).containsExactly(this.names.token(this.alice));
		assertThat(this.stranger.events)
			.containsExactly(TokenEvent.of(TokenEvent.Type.LOCKED, this.alice, record.generation(), "one"));
		assertThat(find(this.instance, this.alice).tokens()).isEqualTo(record.tokens());
	}

	@Test
	void recordSealedWithAnOlderKeyOfTheRingCanBeMarked() {
		TokenRecord record = put(this.alice, "one");
		KeyRing both = KeyRing.of(Objects.requireNonNull(StoreInstance.ring("two").sealing()),
				Objects.requireNonNull(StoreInstance.ring("one").sealing()));
		try (StoreInstance rotated = new StoreInstance(this.redis.host(), this.redis.port(), StoreInstance.PATIENT,
				both)) {
			assertThat(find(rotated, this.alice).tokens()).isEqualTo(record.tokens());
			assertThat(get(
					rotated.store.invalidateIf(this.alice, record.requireTokens().accessTokenDigest(), Duration.ZERO)))
				.isTrue();
			assertThat(commit(rotated, this.alice, acquired(rotated, this.alice, find(rotated, this.alice)), "two")
				.accepted()).isTrue();
		}
		assertThat(find(this.instance, this.alice).state()).isEqualTo(State.LOCKED);
		assertThat(find(this.instance, this.alice).detail()).isEqualTo("two");
	}

	@Test
	void unsealedRecordIsReadOnlyWhereSealingIsOff() {
		try (StoreInstance open = new StoreInstance(this.redis.host(), this.redis.port(), StoreInstance.PATIENT,
				KeyRing.unsealed())) {
			TokenRecord record = get(
					open.store.put(this.alice, find(open, this.alice), StoreInstance.tokens("one"), life()))
				.record();

			assertThat(find(open, this.alice).tokens()).isEqualTo(record.tokens());
			assertThat(
					get(open.store.invalidateIf(this.alice, record.requireTokens().accessTokenDigest(), Duration.ZERO)))
				.isTrue();
			assertThat(find(this.instance, this.alice).state()).isEqualTo(State.ABSENT);
			assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SET_ASIDE);
		}
	}

	@Test
	void acquireWhenThereIsNoKeyFailsBeforeAnythingIsTaken() {
		try (StoreInstance keyless = new StoreInstance(this.redis.host(), this.redis.port(), StoreInstance.PATIENT,
				(registrationId) -> CompletableFuture.failedFuture(new SealingKeyException("no key")))) {
			TokenRecord absent = find(keyless, this.alice);

			assertThatExceptionOfType(Exception.class)
				.isThrownBy(() -> get(keyless.store.acquire(this.alice, absent, LEASE)))
				.withRootCauseInstanceOf(SealingKeyException.class);
			assertThat(this.redis.keys("*")).isEmpty();
		}
	}

	// What the tests have in common

	private TokenKey key(String name) {
		return TokenKey.grant("github", "client", "https://provider/token", name + UUID.randomUUID());
	}

	private TokenRecord put(TokenKey key, String name) {
		return get(this.instance.store.put(key, find(this.instance, key), StoreInstance.tokens(name), life())).record();
	}

	private static TokenRecord find(StoreInstance instance, TokenKey key) {
		return get(instance.store.find(key));
	}

	private static Lease acquired(StoreInstance instance, TokenKey key, TokenRecord record) {
		Acquisition acquisition = get(instance.store.acquire(key, record, LEASE));
		assertThat(acquisition).isInstanceOf(Acquisition.Acquired.class);
		return ((Acquisition.Acquired) acquisition).lease();
	}

	private static Written commit(StoreInstance instance, TokenKey key, Lease lease, String name) {
		return get(instance.store.commit(key, lease, StoreInstance.tokens(name), life()));
	}

	private void assertWritable(TokenKey key) {
		Lease lease = acquired(this.instance, key, find(this.instance, key));
		assertThat(commit(this.instance, key, lease, "again").accepted()).isTrue();
		assertThat(find(this.peer, key).requireTokens().accessToken()).isEqualTo("access-again");
	}

	private void assertSetAside(TokenKey key, byte[] sealed) {
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SET_ASIDE);
		assertThat(this.redis.keys("*")).containsExactly(this.names.aside(key));
		assertThat(ttl(this.names.aside(key))).isBetween(Duration.ofHours(23), Duration.ofHours(24));
		assertThat((byte[]) this.redis.binaryCommand(bytes("HGET"), bytes(this.names.aside(key)), bytes("sealed")))
			.isEqualTo(sealed);
		assertThat(warnings("set aside")).isOne();
	}

	private void assertNoSecretIsLogged() {
		assertThat(this.logs.text()).doesNotContain("access-", "refresh-", "alice");
	}

	/**
	 * What our classes logged; Lettuce shows at level TRACE what arrives.
	 */
	private String ownLogs() {
		return String.join("\n",
				this.logs.text().lines().filter((line) -> line.contains("io.github.oauthredis")).toList());
	}

	private int warnings(String text) {
		return (int) this.logs.text()
			.lines()
			.filter((line) -> line.startsWith("WARN io.github.oauthredis") && line.contains(text))
			.distinct()
			.count();
	}

	private byte[] sealed(TokenKey key) {
		return (byte[]) Objects
			.requireNonNull(this.redis.binaryCommand(bytes("HGET"), bytes(this.names.token(key)), bytes("sealed")));
	}

	private void setSealed(TokenKey key, byte[] sealed) {
		this.redis.binaryCommand(bytes("HSET"), bytes(this.names.token(key)), bytes("sealed"), sealed);
	}

	private String meta(TokenKey key) {
		return (String) Objects.requireNonNull(this.redis.command("HGET", this.names.token(key), "meta"));
	}

	private void setMeta(TokenKey key, String meta) {
		this.redis.command("HSET", this.names.token(key), "meta", meta);
	}

	private void setWord(TokenKey key, int position, String word) {
		String[] words = meta(key).split(" ");
		assertThat(words).hasSize(META_WORDS);
		words[position] = word;
		setMeta(key, String.join(" ", words));
	}

	private byte[] dump(TokenKey key) {
		return (byte[]) Objects.requireNonNull(this.redis.binaryCommand(bytes("DUMP"), bytes(this.names.token(key))));
	}

	private void restore(TokenKey key, byte[] dump) {
		this.redis.binaryCommand(bytes("RESTORE"), bytes(this.names.token(key)), bytes("600000"), dump,
				bytes("REPLACE"));
	}

	private Duration ttl(String name) {
		return Duration.ofMillis((Long) Objects.requireNonNull(this.redis.command("PTTL", name)));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	private static Life life() {
		return StoreInstance.life(Duration.ofHours(1), Duration.ofDays(30));
	}

	private static <T> T get(CompletionStage<T> stage) {
		return StoreInstance.get(stage);
	}

}
