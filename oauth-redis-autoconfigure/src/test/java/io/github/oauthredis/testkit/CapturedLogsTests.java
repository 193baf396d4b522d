package io.github.oauthredis.testkit;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CapturedLogs}.
 */
class CapturedLogsTests {

	private static final String NAME = "captured.example";

	private final Logger logger = LoggerFactory.getLogger(NAME);

	@Test
	void textHoldsMessagesOfEveryLevel() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			this.logger.trace("one {} two {}", "first", "second");
			this.logger.atDebug().log("fluent {}", "third");
			this.logger.error("failed", new IllegalStateException("outer", new IllegalArgumentException("inner")));

			assertThat(logs.text()).contains("TRACE captured.example one first two second", "fluent third", "failed",
					"outer", "inner");
		}
	}

	@Test
	void textHoldsFailuresGivenAsLastArgument() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			this.logger.debug("failed {}", "again", new IllegalStateException("hidden"));

			assertThat(logs.text()).contains("failed again", "hidden");
		}
	}

	@Test
	void textHoldsCommonsLoggingAndGuardedMessages() {
		Log log = LogFactory.getLog(NAME);
		((ch.qos.logback.classic.Logger) this.logger).setLevel(Level.ERROR);
		try (CapturedLogs logs = CapturedLogs.start()) {
			if (log.isTraceEnabled()) {
				log.trace("guarded by commons logging");
			}
			if (this.logger.isDebugEnabled()) {
				this.logger.debug("guarded by slf4j");
			}

			assertThat(logs.text()).contains("guarded by commons logging", "guarded by slf4j");
		}
		finally {
			((ch.qos.logback.classic.Logger) this.logger).setLevel(null);
		}
	}

	@Test
	void textWhenLoggingIsResetGoesOn() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			((LoggerContext) LoggerFactory.getILoggerFactory()).reset();

			this.logger.trace("after the reset");

			assertThat(logs.text()).contains("after the reset");
		}
	}

	@Test
	void textWhenAnApplicationStartsGoesOn() {
		try (CapturedLogs logs = CapturedLogs.start();
				ConfigurableApplicationContext context = new SpringApplicationBuilder(Object.class)
					.web(WebApplicationType.NONE)
					.run()) {
			this.logger.trace("after the start");

			assertThat(context.isActive()).isTrue();
			assertThat(logs.text()).contains("after the start", "org.springframework");
		}
	}

	@Test
	void closeEndsTheCapture() {
		boolean enabled = this.logger.isTraceEnabled();
		CapturedLogs logs = CapturedLogs.start();
		assertThat(this.logger.isTraceEnabled()).isTrue();
		logs.close();

		this.logger.trace("too late");

		assertThat(this.logger.isTraceEnabled()).isEqualTo(enabled);
		assertThat(logs.text()).doesNotContain("too late");
	}

	@Test
	void clearForgets() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			this.logger.trace("early");
			logs.clear();
			this.logger.trace("late");

			assertThat(logs.text()).contains("late").doesNotContain("early");
		}
	}

}
