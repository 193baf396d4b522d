package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.RedisCluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Connections}.
 *
 * @author OAuth Redis
 */
class ConnectionsIntegrationTests {

	private static LettuceConnectionFactory factory(RedisConfiguration redis, LettuceClientConfiguration client) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(redis, client);
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	@Test
	void awaitWhenNothingEverComesGivesUp() {
		LettuceConnectionFactory factory = factory(new RedisStandaloneConfiguration(),
				LettuceClientConfiguration.defaultConfiguration());
		try (Connections connections = new Connections(factory, Heard.TIMEOUT)) {
			CompletableFuture<StatefulRedisConnection<String, String>> never = new CompletableFuture<>();
			RedisURI uri = RedisURI.builder().withHost("localhost").withTimeout(Duration.ofMillis(10)).build();

			assertThatExceptionOfType(RedisException.class).isThrownBy(() -> connections.await(never, uri))
				.withCauseInstanceOf(TimeoutException.class);
		}
		finally {
			factory.destroy();
		}
	}

	@Test
	void firstWhenClusterHasManyNodesTriesAFew() {
		RedisCluster cluster = RedisCluster.shared();
		LettuceConnectionFactory factory = factory(cluster.configuration(),
				cluster.client().shutdownTimeout(Duration.ZERO).build());
		Set<Integer> tried = new HashSet<>();
		try {
			for (int i = 0; i < 50; i++) {
				try (Connections connections = new Connections(factory, Heard.TIMEOUT)) {
					List<RedisURI> now = new ArrayList<>();
					assertThatExceptionOfType(RedisException.class).isThrownBy(() -> connections.first((node) -> {
						now.add(node);
						throw new RedisException("frozen");
					}));
					assertThat(now).hasSize(3);
					now.forEach((node) -> tried.add(node.getPort()));
				}
			}
		}
		finally {
			factory.destroy();
		}
		assertThat(tried).hasSameSizeAs(cluster.nodes());
	}

}
