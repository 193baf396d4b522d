package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

/**
 * A real Redis of whatever topology: how the code under test connects to it, and a way
 * around that code to see what is stored. Thread-safe.
 */
public interface RedisTarget {

	/**
	 * Return where Redis is, as an application configures it.
	 * @return a configuration of the caller's own
	 */
	RedisConfiguration configuration();

	/**
	 * Return how to connect, as an application configures it.
	 * @return settings of the caller's own
	 */
	default LettuceClientConfigurationBuilder client() {
		return LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO);
	}

	/**
	 * Make connections as an application has them.
	 * @return a started factory, to be destroyed by the caller
	 */
	default LettuceConnectionFactory connectionFactory() {
		return connectionFactory(client().build());
	}

	/**
	 * Make connections with settings of the caller.
	 * @param client the settings
	 * @return a started factory, to be destroyed by the caller
	 */
	default LettuceConnectionFactory connectionFactory(LettuceClientConfiguration client) {
		LettuceConnectionFactory factory = new LettuceConnectionFactory(configuration(), client);
		factory.afterPropertiesSet();
		factory.start();
		return factory;
	}

	/**
	 * Send one command on a connection of its own, to the node that owns its key; without
	 * a key, to every primary.
	 * @param args the command and its arguments, as UTF-8
	 * @return a {@code String}, {@code Long}, {@code List} of these, or null
	 * @throws IllegalStateException if Redis answers with an error
	 * @throws java.io.UncheckedIOException if it does not answer within five seconds
	 */
	@Nullable Object command(String... args);

	/**
	 * Send one command on a connection of its own, byte for byte.
	 * @param args the command and its arguments
	 * @return a {@code byte[]} for each string, otherwise as {@link #command}
	 */
	@Nullable Object binaryCommand(byte[]... args);

	/**
	 * Return the keys that match a glob pattern, sorted.
	 * @param pattern the pattern, as for {@code KEYS}
	 * @return the keys
	 */
	default List<String> keys(String pattern) {
		List<?> keys = (List<?>) Objects.requireNonNull(command("KEYS", pattern));
		return keys.stream().map(String.class::cast).sorted().toList();
	}

	/**
	 * Return how often each command was executed since {@link #resetCommandCounts()}, by
	 * lower-case name ({@code get}, {@code client|tracking}).
	 * @return the number of calls of each command that was called
	 */
	default Map<String, Long> commandCounts() {
		Map<String, Long> counts = new TreeMap<>();
		String statistics = (String) Objects.requireNonNull(command("INFO", "commandstats"));
		statistics.lines().filter((line) -> line.startsWith("cmdstat_")).forEach((line) -> {
			String name = line.substring("cmdstat_".length(), line.indexOf(':'));
			String calls = line.substring(line.indexOf("calls=") + "calls=".length(), line.indexOf(','));
			counts.put(name, Long.valueOf(calls));
		});
		return counts;
	}

	default void resetCommandCounts() {
		command("CONFIG", "RESETSTAT");
	}

	/**
	 * Remove all data of all databases.
	 */
	default void flushAll() {
		command("FLUSHALL");
	}

}
