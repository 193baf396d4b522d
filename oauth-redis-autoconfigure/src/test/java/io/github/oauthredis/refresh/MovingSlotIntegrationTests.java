package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Engines on a cluster whose slots move while tokens are refreshed. While a slot is on
 * its way, Redis refuses every script on a record without a lease ({@code TRYAGAIN}).
 */
class MovingSlotIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final int ROUNDS = 20;

	private final RedisCluster cluster = RedisCluster.shared();

	private final String name = new RedisKeys("oauth-redis").token(KEY);

	private final int slot = this.cluster.slot(this.name);

	@Override
	RedisTarget target() {
		return RedisCluster.shared();
	}

	@Test
	void obtainWhileSlotIsOnItsWayWaitsForIt() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		RedisServer to = nextPrimary();
		this.cluster.resetCommandCounts();
		this.cluster.startMove(this.slot, to);

		CompletableFuture<TokenRecord> call = obtain(instance);
		Await.until("a refusal", BOUND, this::triedAgain);
		this.cluster.finishMove(this.slot, to);

		assertThat(token(call)).isEqualTo(instance.find(KEY).requireTokens().accessToken());
		assertPairAlive(instance);
	}

	@Test
	void commitAfterSlotMovedIsStoredThere() {
		EngineInstance instance = heldInstance();
		login(instance, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(instance);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		RedisServer to = nextPrimary();
		this.cluster.startMove(this.slot, to);
		this.cluster.finishMove(this.slot, to);

		this.steps.release(Step.ANSWERED);

		assertThat(token(call)).isEqualTo(instance().find(KEY).requireTokens().accessToken());
		assertThat(to.keys("*")).contains(this.name);
		assertThat(raw().leased()).isFalse();
		assertPairAlive(instance);
	}

	@Test
	void refreshesWhileSlotMovesToAndFroLoseNothing() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		AtomicBoolean done = new AtomicBoolean();
		CompletableFuture<Void> moving = CompletableFuture.runAsync(() -> {
			while (!done.get()) {
				RedisServer to = nextPrimary();
				this.cluster.startMove(this.slot, to);
				this.cluster.finishMove(this.slot, to);
			}
		});

		try {
			rotate(List.of(instance, instance()));
		}
		finally {
			done.set(true);
			moving.join();
		}
		assertThat(this.server.tokenRequests()).isEqualTo(ROUNDS);
		assertPairAlive(instance);
	}

	private void rotate(List<EngineInstance> instances) {
		long generation = 0;
		for (int i = 0; i < ROUNDS; i++) {
			EngineInstance one = instances.get(i % 2);
			EngineInstance other = instances.get((i + 1) % 2);
			int requests = i + 1;
			// A slot that moves again and again may exhaust the redirections of a call.
			Await.until("a refresh", BOUND, () -> succeeds(obtain(one)) && this.server.tokenRequests() == requests);
			String token = token(obtain(one));
			Await.until("the pair in Redis", BOUND, () -> succeeds(other.store.find(KEY))
					&& other.find(KEY).requireTokens().accessToken().equals(token));
			TokenRecord record = other.find(KEY);
			assertThat(record.generation()).isGreaterThan(generation);
			generation = record.generation();
			raw().end();
		}
	}

	private static boolean succeeds(CompletionStage<?> call) {
		return call.handle((result, ex) -> ex == null).toCompletableFuture().join();
	}

	private RedisServer nextPrimary() {
		List<RedisServer> primaries = this.cluster.primaries();
		return primaries.get((primaries.indexOf(this.cluster.primaryOf(this.name)) + 1) % primaries.size());
	}

	private boolean triedAgain() {
		return this.cluster.primaries()
			.stream()
			.anyMatch((primary) -> String.valueOf(primary.command("INFO", "errorstats")).contains("TRYAGAIN"));
	}

}
