package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletionStage;

import io.lettuce.core.KeyScanArgs;
import io.lettuce.core.ScanCursor;
import io.lettuce.core.api.async.RedisKeyAsyncCommands;
import io.lettuce.core.cluster.api.async.RedisAdvancedClusterAsyncCommands;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * The names of all records, a page at a time ({@code SCAN}), from one primary after the
 * other. For one pass by one thread at a time.
 */
final class RecordNames implements AutoCloseable {

	private final RedisConnection connection;

	private final KeyScanArgs arguments;

	private final Queue<RedisKeyAsyncCommands<byte[], byte[]>> servers = new ArrayDeque<>();

	private ScanCursor cursor = ScanCursor.INITIAL;

	/**
	 * Start at the first name. Blocks while it connects.
	 * @param connectionFactory connections to Redis
	 * @param pattern pattern of the names
	 * @param page about as many keys, of whatever name, are looked at for each page
	 */
	@SuppressWarnings("unchecked") // the connections of the factory carry bytes
	RecordNames(LettuceConnectionFactory connectionFactory, String pattern, int page) {
		this.arguments = KeyScanArgs.Builder.limit(page).match(pattern);
		this.connection = connectionFactory.getConnection();
		Object commands = this.connection.getNativeConnection();
		if (commands instanceof RedisAdvancedClusterAsyncCommands<?, ?> cluster) {
			this.servers
				.addAll(((RedisAdvancedClusterAsyncCommands<byte[], byte[]>) cluster).upstream().asMap().values());
		}
		else {
			this.servers.add((RedisKeyAsyncCommands<byte[], byte[]>) commands);
		}
	}

	boolean hasNext() {
		return !this.servers.isEmpty();
	}

	/**
	 * The next page, which may be empty.
	 */
	CompletionStage<List<String>> next() {
		return this.servers.element().scan(this.cursor, this.arguments).thenApply((found) -> {
			this.cursor = found.isFinished() ? ScanCursor.INITIAL : found;
			if (found.isFinished()) {
				this.servers.remove();
			}
			return found.getKeys().stream().map((name) -> new String(name, StandardCharsets.UTF_8)).toList();
		});
	}

	@Override
	public void close() {
		this.connection.close();
	}

}
