package io.github.oauthredis.refresh;

import org.junit.jupiter.api.AfterAll;

import io.github.oauthredis.testkit.ReadmeRights;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The engine on a Redis that speaks TLS only and asks for a password, as a user who may
 * do what the README lists and nothing else.
 */
class TlsEngineIntegrationTests extends EngineSuite {

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
