package io.github.oauthredis.nearcache;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
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
	void connectWhenHostDropsPacketsGivesUpInTime() throws IOException {
		List<SocketChannel> waiting = new ArrayList<>();
		try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
			for (int i = 0; i < 8; i++) {
				SocketChannel channel = SocketChannel.open();
				channel.configureBlocking(false);
				channel.connect(new InetSocketAddress(full.getInetAddress(), full.getLocalPort()));
				waiting.add(channel);
			}
			LettuceConnectionFactory factory = factory(
					new RedisStandaloneConfiguration(full.getInetAddress().getHostAddress(), full.getLocalPort()),
					LettuceClientConfiguration.builder()
						.shutdownTimeout(Duration.ZERO)
						.clientOptions(ClientOptions.builder()
							.socketOptions(SocketOptions.builder().connectTimeout(Duration.ofHours(1)).build())
							.build())
						.build());
			try (Connections connections = new Connections(factory, Duration.ofMillis(100))) {
				CompletableFuture<?> attempt = CompletableFuture
					.supplyAsync(() -> connections.first(connections::connect));

				assertThat(attempt).failsWithin(Heard.BOUND);
			}
			factory.destroy();
		}
		for (SocketChannel channel : waiting) {
			channel.close();
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
