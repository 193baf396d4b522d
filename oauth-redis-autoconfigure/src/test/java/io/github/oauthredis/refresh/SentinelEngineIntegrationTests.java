package io.github.oauthredis.refresh;

import org.junit.jupiter.api.Nested;

import io.github.oauthredis.testkit.RedisSentinels;
import io.github.oauthredis.testkit.RedisTarget;

/**
 * The engine on a primary that Sentinels name.
 */
class SentinelEngineIntegrationTests {

	@Nested
	class TokenRefresher extends TokenRefresherIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class InvalidGrant extends InvalidGrantIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class LostAnswer extends LostAnswerIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class PendingCommit extends PendingCommitIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class Replace extends ReplaceIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class SavedTokens extends SavedTokensIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class Schedule extends ScheduleIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class Outage extends OutageIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

	@Nested
	class UnknownKey extends UnknownKeyIntegrationTests {

		@Override
		RedisTarget target() {
			return RedisSentinels.shared();
		}

	}

}
