package io.github.oauthredis.store;

import org.junit.jupiter.api.AfterAll;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The contract on a Redis that speaks TLS only and asks for a password.
 */
class RedisTokenStoreTlsIntegrationTests extends RedisTokenStoreIntegrationTests {

	private static final RedisServer secured = RedisServer.startWithTls("secret");

	@Override
	RedisTarget target() {
		return secured;
	}

	@AfterAll
	static void stop() {
		secured.close();
	}

}
