package io.github.oauthredis.testkit;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;

/**
 * A server as one of its users sees it. Immutable.
 */
record RedisUser(RedisServer server, String name, String password) implements RedisTarget {

	@Override
	public RedisConfiguration configuration() {
		RedisStandaloneConfiguration configuration = this.server.configuration();
		configuration.setUsername(this.name);
		configuration.setPassword(this.password);
		return configuration;
	}

	@Override
	public LettuceClientConfigurationBuilder client() {
		return this.server.client();
	}

	@Override
	public @Nullable Object command(String... args) {
		return this.server.command(args);
	}

	@Override
	public @Nullable Object binaryCommand(byte[]... args) {
		return this.server.binaryCommand(args);
	}

}
