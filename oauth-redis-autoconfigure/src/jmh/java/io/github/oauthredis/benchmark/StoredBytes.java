package io.github.oauthredis.benchmark;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

import io.github.oauthredis.testkit.RedisServer;

/**
 * What one grant with 2,000 bytes of tokens takes in Redis.
 */
final class StoredBytes {

	private StoredBytes() {
	}

	static void run(Report report) {
		report.header("stored by", "name", "value", "name and value", "MEMORY USAGE");
		try (RedisServer redis = RedisServer.start()) {
			try (Ours ours = Ours.start(redis.port(), Peer.TOKEN_URI, false, Map.of())) {
				ours.save(Samples.freshGrant(ours.registration(Samples.USERS), "alice"));
				row(report, "ours, sealed", redis, redis.keys(Ours.KEY_PREFIX + ":*:token").get(0));
			}
			redis.flushAll();
			Map<String, String> unsealed = Map.of("oauth-redis.encryption.enabled", "false");
			try (Ours ours = Ours.start(redis.port(), Peer.TOKEN_URI, false, unsealed)) {
				ours.save(Samples.freshGrant(ours.registration(Samples.USERS), "alice"));
				row(report, "ours, not sealed", redis, redis.keys(Ours.KEY_PREFIX + ":*:token").get(0));
			}
			LettuceConnectionFactory connections = new LettuceConnectionFactory(redis.host(), redis.port());
			connections.afterPropertiesSet();
			connections.start();
			new JsonRedisAuthorizedClientService(new StringRedisTemplate(connections)).saveAuthorizedClient(Samples
				.freshGrant(Samples.registrations(Peer.TOKEN_URI).findByRegistrationId(Samples.USERS), "alice"),
					Samples.user("alice"));
			connections.destroy();
			row(report, "Spring Security's JSON", redis, JsonRedisAuthorizedClientService.key(Samples.USERS, "alice"));
		}
	}

	private static void row(Report report, String by, RedisServer redis, String key) {
		String type = String.valueOf(redis.command("TYPE", key));
		byte[] name = key.getBytes(StandardCharsets.UTF_8);
		byte[] command = (type.equals("hash") ? "HGETALL" : "GET").getBytes(StandardCharsets.US_ASCII);
		long value = size(Objects.requireNonNull(redis.binaryCommand(command, name)));
		report.row(by, name.length, value, name.length + value, redis.command("MEMORY", "USAGE", key, "SAMPLES", "0"));
	}

	private static long size(Object reply) {
		if (reply instanceof List<?> list) {
			return list.stream().mapToLong(StoredBytes::size).sum();
		}
		return ((byte[]) reply).length;
	}

}
