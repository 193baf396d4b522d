package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.store.SignalStore.Claim;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.ReadmeRights;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.Subject;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SignalStore} on a real Redis, as the user that the README asks for.
 */
class SignalStoreIntegrationTests {

	private static final Subject ALICE = new Subject("sub", "subject-0815");

	private static final Subject SESSION = new Subject("sid", "first-session");

	private static final Subject NEXT_SESSION = new Subject("sid", "second-session");

	private static final KeyRing RING = KeyRing.of(new SealingKey("key", new SecretKeySpec(new byte[32], "AES")));

	private static final KeyRing OTHER_RING = KeyRing
		.of(new SealingKey("other", new SecretKeySpec(new byte[32], "AES")));

	private final RedisServer redis = RedisServer.shared();

	private final RedisTarget user = ReadmeRights.give(this.redis);

	private final LettuceConnectionFactory connections = this.user.connectionFactory();

	private final SignalStore store = store();

	private final SignalStore other = store();

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.connections.destroy();
		this.redis.command("ACL", "DELUSER", "app");
	}

	@Test
	void findWhenLoggedInReturnsThePrincipal() {
		remember(ALICE, SESSION);

		assertThat(get(this.other.find("idp", ALICE))).isEqualTo("alice");
		assertThat(get(this.other.find("idp", SESSION))).isEqualTo("alice");
	}

	@Test
	void findWhenAnybodyElseReturnsNull() {
		remember(ALICE, SESSION);

		assertThat(get(this.store.find("idp", new Subject("sub", "subject-0816")))).isNull();
		assertThat(get(this.store.find("idp", new Subject("sid", "subject-0815")))).isNull();
		assertThat(get(this.store.find("other", ALICE))).isNull();
	}

	@Test
	void rememberWhenNobodyAskedForItDoesNothing() {
		get(this.store.remember("unasked", List.of(ALICE), "alice"));

		assertThat(this.redis.keys("*")).isEmpty();
	}

	@Test
	void rememberWhenSessionIsNewForgetsTheLastOne() {
		remember(ALICE, SESSION);
		remember(ALICE, NEXT_SESSION);

		assertThat(get(this.store.find("idp", SESSION))).isNull();
		assertThat(get(this.store.find("idp", NEXT_SESSION))).isEqualTo("alice");
		for (int login = 0; login < 20; login++) {
			remember(ALICE, new Subject("sid", "next-" + login));
		}
		// What is forgotten lives on for a millisecond.
		Await.until("earlier sessions to be forgotten", Duration.ofSeconds(10), () -> this.redis.keys("*").size() == 2);
	}

	@Test
	void rememberWhenSessionIsTheSameKeepsIt() {
		remember(ALICE, SESSION);
		remember(ALICE, SESSION);

		assertThat(get(this.store.find("idp", SESSION))).isEqualTo("alice");
	}

	/**
	 * Hazards 26 and 42.
	 */
	@Test
	void redisHoldsNoNameInClearAndNoKeyWithoutEnd() {
		remember(ALICE, SESSION);
		get(this.store.claim("idp", "canary-id", Duration.ofSeconds(5)));

		assertThat(this.redis.keys("*")).hasSize(3).allSatisfy((key) -> {
			String value = (String) this.redis.command("GET", key);
			assertThat(key + value + decoded(value)).doesNotContain("alice", "subject-0815", "session", "canary");
			assertThat(ttl(key)).isPositive().isLessThanOrEqualTo(Duration.ofDays(180));
		});
	}

	private static String decoded(String value) {
		StringBuilder decoded = new StringBuilder();
		for (String word : value.split("[. ]", -1)) {
			decoded.append(new String(Base64.getUrlDecoder().decode(word), StandardCharsets.UTF_8));
		}
		return decoded.toString();
	}

	/**
	 * Hazard 24: a name that was moved to another user is nobody's.
	 */
	@Test
	void findWhenEntryWasTamperedWithReturnsNull() {
		remember(ALICE);
		String name = this.redis.keys("*").iterator().next();
		String value = (String) this.redis.command("GET", name);
		get(this.store.remember("idp", List.of(new Subject("sub", "bob")), "bob"));
		String bobs = this.redis.keys("*").stream().filter((key) -> !key.equals(name)).findFirst().orElseThrow();

		for (String forged : List.of(value, "x", "", ".Ym9i", " ", value + "x")) {
			this.redis.command("SET", bobs, forged);
			assertThat(get(this.store.find("idp", new Subject("sub", "bob")))).isNull();
		}
		this.redis.command("DEL", bobs);
		this.redis.command("HSET", bobs, "a", "b");
		assertThat(get(this.store.find("idp", new Subject("sub", "bob")))).isNull();
		get(this.store.remember("idp", List.of(new Subject("sub", "bob")), "bob"));
		assertThat(get(this.store.find("idp", new Subject("sub", "bob")))).isEqualTo("bob");
	}

	@Test
	void findWhenKeyIsNotKnownFailsUntilItIs() {
		remember(ALICE);
		AtomicReference<KeyRing> found = new AtomicReference<>(OTHER_RING);
		SignalStore without = store(new SealingKeys() {

			@Override
			public CompletionStage<KeyRing> forRegistration(String registrationId) {
				return CompletableFuture.completedFuture(OTHER_RING);
			}

			@Override
			public CompletionStage<KeyRing> renewed(String registrationId) {
				return CompletableFuture.completedFuture(found.get());
			}

		});

		assertThat(without.find("idp", ALICE)).failsWithin(Duration.ofSeconds(20))
			.withThrowableThat()
			.withCauseInstanceOf(SealingKeyException.class);
		found.set(RING);
		assertThat(get(without.find("idp", ALICE))).isEqualTo("alice");
	}

	@Test
	void claimWhenManyAskIsGrantedOnce() {
		List<CompletableFuture<Claim>> claims = IntStream.range(0, 50)
			.mapToObj((i) -> ((i % 2 == 0) ? this.store : this.other).claim("idp", "m", Duration.ofSeconds(60))
				.toCompletableFuture())
			.toList();

		assertThat(claims.stream().map(CompletableFuture::join).filter((claim) -> claim == Claim.GRANTED)).hasSize(1);
		assertThat(claims.stream().map(CompletableFuture::join).filter((claim) -> claim == Claim.TAKEN)).hasSize(49);
	}

	@Test
	void claimWhenHandledIsAnsweredSo() {
		get(this.store.claim("idp", "m", Duration.ofSeconds(5)));
		get(this.store.handled("idp", "m", Duration.ofSeconds(100)));

		assertThat(get(this.other.claim("idp", "m", Duration.ofSeconds(5)))).isEqualTo(Claim.HANDLED);
		assertThat(get(this.other.claim("idp", "n", Duration.ofSeconds(5)))).isEqualTo(Claim.GRANTED);
		assertThat(get(this.other.claim("other", "m", Duration.ofSeconds(5)))).isEqualTo(Claim.GRANTED);
		assertThat(this.redis.keys("*").stream().map(this::ttl))
			.anySatisfy((ttl) -> assertThat(ttl).isBetween(Duration.ofSeconds(90), Duration.ofSeconds(100)));
	}

	@Test
	void claimWhenNobodyHandledItEnds() {
		get(this.store.claim("idp", "m", Duration.ofSeconds(5)));

		assertThat(ttl(this.redis.keys("*").iterator().next())).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(5));
	}

	private Duration ttl(String key) {
		return Duration.ofMillis((Long) this.redis.command("PTTL", key));
	}

	private void remember(Subject... subjects) {
		get(this.store.remember("idp", List.of(subjects), "alice"));
	}

	private SignalStore store() {
		return store((registrationId) -> CompletableFuture.completedFuture(RING));
	}

	private SignalStore store(SealingKeys keys) {
		return new SignalStore(this.connections, "oauth-redis", Duration.ofSeconds(10), keys, Set.of("idp"),
				Duration.ofDays(180), Clock.systemUTC());
	}

	private static <T> T get(CompletionStage<T> stage) {
		return stage.toCompletableFuture().join();
	}

}
