package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.nearcache.InvalidationSource;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTopology;
import io.github.oauthredis.testkit.RespClient;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A primary fails between the answer of a server that rotates strictly and the commit,
 * with nothing configured for it: the only pair there is survives, and callers with a
 * live token notice nothing.
 */
class FailoverIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final RedisKeys NAMES = new RedisKeys("oauth-redis");

	private static final Log logger = LogFactory.getLog(FailoverIntegrationTests.class);

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.client("client", "secret")
		.rotateStrictly();

	private final ScheduledExecutorService callers = Executors.newSingleThreadScheduledExecutor();

	private final HeldSteps steps = new HeldSteps();

	private final TokenKey ending = EngineInstance.grantKey("alice");

	@AfterEach
	void close() {
		this.callers.shutdownNow();
		this.server.close();
	}

	@ParameterizedTest
	@CsvSource({ "CLUSTER, KILLED", "CLUSTER, FROZEN", "SENTINELS, KILLED", "SENTINELS, FROZEN" })
	void failoverInTheMiddleOfARefreshLosesNothing(Kind kind, Fault fault) {
		try (RedisTopology redis = kind.start(Duration.ofSeconds(1));
				EngineInstance witness = new EngineInstance(redis, new EngineInstance.Options().redisTimeout(TIMEOUT));
				EngineInstance instance = new EngineInstance(redis,
						new EngineInstance.Options().redisTimeout(TIMEOUT).nearCache().stopPoints(this.steps));
				InvalidationSource source = source(instance)) {
			source.start();
			RedisServer primary = redis.primaryOf(NAMES.token(this.ending));
			TokenKey live = record(redis, (other) -> other == primary);
			TokenKey elsewhere = (kind != Kind.CLUSTER) ? this.ending : record(redis, (other) -> other != primary);
			witness.awaitRedis();
			witness.login(this.ending, this.server.issueGrant("client", "read"), Duration.ofHours(1),
					Duration.ofMinutes(-1), true);
			witness.login(live, this.server.issueGrant("client", "read"), Duration.ofHours(1));
			TokenRecord before = witness.find(this.ending);
			awaitInMemory(instance, live);
			awaitReplicated(primary);
			List<CompletableFuture<TokenRecord>> calls = new CopyOnWriteArrayList<>();
			ScheduledFuture<?> ticker = this.callers.scheduleAtFixedRate(() -> calls.add(obtain(instance, live)), 0, 20,
					TimeUnit.MILLISECONDS);
			this.steps.hold(Step.ANSWERED);
			CompletableFuture<TokenRecord> refresh = obtain(instance, this.ending);
			this.steps.awaitHeld(Step.ANSWERED, 1);

			long start = System.nanoTime();
			fault.begin(primary);
			this.steps.release(Step.ANSWERED);
			String token = EngineInstance.get(refresh).requireTokens().accessToken();
			awaitStored(witness, token, elsewhere);
			logger.info("%s, primary %s: stored %d ms later".formatted(kind, fault,
					Duration.ofNanos(System.nanoTime() - start).toMillis()));

			redis.awaitFailover(NAMES.token(this.ending), primary);
			fault.end(primary);
			redis.awaitWhole();
			TokenRecord after = witness.find(this.ending);
			assertThat(after.requireTokens().accessToken()).isEqualTo(token);
			assertThat(after.generation()).isGreaterThan(before.generation());
			assertThat(this.server.isAlive(after.requireTokens().refreshToken())).isTrue();
			assertThat(this.server.tokenRequests()).isEqualTo(1);
			assertThat(this.server.reuseEvents()).isZero();
			awaitInMemory(instance, live);
			ticker.cancel(false);
			assertThat(calls).hasSizeGreaterThan(10)
				.allSatisfy((call) -> assertThat(EngineInstance.get(call).generation())
					.isEqualTo(EngineInstance.get(calls.get(0)).generation()));
			instance.awaitIdle();
		}
	}

	private InvalidationSource source(EngineInstance instance) {
		return new InvalidationSource((LettuceConnectionFactory) instance.connections.factory(), "oauth-redis", TIMEOUT,
				Clock.systemUTC(), instance.near());
	}

	private static TokenKey record(RedisTopology redis, Predicate<RedisServer> primary) {
		return IntStream.range(0, 100)
			.mapToObj((i) -> EngineInstance.grantKey("bob-" + i))
			.filter((key) -> primary.test(redis.primaryOf(NAMES.token(key))))
			.findFirst()
			.orElseThrow();
	}

	private CompletableFuture<TokenRecord> obtain(EngineInstance instance, TokenKey key) {
		return instance.refresher.obtain(instance.demand(key, this.server)).toCompletableFuture();
	}

	private void awaitInMemory(EngineInstance instance, TokenKey key) {
		Await.until("a confirmed record in memory", BOUND, () -> {
			EngineInstance.get(obtain(instance, key));
			return instance.near().find(key) != null;
		});
	}

	/**
	 * Await the pair while servers that are well go on answering.
	 */
	private void awaitStored(EngineInstance witness, String token, TokenKey elsewhere) {
		Await.until("the pair in Redis", BOUND,
				() -> witness.store.find(elsewhere)
					.handle((record, ex) -> record)
					.thenCompose((any) -> witness.store.find(this.ending))
					.handle((record, ex) -> ex == null && record.requireTokens().accessToken().equals(token))
					.toCompletableFuture()
					.join());
	}

	private static void awaitReplicated(RedisServer primary) {
		try (RespClient client = primary.connect()) {
			// Redis waits for what was written before the last command of this client.
			client.command("PING");
			assertThat(client.command("WAIT", "1", "4000")).isEqualTo(1L);
		}
	}

	/**
	 * Where there is more than one server.
	 */
	enum Kind {

		CLUSTER, SENTINELS;

		RedisTopology start(Duration failureTime) {
			return switch (this) {
				case CLUSTER -> RedisCluster.start(failureTime);
				case SENTINELS -> RedisSentinels.start(failureTime);
			};
		}

	}

	/**
	 * What happens to a primary.
	 */
	enum Fault {

		KILLED, FROZEN;

		void begin(RedisServer primary) {
			switch (this) {
				case KILLED -> primary.kill();
				case FROZEN -> primary.pause();
			}
		}

		void end(RedisServer primary) {
			switch (this) {
				case KILLED -> primary.restart();
				case FROZEN -> primary.resume();
			}
		}

	}

}
