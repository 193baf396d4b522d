package io.github.oauthredis.store;

import java.time.Duration;
import java.util.Objects;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The stores of two instances on one real Redis, which is empty when a test begins.
 */
abstract class StoreFixture {

	final RedisTarget redis = target();

	final StoreInstance first = new StoreInstance(this.redis);

	final StoreInstance second = new StoreInstance(this.redis);

	final RedisKeys names = new RedisKeys(StoreInstance.PREFIX);

	/**
	 * Return the Redis to use, once for each test.
	 */
	RedisTarget target() {
		return RedisServer.shared();
	}

	TokenStore store() {
		return this.first.store;
	}

	/**
	 * Return the store of another instance, on the same records.
	 */
	TokenStore other() {
		return this.second.store;
	}

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.first.close();
		this.second.close();
	}

	long pttl(String name) {
		return (Long) Objects.requireNonNull(this.redis.command("PTTL", name));
	}

	Duration ttl(String name) {
		return Duration.ofMillis(pttl(name));
	}

}
