package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.ShiftedClock;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link InvalidationSource} on a real Redis.
 *
 * @author OAuth Redis
 */
class InvalidationSourceIntegrationTests {

	private final RedisServer redis = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private Heard heard;

	@AfterEach
	void close() {
		this.heard.close();
		this.proxy.close();
		this.redis.close();
	}

	private void start(ProtocolVersion protocol, Clock clock) {
		this.heard = Heard.of(new RedisStandaloneConfiguration(this.proxy.host(), this.proxy.port()),
				this.redis.client().clientOptions(ClientOptions.builder().protocolVersion(protocol).build()), clock);
	}

	private void start() {
		start(ProtocolVersion.RESP3, Clock.systemUTC());
		this.heard.await("armed");
	}

	@Test
	void startWhenRedisIsThereHearsOfEveryChange() {
		start();

		this.redis.command("HSET", "oauth-redis:{a}:token", "meta", "1");
		this.heard.await("oauth-redis:{a}:token");
		this.redis.command("SET", "oauth-redis:{b}:token", "1", "PX", "20");
		this.heard.await("oauth-redis:{b}:token");
		Await.until("the expiry", Heard.BOUND, () -> {
			this.redis.command("EXISTS", "oauth-redis:{b}:token");
			return this.heard.count("oauth-redis:{b}:token") == 2;
		});
		this.redis.command("SET", "other:{a}:token", "1");
		this.redis.flushAll();
		this.heard.await("all");

		assertThat(this.heard.events).noneMatch((event) -> event.startsWith("other") || event.contains("canary"));
	}

	@Test
	void startWhenAliveConfirmsAgainAndAgain() {
		start();

		this.heard.awaitConfirmation();
		this.heard.awaitConfirmation();
	}

	@Test
	void startWhenProvedHasOnePrefixForAllInstances() {
		start();

		assertThat((String) this.redis.command("INFO", "stats")).contains("tracking_total_prefixes:1\r");
	}

	@Test
	void breakIsHeardOfAndArmedAnew() {
		start();

		this.proxy.cut();
		this.heard.await("disarmed");
		this.heard.await("armed", 2);

		this.redis.command("SET", "oauth-redis:{a}:token", "1");
		this.heard.await("oauth-redis:{a}:token");
	}

	@Test
	void breakIsHeardOfBeforeTheNextSignOfLifeIsDue() {
		start();
		boolean early = false;
		for (int i = 0; !early && i < 10; i++) {
			this.heard.awaitConfirmation();
			long disarmed = this.heard.count("disarmed");
			this.proxy.cut();
			early = Await.holdsWithin(Duration.ofMillis(500), () -> this.heard.count("disarmed") > disarmed);
		}

		assertThat(early).as("once in ten times, on a busy machine").isTrue();
	}

	@ParameterizedTest
	@EnumSource(Direction.class)
	void linkThatLosesEverythingIsDisarmed(Direction direction) {
		start();
		this.heard.awaitConfirmation();

		this.proxy.blackHole(direction);
		Instant lost = Clock.systemUTC().instant();
		this.redis.command("SET", Heard.key("unheard"), "1");
		this.heard.await("disarmed");
		assertThat(this.heard.confirmed()).isBeforeOrEqualTo(lost);
		int connections = this.proxy.connections();
		Await.until("further attempts", Heard.BOUND, () -> this.proxy.connections() > connections + 1);
		this.proxy.passThrough();
		this.heard.await("armed", 2);
		Await.until("one connection", Heard.BOUND, () -> this.proxy.openConnections() == 1);

		this.redis.command("SET", Heard.key("heard"), "1");
		this.heard.await(Heard.key("heard"));
	}

	@Test
	void answerThatTakesLongConfirmsWhatWasBeforeTheQuestion() {
		this.proxy.delay(Duration.ofMillis(100));
		start();

		this.heard.awaitConfirmation();

		assertThat(this.heard.confirmed()).isBeforeOrEqualTo(Clock.systemUTC().instant().minusMillis(200));
	}

	@Test
	void changesThatArriveWithTheSignOfLifeAreToldBeforeItConfirms() {
		start();
		for (int i = 0; i < 5; i++) {
			for (int j = 0; j < 200; j++) {
				this.redis.command("SET", Heard.key(i + "-" + j), "1");
			}

			this.heard.awaitConfirmation();

			assertThat(this.heard.events).contains(Heard.key(i + "-199"));
		}
	}

	@Test
	void killedConnectionIsArmedAnew() {
		start();

		this.redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
		this.heard.await("armed", 2);

		this.redis.command("SET", Heard.key("a"), "1");
		this.heard.await(Heard.key("a"));
		this.heard.awaitConfirmation();
		assertThat(this.heard.events).containsSubsequence("armed", "disarmed", "armed", Heard.key("a"));
	}

	@Test
	void restartedRedisIsArmedAnew() {
		start();

		this.redis.kill();
		this.heard.await("disarmed");
		this.redis.restart();
		this.heard.await("armed", 2);

		this.redis.command("SET", Heard.key("a"), "1");
		this.heard.await(Heard.key("a"));
	}

	@Test
	void redisThatBecameAReplicaIsNotListenedTo() {
		start();

		this.redis.command("REPLICAOF", "127.0.0.1", "1");
		this.heard.await("disarmed");
		long armed = this.heard.count("armed");
		this.redis.resetCommandCounts();
		Await.until("another attempt", Heard.BOUND, () -> this.redis.commandCounts().containsKey("psetex"));
		assertThat(this.heard.count("armed")).isEqualTo(armed);

		this.redis.command("REPLICAOF", "NO", "ONE");
		Await.until("a new start", Heard.BOUND, () -> this.heard.count("armed") > armed);
	}

	@Test
	void clockThatIsSetChangesEverythingAndStartsAnew() {
		ShiftedClock clock = new ShiftedClock();
		start(ProtocolVersion.RESP3, clock);
		this.heard.await("armed").awaitConfirmation();

		clock.shift(Duration.ofHours(-1));
		this.heard.await("all");

		Await.until("a new start", Heard.BOUND,
				() -> this.heard.events.subList(this.heard.events.indexOf("all"), this.heard.events.size())
					.containsAll(List.of("disarmed", "armed")));
		Instant earlier = Clock.systemUTC().instant().minus(Duration.ofMinutes(59));
		Await.until("a confirmation by the clock as it is", Heard.BOUND,
				() -> Objects.requireNonNull(this.heard.confirmed()).isBefore(earlier));
	}

	@Test
	void clockThatIsSetWhileRedisIsAwayChangesEverything() {
		this.proxy.refuse();
		ShiftedClock clock = new ShiftedClock();
		start(ProtocolVersion.RESP3, clock);

		clock.shift(Duration.ofHours(1));

		this.heard.await("all");
	}

	@Test
	void startWhenRedisIsAwayArmsWhenItReturns() {
		this.proxy.refuse();
		start(ProtocolVersion.RESP3, Clock.systemUTC());

		this.proxy.comeBack();

		this.heard.await("armed");
	}

	@Test
	void startWhenNeitherIsPermittedStaysDisarmedAndWarns() {
		this.redis.command("ACL", "SETUSER", "default", "-client|tracking", "-subscribe");
		try (CapturedLogs logs = CapturedLogs.start()) {
			start(ProtocolVersion.RESP3, Clock.systemUTC());

			Await.until("a warning", Heard.BOUND,
					() -> logs.text().contains("Redis does not tell of changes, neither"));
		}
		assertThat(this.heard.count("armed")).isZero();
	}

	@Test
	void closeEndsTheThreadAndDisarms() {
		start();

		this.heard.stop();

		assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().equals("oauth-redis-invalidations") && thread.isAlive());
		assertThat(this.heard.events).endsWith("disarmed");
	}

	@Test
	void closeWhenLinkLosesEverythingIsBounded() {
		this.proxy.blackHole(Direction.DOWNSTREAM);
		start(ProtocolVersion.RESP3, Clock.systemUTC());
		Await.until("an attempt", Heard.BOUND, () -> this.proxy.connections() > 0);

		this.heard.stop();

		assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().equals("oauth-redis-invalidations") && thread.isAlive());
	}

}
