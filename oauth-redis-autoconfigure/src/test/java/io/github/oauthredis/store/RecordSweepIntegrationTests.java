package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.Subject;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a sweep does to records, and what it leaves alone.
 */
class RecordSweepIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final String RIGHT = "oauth-redis:sweep:{nb}";

	private final RedisTarget redis = target();

	private final RedisKeys names = new RedisKeys(StoreInstance.PREFIX);

	private final List<StoreInstance> instances = new ArrayList<>();

	private final StoreInstance old = instance("old");

	private final StoreInstance current = instance("new", "old");

	RedisTarget target() {
		RedisTarget target = RedisServer.shared();
		target.flushAll();
		return target;
	}

	@AfterEach
	void close() {
		this.instances.forEach(StoreInstance::close);
	}

	// Sealing anew

	@Test
	void idleRecordsAreSealedWithTheKeyThatSealsNow() {
		List<TokenKey> keys = IntStream.range(0, 250).mapToObj((i) -> grant("user-" + i)).toList();
		keys.forEach((key) -> put(this.old, key, "one"));
		List<String> metas = keys.stream().map(this::meta).toList();
		long ttl = ttl(keys.get(0));

		assertThat(sweep(this.current, RevokedRecords.NOBODY)).isTrue();

		StoreInstance afterwards = instance("new");
		assertThat(keys).allSatisfy(
				(key) -> assertThat(find(afterwards, key).requireTokens().accessToken()).isEqualTo("access-one"));
		assertThat(keys).extracting(this::meta).isEqualTo(metas);
		assertThat(ttl(keys.get(0))).isBetween(ttl - 60_000, ttl);
		assertThat(this.current.events)
			.containsExactly(new TokenEvent(TokenEvent.Type.RESEALED, null, null, null, 0, "250 records swept"));
	}

	@Test
	void whatIsKnownOfUsersIsSealedWithTheKeyThatSealsNow() {
		List<Subject> subjects = List.of(new Subject("sub", "0815"), new Subject("sid", "session"));
		StoreInstance.get(this.old.signals().remember("github", subjects, "alice"));
		List<Long> times = subjectTimes();
		this.redis.command("SET", "oauth-redis:subject:{github~" + "x".repeat(43) + "}", "of another form");

		assertThat(sweep(this.current, RevokedRecords.NOBODY)).isTrue();

		this.redis.command("DEL", "oauth-redis:subject:{github~" + "x".repeat(43) + "}");
		SignalStore afterwards = instance("new").signals();
		assertThat(subjects).allSatisfy(
				(subject) -> assertThat(StoreInstance.get(afterwards.find("github", subject))).isEqualTo("alice"));
		assertThat(subjectTimes()).zipSatisfy(times,
				(after, before) -> assertThat(after).isBetween(before - 60_000, before));
		StoreInstance.get(afterwards.remember("github", subjects.subList(0, 1), "alice"));
		assertThat(StoreInstance.get(afterwards.find("github", subjects.get(1)))).isNull();
		assertThat(this.current.events)
			.containsExactly(new TokenEvent(TokenEvent.Type.RESEALED, null, null, null, 0, "2 records swept"));
	}

	@Test
	void loginAfterTheReadingIsNotUndone() {
		Subject subject = new Subject("sub", "0815");
		StoreInstance.get(this.old.signals().remember("github", List.of(subject), "alice"));
		HeldKeys keys = new HeldKeys(StoreInstance.ring("new", "old"));
		StoreInstance sweeper = instance(keys);
		CompletableFuture<Boolean> sweep = sweeper.sweep(RevokedRecords.NOBODY).sweepIfDue().toCompletableFuture();
		Await.until("a reading", BOUND, keys::isAsked);

		StoreInstance.get(this.old.signals().remember("github", List.of(subject), "bob"));
		keys.answer();

		assertThat(StoreInstance.get(sweep)).isTrue();
		assertThat(StoreInstance.get(this.old.signals().find("github", subject))).isEqualTo("bob");
		assertThat(sweeper.events).isEmpty();
	}

	private List<Long> subjectTimes() {
		return this.redis.keys("*subject*").stream().sorted().map((key) -> (Long) this.redis.command("PTTL", key)).toList();
	}

	@Test
	void recordsThatAreSealedWithItAlreadyStayAsTheyAre() {
		TokenKey key = grant("alice");
		put(this.current, key, "one");
		String sealed = sealed(key);

		assertThat(sweep(this.current, RevokedRecords.NOBODY)).isTrue();

		assertThat(sealed(key)).isEqualTo(sealed);
		assertThat(this.current.events).isEmpty();
	}

	@Test
	void recordsThatDoNotOpenStayAsTheyAre() {
		TokenKey locked = grant("locked");
		TokenKey swapped = grant("swapped");
		TokenKey donor = grant("donor");
		put(instance("strange"), locked, "one");
		put(this.old, swapped, "one");
		put(this.old, donor, "two");
		this.redis.binaryCommand(bytes("HSET"), bytes(this.names.token(swapped)), bytes("sealed"), (byte[]) Objects
			.requireNonNull(this.redis.binaryCommand(bytes("HGET"), bytes(this.names.token(donor)), bytes("sealed"))));
		this.redis.command("SET", "oauth-redis:{github~" + "x".repeat(43) + "}:token", "of another type");
		this.redis.command("SET", "oauth-redis:{strange}:token", "of another form");
		List<String> before = List.of(sealed(locked), sealed(swapped));

		assertThat(sweep(this.current, RevokedRecords.NOBODY)).isTrue();

		assertThat(List.of(sealed(locked), sealed(swapped))).isEqualTo(before);
		assertThat(find(this.current, swapped).state()).isEqualTo(State.ABSENT);
		assertThat(this.current.eventTypes()).containsExactly(TokenEvent.Type.RESEALED, TokenEvent.Type.SET_ASIDE);
	}

	@Test
	void writeAfterTheReadingIsNotUndone() {
		TokenKey key = grant("alice");
		put(this.old, key, "one");
		HeldKeys keys = new HeldKeys(StoreInstance.ring("new", "old"));
		StoreInstance sweeper = instance(keys);
		CompletableFuture<Boolean> sweep = sweeper.sweep(RevokedRecords.NOBODY).sweepIfDue().toCompletableFuture();
		Await.until("a reading", BOUND, keys::isAsked);

		TokenRecord written = put(this.old, key, "two");
		keys.answer();

		assertThat(StoreInstance.get(sweep)).isTrue();
		TokenRecord found = find(this.old, key);
		assertThat(found.requireTokens().accessToken()).isEqualTo("access-two");
		assertThat(found.generation()).isEqualTo(written.generation());
		assertThat(sweeper.events).isEmpty();
	}

	// Removing what is revoked

	@Test
	void revokedRecordsAreToldAndRemoved() {
		List<Tokens> told = new CopyOnWriteArrayList<>();
		TokenKey revoked = grant("alice");
		TokenKey other = grant("bob");
		put(this.old, revoked, "one");
		put(this.old, other, "two");
		StoreInstance.get(this.old.store.mark(new MarkScope.Principal("alice")));

		assertThat(sweep(this.current, (registrationId, tokens) -> {
			assertThat(registrationId).isEqualTo("github");
			told.add(tokens);
			return RevokedRecords.NOBODY.found(registrationId, tokens);
		})).isTrue();

		assertThat(told).extracting(Tokens::refreshToken).containsExactly("refresh-one");
		assertThat(this.redis.command("HEXISTS", this.names.token(revoked), "sealed")).isEqualTo(0L);
		assertThat(find(this.current, other).state()).isEqualTo(State.LIVE);
		assertThat(this.current.eventTypes()).containsExactly(TokenEvent.Type.RESEALED, TokenEvent.Type.REVOKED);
	}

	@Test
	void revokedRecordStaysUntilItCouldBeTold() {
		TokenKey key = grant("alice");
		put(this.current, key, "one");
		StoreInstance.get(this.current.store.mark(new MarkScope.All()));

		assertThat(sweep(this.current,
				(registrationId, tokens) -> CompletableFuture.failedFuture(new IllegalStateException())))
			.isTrue();

		assertThat(this.redis.command("HEXISTS", this.names.token(key), "sealed")).isEqualTo(1L);
	}

	@Test
	void recordThatWasGrantedAgainIsNotRemoved() {
		TokenKey key = grant("alice");
		put(this.old, key, "one");
		StoreInstance.get(this.old.store.mark(new MarkScope.Registration("github")));

		sweep(this.current, (registrationId, tokens) -> {
			put(this.old, key, "two");
			return RevokedRecords.NOBODY.found(registrationId, tokens);
		});

		assertThat(find(this.current, key).requireTokens().accessToken()).isEqualTo("access-two");
		assertThat(this.current.eventTypes()).isEmpty();
	}

	// One at a time, now and then

	@Test
	void sweepIsDueOnceADayAndAfterAnotherKeySealsAndAfterAMark() {
		RecordSweep before = this.old.sweep(RevokedRecords.NOBODY);
		assertThat(StoreInstance.get(before.sweepIfDue())).isTrue();
		assertThat(StoreInstance.get(before.sweepIfDue())).as("already done").isFalse();
		assertThat(sweep(instance("old"), RevokedRecords.NOBODY)).as("done by another instance").isFalse();

		RecordSweep after = this.current.sweep(RevokedRecords.NOBODY);
		assertThat(StoreInstance.get(after.sweepIfDue())).as("another key").isTrue();
		assertThat(StoreInstance.get(before.sweepIfDue())).as("a key that sealed before").isFalse();
		assertThat(StoreInstance.get(after.sweepIfDue())).isFalse();

		StoreInstance.get(this.old.store.mark(new MarkScope.All()));
		assertThat(StoreInstance.get(before.sweepIfDue())).as("a mark").isTrue();

		assertThat((Long) this.redis.command("PTTL", "oauth-redis:swept:{nb}")).isBetween(86_000_000L, 86_400_000L);
		this.redis.command("DEL", "oauth-redis:swept:{nb}");
		assertThat(StoreInstance.get(after.sweepIfDue())).as("a day later").isTrue();
	}

	@Test
	void onlyOneInstanceSweepsAndAMarkMeanwhileLeadsToAnotherSweep() {
		put(this.old, grant("alice"), "one");
		HeldKeys keys = new HeldKeys(StoreInstance.ring("new", "old"));
		RecordSweep first = instance(keys).sweep(RevokedRecords.NOBODY);
		CompletableFuture<Boolean> running = first.sweepIfDue().toCompletableFuture();
		Await.until("a reading", BOUND, keys::isAsked);

		assertThat(sweep(this.old, RevokedRecords.NOBODY)).as("somebody sweeps").isFalse();
		StoreInstance.get(this.old.store.mark(new MarkScope.Principal("bob")));
		keys.answer();

		assertThat(StoreInstance.get(running)).isTrue();
		assertThat(this.redis.command("EXISTS", RIGHT)).isEqualTo(0L);
		assertThat(sweep(this.old, RevokedRecords.NOBODY)).as("the mark").isTrue();
	}

	@Test
	void instanceThatLostTheRightStops() {
		put(this.old, grant("alice"), "one");
		HeldKeys keys = new HeldKeys(StoreInstance.ring("new", "old"));
		CompletableFuture<Boolean> running = instance(keys).sweep(RevokedRecords.NOBODY)
			.sweepIfDue()
			.toCompletableFuture();
		Await.until("a reading", BOUND, keys::isAsked);
		assertThat((Long) this.redis.command("PTTL", RIGHT)).isBetween(1L, 130_000L);
		this.redis.command("DEL", RIGHT);

		assertThat(sweep(this.current, RevokedRecords.NOBODY)).as("another one begins").isTrue();
		keys.answer();

		assertThat(StoreInstance.get(running)).isFalse();
	}

	@Test
	void closedSweepStopsAndIsTakenOver() {
		IntStream.range(0, 250).forEach((i) -> put(this.old, grant("user-" + i), "one"));
		HeldKeys keys = new HeldKeys(StoreInstance.ring("new", "old"));
		RecordSweep sweep = instance(keys).sweep(RevokedRecords.NOBODY);
		CompletableFuture<Boolean> running = sweep.sweepIfDue().toCompletableFuture();
		Await.until("a reading", BOUND, keys::isAsked);

		sweep.close();
		keys.answer();

		assertThat(StoreInstance.get(running)).isFalse();
		this.redis.command("DEL", RIGHT);
		assertThat(sweep(this.old, RevokedRecords.NOBODY)).isTrue();
	}

	private StoreInstance instance(String... keys) {
		KeyRing ring = StoreInstance.ring(keys);
		return instance(new SealingKeys() {

			@Override
			public CompletionStage<KeyRing> forRegistration(String registrationId) {
				return CompletableFuture.completedFuture(ring);
			}

			@Override
			public String sealingId() {
				return keys[0];
			}

		});
	}

	private StoreInstance instance(SealingKeys keys) {
		StoreInstance instance = new StoreInstance(this.redis.connectionFactory(), StoreInstance.PATIENT, keys);
		this.instances.add(instance);
		return instance;
	}

	private static boolean sweep(StoreInstance instance, RevokedRecords revokedRecords) {
		return StoreInstance.get(instance.sweep(revokedRecords).sweepIfDue());
	}

	private static TokenKey grant(String principalName) {
		return TokenKey.grant("github", "client", "https://provider/token", principalName);
	}

	private static TokenRecord put(StoreInstance instance, TokenKey key, String name) {
		TokenRecord before = find(instance, key);
		Tokens tokens = StoreInstance.tokens(name, Instant.now(), before.marks());
		Written written = StoreInstance.get(instance.store.put(key, before, withPrincipal(tokens, key),
				StoreInstance.life(Duration.ofHours(1), Duration.ofHours(2))));
		assertThat(written.accepted()).isTrue();
		return written.record();
	}

	private static Tokens withPrincipal(Tokens tokens, TokenKey key) {
		return new Tokens(tokens.accessToken(), tokens.tokenType(), tokens.refreshToken(), tokens.scopes(),
				tokens.requestedScopes(), key.principalName(), tokens.issuedAt(), tokens.expiresAt(),
				tokens.refreshTokenIssuedAt(), tokens.lifetime(), null, null, true, tokens.marks());
	}

	private static TokenRecord find(StoreInstance instance, TokenKey key) {
		return StoreInstance.get(instance.store.find(key));
	}

	private String meta(TokenKey key) {
		return String.valueOf(this.redis.command("HGET", this.names.token(key), "meta"));
	}

	private String sealed(TokenKey key) {
		return String.valueOf(this.redis.command("HGET", this.names.token(key), "sealed"));
	}

	private long ttl(TokenKey key) {
		return (Long) Objects.requireNonNull(this.redis.command("PTTL", this.names.token(key)));
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * Keys that are not given before the test says so, and stop a sweep after its
	 * reading.
	 */
	private static final class HeldKeys implements SealingKeys {

		private final CompletableFuture<KeyRing> ring = new CompletableFuture<>();

		private final KeyRing keys;

		private volatile boolean asked;

		HeldKeys(KeyRing keys) {
			this.keys = keys;
		}

		@Override
		public CompletionStage<KeyRing> forRegistration(String registrationId) {
			this.asked = true;
			return this.ring;
		}

		@Override
		public String sealingId() {
			return "new";
		}

		boolean isAsked() {
			return this.asked;
		}

		void answer() {
			this.ring.complete(this.keys);
		}

	}

}
