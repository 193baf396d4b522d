package io.github.oauthredis.refresh;

import org.junit.jupiter.api.Nested;

import io.github.oauthredis.testkit.RedisTarget;

/**
 * All that the engine promises, on a Redis of another kind.
 */
abstract class EngineSuite {

	abstract RedisTarget target();

	@Nested
	class TokenRefresher extends TokenRefresherIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class InvalidGrant extends InvalidGrantIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class LostAnswer extends LostAnswerIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class PendingCommit extends PendingCommitIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class Replace extends ReplaceIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class SavedTokens extends SavedTokensIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class Schedule extends ScheduleIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class Outage extends OutageIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class UnknownKey extends UnknownKeyIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class Revocation extends RevocationIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class HoldOff extends HoldOffIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class Budget extends BudgetIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

	@Nested
	class RecentWrites extends RecentWritesIntegrationTests {

		@Override
		RedisTarget target() {
			return EngineSuite.this.target();
		}

	}

}
