package io.github.oauthredis.refresh;

import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The engine on a primary that Sentinels name.
 */
class SentinelEngineIntegrationTests extends EngineSuite {

	@Override
	RedisTarget target() {
		return RedisSentinels.shared();
	}

}
