package io.github.oauthredis.store;

import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The contract on a cluster of three primaries with a replica each.
 */
class RedisTokenStoreClusterIntegrationTests extends RedisTokenStoreIntegrationTests {

	@Override
	RedisTarget target() {
		return RedisCluster.shared();
	}

}
