package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * What is told when Redis goes away and comes back.
 */
class RedisAwayIntegrationTests extends EngineFixture {

	private static final TokenKey SERVICE = EngineInstance.issuedKey("read");

	private static final Logger logger = (Logger) LoggerFactory.getLogger(RecordReader.class);

	private final ListAppender<ILoggingEvent> logs = new ListAppender<>();

	private final MutableClock clock = new MutableClock(Clock.systemUTC().instant());

	private EngineInstance instance;

	@BeforeEach
	void start() {
		this.logs.setContext(logger.getLoggerContext());
		this.logs.start();
		logger.addAppender(this.logs);
		logger.setLevel(Level.INFO);
		this.instance = instance(new EngineInstance.Options().clock(this.clock));
	}

	@AfterEach
	void detach() {
		logger.detachAppender(this.logs);
		logger.setLevel(null);
	}

	private String obtainIssued(EngineInstance instance) {
		return token(instance.refresher.obtain(instance.demand(SERVICE, this.server)));
	}

	private void goAwayAndComeBack() {
		this.instance.faults.loseRequests("find");
		for (int i = 0; i < 5; i++) {
			obtainIssued(this.instance);
			this.clock.advance(Duration.ofSeconds(1));
		}
		this.instance.faults.heal();
		for (int i = 0; i < 5; i++) {
			obtainIssued(this.instance);
		}
	}

	private List<TokenEvent> told(EngineInstance instance) {
		return instance.events.stream().filter((event) -> event.type().name().startsWith("REDIS")).toList();
	}

	@Test
	void changesAreToldOnce() {
		goAwayAndComeBack();

		assertThat(told(this.instance)).extracting(TokenEvent::type, TokenEvent::registrationId, TokenEvent::detail)
			.containsExactly(tuple(TokenEvent.Type.REDIS_AWAY, "service", "TokenStoreException 'The request was lost'"),
					tuple(TokenEvent.Type.REDIS_BACK, "service", null));
		assertThat(this.logs.list).satisfiesExactly(
				(event) -> assertThat(event.toString()).contains("[WARN]", "TokenStoreException"),
				(event) -> assertThat(event.toString()).contains("[INFO]", "again"));
	}

	@Test
	void changesThatFollowSoonAreNotTold() {
		goAwayAndComeBack();
		goAwayAndComeBack();
		assertThat(this.logs.list).hasSize(2);

		this.clock.advance(Duration.ofMinutes(1));
		goAwayAndComeBack();

		assertThat(this.logs.list).hasSize(4);
		assertThat(told(this.instance)).hasSize(4);
	}

	@Test
	void rightThatIsMissingIsNamed() {
		try (RedisServer restricted = RedisServer.start()) {
			restricted.command("ACL", "SETUSER", "app", "on", ">secret", "allkeys", "+@all", "-mget");
			RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(restricted.host(),
					restricted.port());
			configuration.setUsername("app");
			configuration.setPassword("secret");
			LettuceConnectionFactory application = new LettuceConnectionFactory(configuration);
			application.afterPropertiesSet();
			application.start();
			try (EngineInstance forbidden = new EngineInstance(application, new EngineInstance.Options())) {
				obtainIssued(forbidden);
				obtainIssued(forbidden);

				assertThat(this.logs.list).singleElement()
					.satisfies((event) -> assertThat(event.toString()).contains("[WARN]",
							"The user executing the script can't run this command"));
			}
		}
	}

}
