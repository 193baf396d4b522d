package io.github.oauthredis.store;

import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The contract on a primary that Sentinels name.
 */
class RedisTokenStoreSentinelIntegrationTests extends RedisTokenStoreIntegrationTests {

	@Override
	RedisTarget target() {
		return RedisSentinels.shared();
	}

}
