package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.RedisServer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 40: whatever happens, nothing blocks an event loop.
 */
class EventLoopIntegrationTests {

	private static final Duration BOUND = Duration.ofMinutes(2);

	private final RedisServer redis = RedisServer.shared();

	@Test
	void nothingBlocksAnEventLoop() {
		try (Node node = Node.start(WatchedNode.class, List.of("-XX:+AllowRedefinitionToAddDeleteMethods"), Map.of(),
				this.redis.host(), String.valueOf(this.redis.port()), "loop-" + UUID.randomUUID())) {
			assertThat(node.await("watches", BOUND)).as("detects what blocks").isEqualTo("watches true");
			for (String calls : List.of("cold", "hits", "refused", "cut", "away", "back")) {
				assertThat(node.await(calls, BOUND)).isEqualTo(calls + " {200=40}");
			}
			assertThat(node.await("done", BOUND)).as(String.join(System.lineSeparator(), node.lines()))
				.isEqualTo("done 0");
		}
	}

}
