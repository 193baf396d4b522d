package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Four processes that share one Redis, against a server that revokes the grant when it
 * sees a used refresh token again.
 */
class FleetIntegrationTests extends EngineFixture {

	// More of them make a soak test.
	private static final int ROUNDS = Integer.getInteger("oauth-redis.test.rounds", 40);

	private static final int CALLERS = 16;

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static List<Node> nodes = List.of();

	private EngineInstance instance;

	@BeforeAll
	static void startNodes() {
		nodes = IntStream.range(0, 4).mapToObj((i) -> startNode()).toList();
		nodes.forEach((node) -> node.await("ready", BOUND));
	}

	@AfterAll
	static void closeNodes() {
		nodes.forEach(Node::close);
	}

	private static Node startNode() {
		RedisServer redis = RedisServer.shared();
		return Node.start(EngineNode.class, Map.of(), redis.host(), String.valueOf(redis.port()), "fleet", "PT10S",
				"false");
	}

	@BeforeEach
	void start() {
		this.instance = instance();
	}

	private void send(Node node, int callers, Duration grace) {
		node.send(EngineNode.obtain(callers, this.server.tokenUri(), "alice", EngineInstance.POLICY.callTimeout(),
				grace));
	}

	/**
	 * Let many callers of each node ask at once.
	 * @return how often each outcome occurred
	 */
	private Map<String, Integer> obtain(List<Node> some, Duration grace) {
		some.forEach((node) -> send(node, CALLERS, grace));
		Map<String, Integer> outcomes = new TreeMap<>();
		for (Node node : some) {
			for (String outcome : node.await("done", BOUND).substring("done ".length()).split(" ", -1)) {
				int equals = outcome.lastIndexOf('=');
				outcomes.merge(outcome.substring(0, equals), Integer.valueOf(outcome.substring(equals + 1)),
						Integer::sum);
			}
		}
		return outcomes;
	}

	private String storedToken() {
		return Digests.sha256(this.instance.find(KEY).requireTokens().accessToken());
	}

	@Test
	void fleetThatMeetsAnExpiredTokenSendsOneRequestEachTime() {
		login(this.instance, ENDED);

		for (int round = 1; round <= ROUNDS; round++) {
			Map<String, Integer> outcomes = obtain(nodes, Duration.ZERO);

			assertThat(outcomes).as("round " + round).isEqualTo(Map.of(storedToken(), nodes.size() * CALLERS));
			assertThat(this.server.tokenRequests()).isEqualTo(round);
			raw().end();
		}

		assertThat(this.server.reuseEvents()).isZero();
		assertThat(this.server.maxOverlap()).isEqualTo(1);
		assertPairAlive(this.instance);
	}

	@Test
	void holderPausedBetweenAnswerAndCommitStoresItsPairWhenItGoesOn() {
		IssuedGrant grant = login(this.instance, NEAR_END);
		String old = Digests.sha256(grant.accessToken());
		long generation = raw().generation();
		Node holder = nodes.get(0);
		List<Node> others = nodes.subList(1, nodes.size());
		holder.send("hold ANSWERED");
		send(holder, 1, Duration.ZERO);
		holder.await("done", BOUND);
		holder.await("held", BOUND);

		holder.pause();
		try {
			raw().lapse();
			assertThat(obtain(others, Duration.ZERO)).as("served while the outcome is unknown")
				.isEqualTo(Map.of(old, others.size() * CALLERS));
		}
		finally {
			holder.resume();
		}
		holder.send("release ANSWERED");
		Await.until("the pair", BOUND, () -> raw().generation() > generation);

		assertThat(obtain(nodes, Duration.ZERO)).isEqualTo(Map.of(storedToken(), nodes.size() * CALLERS))
			.doesNotContainKey(old);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(this.instance);
	}

	@Test
	void holderKilledBetweenAnswerAndCommitIsNotPassedOverInSilence() {
		IssuedGrant grant = login(this.instance, NEAR_END);
		killBetweenAnswerAndCommit();
		raw().lapse();

		assertThat(obtain(nodes, Duration.ZERO)).as("served while the token is valid")
			.isEqualTo(Map.of(Digests.sha256(grant.accessToken()), nodes.size() * CALLERS));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		raw().end();
		assertThat(obtain(nodes, Duration.ZERO)).as("told when it ended")
			.isEqualTo(Map.of("lost:invalid_grant", nodes.size() * CALLERS));
		obtain(nodes, Duration.ZERO);
		assertThat(this.server.tokenRequests()).as("presented once more, then never").isEqualTo(2);

		IssuedGrant again = login(this.instance, HOUR);
		assertThat(obtain(nodes, Duration.ZERO)).containsOnlyKeys(Digests.sha256(again.accessToken()));
	}

	@Test
	void holderKilledBetweenAnswerAndCommitCostsNothingWithinTheGrace() {
		Duration grace = Duration.ofMinutes(1);
		this.server.rotateWithGrace(grace);
		login(this.instance, ENDED);
		killBetweenAnswerAndCommit();

		send(nodes.get(0), 1, grace);
		raw().lapse();
		nodes.get(0).await("done", BOUND);

		assertThat(obtain(nodes, grace)).isEqualTo(Map.of(storedToken(), nodes.size() * CALLERS));
		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertPairAlive(this.instance);
	}

	private void killBetweenAnswerAndCommit() {
		try (Node holder = startNode()) {
			holder.await("ready", BOUND);
			holder.send("hold ANSWERED");
			send(holder, 1, Duration.ZERO);
			holder.await("held", BOUND);
			holder.kill();
		}
	}

}
