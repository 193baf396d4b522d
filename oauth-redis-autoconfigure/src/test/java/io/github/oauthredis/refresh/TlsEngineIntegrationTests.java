package io.github.oauthredis.refresh;

import org.junit.jupiter.api.AfterAll;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The engine on a Redis that speaks TLS only and asks for a password.
 */
class TlsEngineIntegrationTests extends ReplaceIntegrationTests {

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
