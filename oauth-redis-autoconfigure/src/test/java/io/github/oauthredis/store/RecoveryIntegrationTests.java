package io.github.oauthredis.store;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The store after a failover, and after an outage, with nothing configured for it.
 */
class RecoveryIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final Duration TIMEOUT = Duration.ofSeconds(1);

	private static final Duration FAILURE_TIME = Duration.ofSeconds(1);

	private static final Log logger = LogFactory.getLog(RecoveryIntegrationTests.class);

	private final TokenKey key = TokenKey.grant("github", "client", "https://provider/token",
			UUID.randomUUID().toString());

	private final String name = new RedisKeys(StoreInstance.PREFIX).token(this.key);

	@ParameterizedTest
	@EnumSource
	void clusterWhenPrimaryFailsIsUsedAgainAfterItsFailover(Fault fault) {
		try (RedisCluster cluster = RedisCluster.start(FAILURE_TIME); StoreInstance instance = warm(cluster)) {
			RedisServer primary = cluster.primaryOf(this.name);

			long start = System.nanoTime();
			fault.inflict(primary);
			CompletableFuture<Void> failover = CompletableFuture
				.runAsync(() -> cluster.awaitFailover(this.name, primary))
				.thenRun(() -> report("cluster %s: failover".formatted(fault), start));

			awaitWrite(instance);
			report("cluster %s: write".formatted(fault), start);
			failover.join();
		}
	}

	@ParameterizedTest
	@EnumSource
	void sentinelsWhenPrimaryFailsAreFollowedToTheNextOne(Fault fault) {
		try (RedisSentinels sentinels = RedisSentinels.start(FAILURE_TIME); StoreInstance instance = warm(sentinels)) {
			RedisServer primary = sentinels.primary();

			long start = System.nanoTime();
			fault.inflict(primary);
			CompletableFuture<Void> failover = CompletableFuture.runAsync(() -> sentinels.awaitFailover(primary))
				.thenRun(() -> report("sentinel %s: failover".formatted(fault), start));

			awaitWrite(instance);
			report("sentinel %s: write".formatted(fault), start);
			failover.join();
		}
	}

	private StoreInstance warm(RedisTarget target) {
		StoreInstance instance = new StoreInstance(target, TIMEOUT);
		awaitWrite(instance);
		return instance;
	}

	private void awaitWrite(StoreInstance instance) {
		Await.until("a write", BOUND, () -> {
			try {
				return StoreInstance
					.get(instance.store.put(this.key, StoreInstance.get(instance.store.find(this.key)),
							StoreInstance.tokens("one"), StoreInstance.life(Duration.ofHours(1), Duration.ofHours(1))))
					.accepted();
			}
			catch (CompletionException ex) {
				return false;
			}
		});
	}

	private static void report(String what, long start) {
		System.out.println(what + " after " + (System.nanoTime() - start) / 1_000_000 + " ms");
	}

	/**
	 * What happens to a server.
	 */
	enum Fault {

		KILLED(RedisServer::kill), FROZEN(RedisServer::pause);

		private final Consumer<RedisServer> action;

		Fault(Consumer<RedisServer> action) {
			this.action = action;
		}

		void inflict(RedisServer server) {
			this.action.accept(server);
		}

	}

}
