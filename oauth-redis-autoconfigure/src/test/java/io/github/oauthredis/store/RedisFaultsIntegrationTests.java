package io.github.oauthredis.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The store while Redis or the way to it fails: every call ends in time, and nothing it
 * may have done stays behind for ever.
 */
class RedisFaultsIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final Duration LEASE = Duration.ofSeconds(60);

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	/** What a busy machine may add to a deadline. */
	private static final Duration SLACK = Duration.ofSeconds(3);

	private static final int CALLERS = 64;

	private final RedisServer redis = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final StoreInstance instance = new StoreInstance(this.proxy.host(), this.proxy.port(), TIMEOUT,
			StoreInstance.ring("one"));

	private final StoreInstance witness = new StoreInstance(this.redis.host(), this.redis.port());

	private final RedisKeys names = new RedisKeys(StoreInstance.PREFIX);

	private final TokenKey key = TokenKey.grant("github", "client", "https://provider/token",
			UUID.randomUUID().toString());

	private int threadsBefore;

	@BeforeEach
	void start() {
		this.threadsBefore = Thread.activeCount();
	}

	@AfterEach
	void close() {
		this.proxy.close();
		this.instance.close();
		this.witness.close();
		this.redis.close();
	}

	// Redis away at the first call

	@Test
	void firstCallsWhenRedisRefusesFailInTimeAndWithoutThreads() {
		this.proxy.refuse();

		assertAllFailInTime();

		this.proxy.comeBack();
		awaitRecovery();
	}

	@Test
	void firstCallsWhenRedisIsABlackHoleFailInTimeAndWithoutThreads() {
		this.proxy.blackHole(Direction.UPSTREAM);
		this.proxy.blackHole(Direction.DOWNSTREAM);

		assertAllFailInTime();

		this.proxy.passThrough();
		awaitRecovery();
	}

	@Test
	void firstCallsWhenRedisIsFrozenFailInTime() {
		this.redis.pause();
		try {
			assertAllFailInTime();
		}
		finally {
			this.redis.resume();
		}

		awaitRecovery();
	}

	// Redis away later

	@Test
	void callsWhenRedisWasKilledFailInTimeAndSucceedAfterItsReturn() {
		warmUp();
		this.redis.kill();

		assertAllFailInTime();

		this.redis.restart();
		awaitRecovery();
	}

	@Test
	void callsWhenRedisIsFrozenFailInTimeAndSucceedAfterwards() {
		warmUp();
		this.redis.pause();
		try {
			assertAllFailInTime();
		}
		finally {
			this.redis.resume();
		}

		awaitRecovery();
	}

	// What failed calls leave behind

	@Test
	void acquireWhenRedisIsAwayIsNotSentLater() {
		warmUp();
		TokenRecord read = put();
		this.proxy.refuse();

		assertFails(this.instance.store.acquire(this.key, read, LEASE));
		this.proxy.comeBack();
		awaitRecovery();

		assertFree();
	}

	@Test
	void acquireWhenRedisIsFrozenIsGivenBackAfterwards() {
		warmUp();
		TokenRecord read = put();
		this.redis.pause();
		try {
			assertFails(this.instance.store.acquire(this.key, read, LEASE));
		}
		finally {
			this.redis.resume();
		}
		awaitRecovery();

		assertFree();
	}

	@Test
	void acquireWhenItsReplyIsLostIsGivenBack() {
		warmUp();
		TokenRecord read = put();
		this.proxy.cutOnReply(runs(RedisScript.ACQUIRE));

		assertFails(this.instance.store.acquire(this.key, read, LEASE));

		assertThat(this.proxy.drops()).isOne();
		assertFree();
	}

	@Test
	void acquireWhenItIsSentTwiceKnowsItsOwnLease() {
		warmUp();
		try (StoreInstance patient = new StoreInstance(this.proxy.host(), this.proxy.port())) {
			TokenRecord read = put();
			find(patient);
			this.proxy.blackHole(Direction.DOWNSTREAM);
			// A connection that breaks fails the command at its head; the others are sent
			// again.
			CompletableFuture<TokenRecord> head = patient.store.find(this.key).toCompletableFuture();
			CompletionStage<Acquisition> acquired = patient.store.acquire(this.key, read, LEASE);
			Await.until("the lease", BOUND, () -> find(this.witness).timing().attempts() == 1);
			this.redis.resetCommandCounts();

			this.proxy.cut();
			this.proxy.passThrough();

			assertThat(StoreInstance.get(acquired)).isInstanceOf(Acquisition.Acquired.class);
			assertThat(head).isCompletedExceptionally();
			assertThat(this.redis.commandCounts()).as("sent again").containsKey("evalsha");
			assertThat(find(this.witness).timing().attempts()).isEqualTo(1);
			assertThat(commit(((Acquisition.Acquired) StoreInstance.get(acquired)).lease()).accepted()).isTrue();
		}
	}

	@Test
	void acquireWhenItsRequestIsLostLeavesNothing() {
		warmUp();
		TokenRecord read = put();
		this.proxy.cutOnRequest(runs(RedisScript.ACQUIRE));

		assertFails(this.instance.store.acquire(this.key, read, LEASE));

		assertFree();
	}

	@Test
	void commitWhenItsReplyIsLostIsStoredAndMayBeRepeated() {
		warmUp();
		Lease lease = acquire(put());
		this.proxy.cutOnReply(runs(RedisScript.COMMIT));

		assertFails(this.instance.store.commit(this.key, lease, StoreInstance.tokens("two"), life()));

		assertThat(find(this.witness).requireTokens().accessToken()).isEqualTo("access-two");
		assertThat(commit(lease).accepted()).isTrue();
		assertThat(find(this.witness).generation()).isEqualTo(lease.nextGeneration());
	}

	@Test
	void commitWhenItsRequestIsLostMayBeRepeated() {
		warmUp();
		Lease lease = acquire(put());
		this.proxy.cutOnRequest(runs(RedisScript.COMMIT));

		assertFails(this.instance.store.commit(this.key, lease, StoreInstance.tokens("two"), life()));

		assertThat(find(this.witness).generation()).isEqualTo(lease.baseGeneration());
		assertThat(commit(lease).accepted()).isTrue();
	}

	@Test
	void putWhenItsReplyIsLostIsFoundByWhoeverLooks() {
		warmUp();
		TokenRecord read = put();
		this.proxy.cutOnReply(runs(RedisScript.COMMIT));

		assertFails(this.instance.store.put(this.key, read, StoreInstance.tokens("two"), life()));
		Written again = StoreInstance.get(this.instance.store.put(this.key, read, StoreInstance.tokens("two"), life()));

		assertThat(again.accepted()).isFalse();
		assertThat(again.record().requireTokens().accessToken()).isEqualTo("access-two");
	}

	@Test
	void tombstoneWhenItsReplyIsLostHasRemoved() {
		warmUp();
		TokenRecord read = put();
		this.proxy.cutOnReply(runs(RedisScript.TOMBSTONE));

		assertFails(this.instance.store.tombstone(this.key, read));

		assertThat(find(this.witness).state()).isEqualTo(State.ABSENT);
		assertThat(StoreInstance.get(this.instance.store.tombstone(this.key, find(this.instance)))).isTrue();
	}

	// What the tests have in common

	private void assertAllFailInTime() {
		long start = System.nanoTime();
		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, CALLERS)
			.mapToObj((i) -> this.instance.store.find(this.key).toCompletableFuture())
			.toList();
		assertThat(since(start)).as("time for which callers were blocked").isLessThan(SLACK);

		for (CompletableFuture<TokenRecord> call : calls) {
			assertThatExceptionOfType(CompletionException.class)
				.isThrownBy(() -> call.copy().orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join())
				.withCauseInstanceOf(TokenStoreException.class)
				.withMessageContaining("FIND");
		}
		assertThat(since(start)).isLessThan(TIMEOUT.plus(SLACK));
		assertThat(Thread.getAllStackTraces().keySet())
			.filteredOn((thread) -> thread.getName().equals("oauth-redis-connect"))
			.hasSizeLessThanOrEqualTo(1);
		assertThat(Thread.activeCount()).isLessThan(this.threadsBefore + CALLERS / 2);
	}

	private static Duration since(long start) {
		return Duration.ofNanos(System.nanoTime() - start);
	}

	private static void assertFails(CompletionStage<?> call) {
		assertThatExceptionOfType(CompletionException.class).isThrownBy(() -> StoreInstance.get(call))
			.withCauseInstanceOf(TokenStoreException.class);
	}

	/**
	 * Assert that the lease is given back and no attempt stays noted.
	 */
	private void assertFree() {
		Await.until("a record that is free", BOUND,
				() -> this.redis.keys(this.names.lease(this.key).replace("{", "\\{")).isEmpty()
						&& find(this.witness).timing().attempts() == 0);
		assertThat(StoreInstance.get(this.witness.store.acquire(this.key, find(this.witness), LEASE)))
			.isInstanceOf(Acquisition.Acquired.class);
	}

	/**
	 * Make Redis know all scripts, and the instance connected.
	 */
	private void warmUp() {
		TokenKey other = TokenKey.grant("github", "client", "https://provider/token", "warm");
		Await.until("Redis", BOUND, () -> {
			try {
				TokenRecord read = StoreInstance.get(this.instance.store.find(other));
				TokenRecord put = StoreInstance
					.get(this.instance.store.put(other, read, StoreInstance.tokens("warm"), life()))
					.record();
				if (StoreInstance
					.get(this.instance.store.acquire(other, put, LEASE)) instanceof Acquisition.Acquired acquired) {
					StoreInstance.get(this.instance.store.release(other, acquired.lease()));
				}
				return StoreInstance.get(this.instance.store.tombstone(other, put));
			}
			catch (CompletionException ex) {
				return false;
			}
		});
	}

	private void awaitRecovery() {
		Await.until("an answer of Redis", BOUND,
				() -> this.instance.store.find(this.key)
					.handle((record, ex) -> ex == null)
					.toCompletableFuture()
					.join());
		TokenRecord record = find(this.instance);
		assertThat(record.state()).isIn(State.ABSENT, State.LIVE);
	}

	private static Predicate<String> runs(RedisScript script) {
		return (request) -> request.contains(script.sha());
	}

	private TokenRecord find(StoreInstance some) {
		return StoreInstance.get(some.store.find(this.key));
	}

	private TokenRecord put() {
		return StoreInstance
			.get(this.witness.store.put(this.key, find(this.witness), StoreInstance.tokens("one"), life()))
			.record();
	}

	private Lease acquire(TokenRecord read) {
		Acquisition acquisition = StoreInstance.get(this.witness.store.acquire(this.key, read, LEASE));
		return ((Acquisition.Acquired) acquisition).lease();
	}

	private Written commit(Lease lease) {
		return StoreInstance.get(this.instance.store.commit(this.key, lease, StoreInstance.tokens("two"), life()));
	}

	private static Life life() {
		return new Life(Instant.now().plusSeconds(3600), Instant.now().plusSeconds(86_400));
	}

}
