package io.github.oauthredis.store;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisClusterConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What {@link ScriptRunner} does when one server of a cluster is silent.
 */
class ScriptRunnerClusterIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration TIMEOUT = Duration.ofMillis(100);

	private static final List<String> KEYS = List.of("oauth-redis:outbox:{ob}:times");

	private final RedisServer silent = RedisCluster.shared().primaryOf(KEYS.get(0));

	private final AtomicInteger resets = new AtomicInteger();

	private final LettuceConnectionFactory connectionFactory = new LettuceConnectionFactory(
			(RedisClusterConfiguration) RedisCluster.shared().configuration(), RedisCluster.shared().client().build()) {

		@Override
		public void resetConnection() {
			ScriptRunnerClusterIntegrationTests.this.resets.incrementAndGet();
			super.resetConnection();
		}

	};

	@BeforeEach
	void start() {
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
	}

	@AfterEach
	void close() {
		this.silent.command("CLIENT", "UNPAUSE");
		this.connectionFactory.destroy();
	}

	@Test
	void recordsOfCallersMakeTheConnectionAnew() {
		ScriptRunner scripts = new ScriptRunner(this.connectionFactory, TIMEOUT, Clock.systemUTC());
		silence(scripts);

		Await.until("another connection", BOUND, () -> !answers(scripts) && this.resets.get() > 0);
	}

	@Test
	void sideWorkLeavesTheConnectionOfEverybodyAlone() {
		ScriptRunner scripts = ScriptRunner.forSideWork(this.connectionFactory, TIMEOUT, Clock.systemUTC());
		silence(scripts);

		for (int i = 0; i < 20; i++) {
			assertThat(answers(scripts)).isFalse();
		}

		assertThat(this.resets).hasValue(0);
		this.silent.command("CLIENT", "UNPAUSE");
		Await.until("an answer", BOUND, () -> answers(scripts));
	}

	private void silence(ScriptRunner scripts) {
		Await.until("a connection", BOUND, () -> answers(scripts));
		this.silent.command("CLIENT", "PAUSE", "60000", "WRITE");
	}

	private static boolean answers(ScriptRunner scripts) {
		try {
			StoreInstance.get(scripts.run(RedisScript.CLAIM, List.of(KEYS.get(0), "oauth-redis:outbox:{ob}:entries"),
					RedisTokenStore.arguments(1_000)));
			return true;
		}
		catch (CompletionException ex) {
			return false;
		}
	}

}
