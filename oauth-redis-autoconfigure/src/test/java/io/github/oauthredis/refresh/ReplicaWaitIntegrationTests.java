package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What callers see when the engine waits for replicas of Redis, on a primary with one
 * replica.
 *
 * @author OAuth Redis
 */
class ReplicaWaitIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration PATIENT_REDIS = Duration.ofSeconds(20);

	private static final Duration IMPATIENT_REDIS = Duration.ofSeconds(1);

	private static final RedisServer primary = RedisServer.start("--repl-diskless-sync-delay", "0");

	private static final RedisServer replica = RedisServer.start("--replicaof", primary.host(),
			String.valueOf(primary.port()));

	@Override
	RedisTarget target() {
		awaitReplica(primary);
		return primary;
	}

	private static void awaitReplica(RedisServer server) {
		Await.until("a replica", BOUND,
				() -> String.valueOf(server.command("INFO", "replication")).contains("state=online"));
	}

	@AfterEach
	void resume() {
		replica.resume();
	}

	@AfterAll
	static void stopServers() {
		replica.close();
		primary.close();
	}

	private EngineInstance waiting(int replicas, Duration redisTimeout) {
		return instance(new EngineInstance.Options().waitReplicas(replicas).redisTimeout(redisTimeout));
	}

	private CompletableFuture<?> save(EngineInstance instance, TokenKey key) {
		return CompletableFuture
			.runAsync(() -> instance.login(key, this.server.issueGrant("client", "read"), Duration.ofHours(1)));
	}

	private static long unreplicated(EngineInstance instance) {
		return instance.eventTypes().stream().filter(TokenEvent.Type.UNREPLICATED::equals).count();
	}

	@Test
	void obtainIsAnsweredWhenTheReplicaHasTheRecord() {
		EngineInstance instance = waiting(1, PATIENT_REDIS);
		login(instance, ENDED);
		long before = raw().generation();
		replica.pause();

		CompletableFuture<TokenRecord> call = obtain(instance);

		Await.until("a commit", BOUND, () -> raw().generation() > before);
		Await.until("a wait", BOUND, () -> clients(primary).stream().anyMatch((client) -> client.contains("flags=b")));
		// Whatever was asked for before this is answered now.
		assertThat(instance.find(KEY).generation()).isGreaterThan(before);
		assertThat(call).isNotDone();
		replica.resume();
		token(call);
		assertThat(replica.command("EXISTS", new RedisKeys("oauth-redis").token(KEY))).isEqualTo(1L);
		assertThat(unreplicated(instance)).isZero();
		assertPairAlive(instance);
	}

	@Test
	void saveIsAnsweredWhenTheReplicaHasTheRecord() {
		EngineInstance instance = waiting(1, PATIENT_REDIS);
		instance.awaitRedis();
		replica.pause();

		CompletableFuture<?> call = save(instance, KEY);

		Await.until("a wait", BOUND, () -> clients(primary).stream().anyMatch((client) -> client.contains("flags=b")));
		assertThat(call).isNotDone();
		replica.resume();
		EngineInstance.get(call);
		assertThat(unreplicated(instance)).isZero();
	}

	@Test
	void obtainWhenTheReplicaIsSilentIsAnsweredAllTheSameAndToldOf() {
		EngineInstance instance = waiting(1, IMPATIENT_REDIS);
		instance.awaitRedis();
		login(instance, ENDED);
		replica.pause();
		try (CapturedLogs logs = CapturedLogs.start()) {
			token(obtain(instance));
			EngineInstance.get(save(instance, EngineInstance.grantKey("bob")));

			assertThat(unreplicated(instance)).isEqualTo(2);
			assertThat(logs.text()
				.lines()
				.filter((line) -> line.startsWith("WARN") && line.contains("Fewer than 1"))
				.distinct()).hasSize(1);
		}
		assertPairAlive(instance);
		replica.resume();

		EngineInstance.get(save(instance, EngineInstance.grantKey("carol")));

		assertThat(unreplicated(instance)).isEqualTo(2);
	}

	@Test
	void saveWhenTheReplicaIsSilentAndManyWaitIsAnsweredAtTheDeadlineOfEach() {
		EngineInstance instance = waiting(1, IMPATIENT_REDIS);
		instance.awaitRedis();
		replica.pause();

		List<CompletableFuture<?>> calls = IntStream.range(0, 60)
			.<CompletableFuture<?>>mapToObj((i) -> save(instance, EngineInstance.grantKey("user-" + i)))
			.toList();

		// One after the other they would need a minute.
		calls.forEach(EngineInstance::get);
		assertThat(unreplicated(instance)).isEqualTo(60);
	}

	@Test
	void connectionThatDoesNotAnswerInTimeIsClosed() {
		EngineInstance instance = waiting(2, IMPATIENT_REDIS);
		instance.awaitRedis();

		// One of them waits behind the other.
		CompletableFuture<?> one = save(instance, KEY);
		CompletableFuture<?> other = save(instance, EngineInstance.grantKey("bob"));

		EngineInstance.get(one);
		EngineInstance.get(other);
		Await.until("no connection that waited", BOUND,
				() -> clients(primary).stream().noneMatch((client) -> client.contains("cmd=wait")));
	}

	@Test
	void saveAfterConnectionsWereStoppedAndStartedWaitsOnAnother() {
		EngineInstance instance = waiting(1, PATIENT_REDIS);
		login(instance, HOUR);

		instance.connections.stop();
		instance.connections.start();
		EngineInstance.get(save(instance, KEY));

		assertThat(unreplicated(instance)).isZero();
	}

	@Test
	void obtainWhenNothingRotatesOrNobodyWaitsSendsNothing() {
		EngineInstance instance = waiting(1, PATIENT_REDIS);
		EngineInstance other = waiting(0, PATIENT_REDIS);
		this.redis.resetCommandCounts();

		token(instance.refresher
			.obtain(EngineInstance.demand(EngineInstance.issuedKey("read"), this.server.tokenUri(), PATIENT)));
		login(other, ENDED);
		token(obtain(other));

		assertThat(this.redis.commandCounts()).doesNotContainKeys("wait", "psetex");
		assertThat(clients(primary).stream().filter((client) -> !client.contains("cmd=client")))
			.as("one connection of each instance")
			.hasSize(2);
	}

	@Test
	void waitFollowsAWriteOfItsOwn() {
		EngineInstance instance = waiting(1, PATIENT_REDIS);
		this.redis.resetCommandCounts();

		login(instance, HOUR);

		// From Redis 7.2 on WAIT waits for nothing else.
		assertThat(this.redis.commandCounts()).containsEntry("psetex", 1L).containsEntry("wait", 1L);
	}

	@Test
	void waitInAClusterGoesToThePrimaryOfTheRecord() {
		RedisCluster cluster = RedisCluster.shared();
		try (EngineInstance instance = new EngineInstance(cluster,
				new EngineInstance.Options().waitReplicas(1).redisTimeout(PATIENT_REDIS))) {
			for (int i = 0; i < 10; i++) {
				TokenKey key = EngineInstance.grantKey("user-" + i);
				RedisServer owner = cluster.primaryOf(new RedisKeys("oauth-redis").token(key));
				cluster.primaries().forEach(RedisServer::resetCommandCounts);

				EngineInstance.get(save(instance, key));

				cluster.primaries()
					.forEach((node) -> assertThat(node.commandCounts().getOrDefault("wait", 0L))
						.isEqualTo((node == owner) ? 1L : 0L));
			}
			assertThat(unreplicated(instance)).isZero();
		}
	}

	@Test
	void waitAfterAFailoverGoesToTheNextPrimary() {
		try (RedisSentinels servers = RedisSentinels.start(Duration.ofSeconds(2));
				EngineInstance instance = new EngineInstance(servers,
						new EngineInstance.Options().waitReplicas(1).redisTimeout(Duration.ofSeconds(5)))) {
			EngineInstance.get(save(instance, KEY));
			servers.failOver();
			servers.awaitWhole();

			Await.until("a wait at the next primary", BOUND, () -> {
				CompletableFuture<?> saved = save(instance, KEY).handle((done, ex) -> ex);
				return saved.join() == null && servers.primary().commandCounts().containsKey("wait");
			});
			long before = unreplicated(instance);
			EngineInstance.get(save(instance, KEY));
			assertThat(unreplicated(instance)).isEqualTo(before);
		}
	}

	private static List<String> clients(RedisServer server) {
		return String.valueOf(Objects.requireNonNull(server.command("CLIENT", "LIST", "TYPE", "normal")))
			.lines()
			.toList();
	}

}
