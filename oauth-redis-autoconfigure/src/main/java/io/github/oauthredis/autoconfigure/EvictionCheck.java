package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import reactor.core.publisher.Mono;

/**
 * Asks Redis ({@code CONFIG GET maxmemory-policy}) whether it may throw records away when
 * memory runs short, and warns if so: a lost grant logs its user out. Says nothing if
 * Redis does not answer in time or does not permit the question. Blocks only while it
 * connects.
 */
final class EvictionCheck implements Runnable {

	private static final Log logger = LogFactory.getLog(EvictionCheck.class);

	private static final String SETTING = "maxmemory-policy";

	private static final String HARMLESS = "noeviction";

	private final ReactiveRedisConnectionFactory connectionFactory;

	private final Duration deadline;

	/**
	 * Create a check.
	 * @param connectionFactory connections to the Redis that keeps tokens
	 * @param deadline longest wait for the answer
	 */
	EvictionCheck(ReactiveRedisConnectionFactory connectionFactory, Duration deadline) {
		this.connectionFactory = connectionFactory;
		this.deadline = deadline;
	}

	@Override
	public void run() {
		CompletionStage<Properties> answer = Mono
			.usingWhen(Mono.fromSupplier(this.connectionFactory::getReactiveConnection),
					(connection) -> connection.serverCommands().getConfig(SETTING).timeout(this.deadline),
					ReactiveRedisConnection::closeLater)
			.toFuture();
		answer.whenComplete(this::report);
	}

	private void report(@Nullable Properties answer, @Nullable Throwable ex) {
		if (ex != null) {
			logger.debug("The eviction policy of Redis is not known", ex);
		}
		if (answer == null) {
			return;
		}
		Set<String> policies = new TreeSet<>();
		// Nodes of a cluster answer one by one: <host>:<port>.maxmemory-policy.
		answer.forEach((name, value) -> {
			if (String.valueOf(name).endsWith(SETTING) && !HARMLESS.equals(value)) {
				policies.add(String.valueOf(value));
			}
		});
		if (!policies.isEmpty()) {
			logger
				.warn(("Redis may evict token records when memory runs short ('%s' is %s): users would have to log in "
						+ "again. Set it to '%s' on the Redis server that keeps tokens")
					.formatted(SETTING, String.join(", ", policies), HARMLESS));
		}
	}

}
