package io.github.oauthredis.store;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import io.github.oauthredis.testkit.RedisServer;

/**
 * The contract on a real Redis, and what can only be seen there.
 */
class RedisTokenStoreIntegrationTests extends TokenStoreContractTests {

	private final RedisServer redis = RedisServer.shared();

	private final StoreInstance first = new StoreInstance(this.redis.host(), this.redis.port());

	private final StoreInstance second = new StoreInstance(this.redis.host(), this.redis.port());

	@Override
	TokenStore store() {
		return this.first.store;
	}

	@Override
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

}
