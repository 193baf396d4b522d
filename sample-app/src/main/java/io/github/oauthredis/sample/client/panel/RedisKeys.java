package io.github.oauthredis.sample.client.panel;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.DataType;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.core.Cursor;
import org.springframework.data.redis.core.RedisCallback;
import org.springframework.data.redis.core.ScanOptions;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Component;

/**
 * Reads what somebody with access to Redis can see of the tokens.
 *
 * @author OAuth Redis
 */
@Component
class RedisKeys {

	private static final ScanOptions SCAN = ScanOptions.scanOptions().match("oauth-redis:*").count(1000).build();

	private static final int LIMIT = 20;

	private static final int SHOWN_BYTES = 48;

	private final StringRedisTemplate redis;

	RedisKeys(StringRedisTemplate redis) {
		this.redis = redis;
	}

	List<Entry> read() {
		List<Entry> entries = this.redis.execute((RedisCallback<List<Entry>>) RedisKeys::read);
		return (entries != null) ? entries : List.of();
	}

	private static List<Entry> read(RedisConnection connection) {
		List<Entry> entries = new ArrayList<>();
		try (Cursor<byte[]> keys = connection.keyCommands().scan(SCAN)) {
			while (keys.hasNext() && entries.size() < LIMIT) {
				entries.add(read(connection, keys.next()));
			}
		}
		entries.sort((a, b) -> a.key().compareTo(b.key()));
		return entries;
	}

	private static Entry read(RedisConnection connection, byte[] key) {
		String name = new String(key, StandardCharsets.UTF_8);
		Long ttl = connection.keyCommands().pTtl(key, TimeUnit.MILLISECONDS);
		if (connection.keyCommands().type(key) != DataType.HASH) {
			return new Entry(name, ttl, null, 0, null);
		}
		byte[] sealed = connection.hashCommands().hGet(key, bytes("sealed"));
		byte[] meta = connection.hashCommands().hGet(key, bytes("meta"));
		return new Entry(name, ttl, shortened(sealed), (sealed != null) ? sealed.length : 0, generation(meta));
	}

	private static @Nullable String shortened(byte @Nullable [] sealed) {
		if (sealed == null) {
			return null;
		}
		byte[] head = Arrays.copyOf(sealed, Math.min(sealed.length, SHOWN_BYTES));
		return Base64.getUrlEncoder().withoutPadding().encodeToString(head);
	}

	private static @Nullable String generation(byte @Nullable [] meta) {
		return (meta != null) ? new String(meta, StandardCharsets.UTF_8).split(" ", 2)[0] : null;
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

	/**
	 * One key.
	 *
	 * @param key its name
	 * @param ttlMillis milliseconds it lives on, or null if it is gone
	 * @param sealed start of the sealed tokens in Base64, or null if the key has none
	 * @param sealedBytes length of the sealed tokens
	 * @param generation generation of the record, or null if the key has none
	 */
	record Entry(String key, @Nullable Long ttlMillis, @Nullable String sealed, int sealedBytes,
			@Nullable String generation) {

	}

}
