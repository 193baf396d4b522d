package io.github.oauthredis.refresh;

import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The engine on a cluster of three primaries with a replica each.
 */
class ClusterEngineIntegrationTests extends EngineSuite {

	@Override
	RedisTarget target() {
		return RedisCluster.shared();
	}

}
