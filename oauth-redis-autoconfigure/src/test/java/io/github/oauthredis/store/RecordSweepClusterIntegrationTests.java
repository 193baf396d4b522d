package io.github.oauthredis.store;

import io.github.oauthredis.testkit.RedisCluster;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * Sweeps of a cluster, whose records are on several servers.
 */
class RecordSweepClusterIntegrationTests extends RecordSweepIntegrationTests {

	@Override
	RedisTarget target() {
		RedisTarget target = RedisCluster.shared();
		target.flushAll();
		return target;
	}

}
