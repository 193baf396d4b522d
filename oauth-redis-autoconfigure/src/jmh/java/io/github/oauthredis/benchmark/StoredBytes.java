package io.github.oauthredis.benchmark;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

import io.github.oauthredis.testkit.RedisServer;

/**
 * What one grant with 2,000 bytes of tokens takes in Redis.
 */
final class StoredBytes {

	private StoredBytes() {
	}

	static void run(Report report) throws Exception {
		report.header("peer", "name", "value", "name and value", "MEMORY USAGE");
		for (String name : new String[] { "ours-redis", "stock-redis" }) {
			try (RedisServer redis = RedisServer.start();
					Peer peer = Peer.open(name, redis.port(), Peer.TOKEN_URI, Duration.ZERO)) {
				peer.save(Samples.freshGrant(peer.users(), "alice"));
				row(report, name, redis);
			}
		}
	}

	private static void row(Report report, String peer, RedisServer redis) {
		String key = redis.keys("*").get(0);
		byte[] name = key.getBytes(StandardCharsets.UTF_8);
		byte[] read = ("hash".equals(redis.command("TYPE", key)) ? "HGETALL" : "GET")
			.getBytes(StandardCharsets.US_ASCII);
		long value = size(Objects.requireNonNull(redis.binaryCommand(read, name)));
		report.row(peer, name.length, value, name.length + value, redis.command("MEMORY", "USAGE", key));
	}

	private static long size(Object reply) {
		return (reply instanceof List<?> list) ? list.stream().mapToLong(StoredBytes::size).sum()
				: ((byte[]) reply).length;
	}

}
