package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

/**
 * Marks and hold-offs on a real Redis, and what can only be seen there.
 */
class RedisMarksIntegrationTests extends TokenStoreMarksContractTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	// Never unchecked

	@Test
	void findWhenOnlyTheMarksCannotBeReadFails() {
		try (RedisServer own = RedisServer.start();
				StoreInstance instance = new StoreInstance(own.host(), own.port())) {
			TokenRecord absent = find(instance.store, this.grant);
			get(instance.store.put(this.grant, absent, tokens("one", Marks.NONE), life()));
			own.command("ACL", "SETUSER", "default", "-mget");

			assertThatExceptionOfType(Exception.class).isThrownBy(() -> find(instance.store, this.grant))
				.withCauseInstanceOf(TokenStoreException.class);
		}
	}

	@Test
	void findSendsBothScriptsBeforeEitherIsAnswered() {
		try (TcpProxy proxy = TcpProxy.to(RedisServer.shared());
				StoreInstance instance = new StoreInstance(proxy.host(), proxy.port())) {
			find(instance.store, this.grant);
			this.redis.resetCommandCounts();
			proxy.blackHole(TcpProxy.Direction.DOWNSTREAM);

			CompletableFuture<TokenRecord> found = instance.store.find(this.grant).toCompletableFuture();

			Await.until("both scripts", BOUND, () -> Objects.equals(this.redis.commandCounts().get("evalsha"), 2L));
			assertThat(found).isNotDone();
			proxy.passThrough();
			assertThat(get(found).state()).isEqualTo(State.ABSENT);
		}
	}

	// Hazard 42: every key has a time to live, and the right one

	@Test
	void ttlOfMarksOutlivesEveryRecordThatTheyKill() {
		TokenRecord read = find(store(), this.grant);
		get(store().put(this.grant, read, tokens("one", read.marks()), new Life(null, Instant.MAX)));
		get(store().mark(ALL));
		get(store().mark(new MarkScope.Registration("github")));
		get(store().mark(new MarkScope.Principal(this.alice)));

		Duration record = ttl(this.names.token(this.grant));
		for (String mark : this.names.beside(this.grant).subList(1, 4)) {
			assertThat(ttl(mark)).isGreaterThan(record.plusDays(300)).isLessThan(Duration.ofDays(5000));
		}
	}

	@Test
	void ttlOfAMarkStartsAgainWhenItIsRaised() {
		get(store().mark(ALL));
		this.redis.command("PEXPIRE", this.names.mark(ALL), "60000");

		get(store().mark(ALL));

		assertThat(ttl(this.names.mark(ALL))).isGreaterThan(Duration.ofDays(3000));
	}

	@Test
	void ttlOfAHoldOffIsItsTime() {
		get(store().holdOff(this.grant, Duration.ofSeconds(90)));

		assertThat(ttl(this.names.holdOff(this.grant))).isBetween(Duration.ofSeconds(80), Duration.ofSeconds(90));
	}

	// Names of keys

	@Test
	void keysHideThePrincipal() {
		TokenKey secret = TokenKey.grant("github", "client", TOKEN_URI, "alice.secret@example.org");
		get(store().mark(new MarkScope.Principal("alice.secret@example.org")));
		put(secret, "one");

		assertThat(this.redis.keys("*")).hasSize(2).noneMatch((name) -> name.contains("alice"));
	}

	// What somebody with access to Redis can do

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "SET %s -5", "SET %s 1e300", "SET %s 9999999999999999", "SET %s 12x",
			"HSET %s a b", "RPUSH %s x", "SADD %s x", "XADD %s * a b" })
	void garbageForMarksIsNoneAndGivesWay(String command) {
		put(this.grant, "one");
		for (MarkScope scope : scopes()) {
			this.redis.command(command.formatted(this.names.mark(scope)).split(" "));
		}

		assertThat(find(store(), this.grant).marks()).isEqualTo(Marks.NONE);
		assertThat(find(store(), this.grant).state()).isEqualTo(State.LIVE);

		for (MarkScope scope : scopes()) {
			long mark = get(store().mark(scope));
			assertThat(this.redis.command("GET", this.names.mark(scope))).isEqualTo(Long.toString(mark));
			assertThat(find(other(), this.grant).state()).isEqualTo(State.DEAD);
			put(this.grant, "again");
		}
	}

	@Test
	void markAboveWhichNoneCouldBeRaisedIsNone() {
		put(this.grant, "one");
		this.redis.command("SET", this.names.mark(ALL), "999999999999999");
		assertThat(find(store(), this.grant).state()).isEqualTo(State.LIVE);

		long mark = get(store().mark(ALL));

		assertThat(mark).isLessThan(999_999_999_999_999L);
		assertThat(find(other(), this.grant).marks().all()).isEqualTo(mark);
		assertThat(find(other(), this.grant).state()).isEqualTo(State.DEAD);
	}

	@Test
	void markThatIsAheadOfTimeAndGoneAgainLeavesNothingThatCannotBeRevoked() {
		this.redis.command("SET", this.names.mark(ALL),
				Long.toString(Instant.now().plus(Duration.ofDays(1000)).toEpochMilli()));
		TokenRecord login = find(store(), this.grant);
		get(store().put(this.grant, login, tokens("one", login.marks()), life()));
		this.redis.command("DEL", this.names.mark(ALL));

		get(store().mark(ALL));

		assertThat(find(store(), this.grant).state()).isEqualTo(State.DEAD);
		assertThat(find(other(), this.grant).state()).isEqualTo(State.DEAD);
	}

	@ParameterizedTest
	@ValueSource(strings = { "DEL %s", "SET %s 1", "SET %s x", "SET %s 0", "RENAME %s elsewhere", "PEXPIRE %s 0" })
	void markThatWasTakenAwayStillCountsAndIsPutBack(String command) {
		put(this.grant, "one");
		for (MarkScope scope : scopes()) {
			String name = this.names.mark(scope);
			String mark = Long.toString(get(store().mark(scope)));
			this.redis.command(command.formatted(name).split(" "));

			assertThat(find(store(), this.grant).state()).as("%s", scope).isEqualTo(State.DEAD);

			Await.until("the mark", BOUND, () -> mark.equals(this.redis.command("GET", name)));
			assertThat(find(other(), this.grant).state()).isEqualTo(State.DEAD);
			put(this.grant, "again");
		}
		Await.until("the events", BOUND, () -> this.first.events.size() == 3);
		assertThat(this.first.events).extracting(TokenEvent::type, TokenEvent::detail)
			.containsOnly(tuple(TokenEvent.Type.STALE, "mark"));
		assertThat(this.second.events).isEmpty();
	}

	@Test
	void markThatWasRaisedMeanwhileIsNotLoweredByWhoPutsOneBack() {
		String name = this.names.mark(ALL);
		this.redis.command("SET", name, "10");

		this.redis.command("EVAL", new String(RedisScript.MARK.text(), StandardCharsets.UTF_8), "1", name, "60000",
				"restore", "5");

		assertThat(this.redis.command("GET", name)).isEqualTo("10");
	}

	@Test
	void markThatWasHigherForSomebodyElseIsNotLowered() {
		get(store().mark(ALL));
		find(other(), this.grant);
		long higher = get(store().mark(ALL));

		assertThat(find(other(), this.grant).marks().all()).isEqualTo(higher);
		assertThat(this.first.events).isEmpty();
		assertThat(this.second.events).isEmpty();
	}

	@Test
	void markWhenClockOfRedisWentBackGrowsAllTheSame() {
		long ahead = Instant.now().plus(Duration.ofDays(3)).toEpochMilli();
		this.redis.command("SET", this.names.mark(ALL), Long.toString(ahead));

		assertThat(get(store().mark(ALL))).isEqualTo(ahead + 1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "HSET %s a b", "SET %s x PX 999999999999" })
	void garbageForAHoldOffIsNoneAndGivesWay(String command) {
		this.redis.command(command.formatted(this.names.holdOff(this.grant)).split(" "));

		assertThat(find(store(), this.grant).timing().heldUntil()).isNull();

		get(store().holdOff(this.grant, Duration.ofSeconds(90)));
		assertThat(find(store(), this.grant).timing().heldUntil()).isNotNull();
		assertThat(ttl(this.names.holdOff(this.grant))).isBetween(Duration.ofSeconds(80), Duration.ofSeconds(90));
	}

	private List<MarkScope> scopes() {
		return List.of(ALL, new MarkScope.Registration("github"), new MarkScope.Principal(this.alice));
	}

}
