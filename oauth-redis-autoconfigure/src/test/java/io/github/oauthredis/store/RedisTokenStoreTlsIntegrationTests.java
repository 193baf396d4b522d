package io.github.oauthredis.store;

import org.junit.jupiter.api.AfterAll;

import io.github.oauthredis.testkit.ReadmeRights;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The contract on a Redis that speaks TLS only and asks for a password, as a user who may
 * do what the README lists and nothing else.
 */
class RedisTokenStoreTlsIntegrationTests extends RedisTokenStoreIntegrationTests {

	private static final RedisServer secured = RedisServer.startWithTls("secret");

	@Override
	RedisTarget target() {
		return ReadmeRights.give(secured);
	}

	@AfterAll
	static void stop() {
		secured.close();
	}

}
