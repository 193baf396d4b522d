package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link InvalidationSource} on a real Redis.
 *
 * @author OAuth Redis
 */
class InvalidationSourceIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final RedisServer redis = RedisServer.shared();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final Heard heard = new Heard();

	private LettuceConnectionFactory connectionFactory;

	private InvalidationSource source;

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.source.close();
		this.connectionFactory.destroy();
		this.proxy.close();
	}

	private void start(ProtocolVersion protocol, Clock clock) {
		this.connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(this.proxy.host(), this.proxy.port()),
				LettuceClientConfiguration.builder()
					.clientOptions(ClientOptions.builder().protocolVersion(protocol).build())
					.build());
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.source = new InvalidationSource(this.connectionFactory, "oauth-redis", Duration.ofSeconds(1), clock,
				this.heard);
		this.source.start();
	}

	private void start() {
		start(ProtocolVersion.RESP3, Clock.systemUTC());
		awaitArmed(1);
	}

	private void awaitArmed(int times) {
		Await.until("armed", BOUND, () -> this.heard.count("armed") >= times);
	}

	private void awaitHeard(String what) {
		Await.until(what, BOUND, () -> this.heard.count(what) > 0);
	}

	@Test
	void startWhenRedisIsThereHearsOfEveryChange() {
		start();

		this.redis.command("HSET", "oauth-redis:{a}:token", "meta", "1");
		awaitHeard("oauth-redis:{a}:token");
		this.redis.command("SET", "oauth-redis:{b}:token", "1", "PX", "20");
		awaitHeard("oauth-redis:{b}:token");
		Await.until("the expiry", BOUND, () -> {
			this.redis.command("EXISTS", "oauth-redis:{b}:token");
			return this.heard.count("oauth-redis:{b}:token") == 2;
		});
		this.redis.command("SET", "other:{a}:token", "1");
		this.redis.flushAll();
		awaitHeard("all");

		assertThat(this.heard.events).noneMatch((event) -> event.startsWith("other") || event.contains("canary"));
	}

	@Test
	void startWhenAliveConfirmsAgainAndAgain() {
		start();

		Instant first = Instant.now();
		Await.until("a confirmation", BOUND, () -> {
			Instant confirmed = this.heard.confirmed.get();
			return confirmed != null && confirmed.isAfter(first.plusMillis(900));
		});
	}

	@Test
	void breakIsHeardOfAndArmedAnew() {
		start();

		this.proxy.cut();
		awaitHeard("disarmed");
		awaitArmed(2);

		this.redis.command("SET", "oauth-redis:{a}:token", "1");
		awaitHeard("oauth-redis:{a}:token");
	}

	@Test
	void linkThatLosesEverythingIsDisarmed() {
		start();

		this.proxy.blackHole(TcpProxy.Direction.DOWNSTREAM);
		awaitHeard("disarmed");
		this.proxy.passThrough();
		this.proxy.cut();

		awaitArmed(2);
	}

	@Test
	void startWhenRedisIsAwayArmsWhenItReturns() {
		this.proxy.refuse();
		start(ProtocolVersion.RESP3, Clock.systemUTC());

		this.proxy.comeBack();

		awaitArmed(1);
	}

	@Test
	void startWhenProtocolIsOldStaysDisarmedAndWarnsOnce() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			start(ProtocolVersion.RESP2, Clock.systemUTC());

			Await.until("a warning", BOUND, () -> logs.text().contains("Redis does not tell of changes"));
		}
		assertThat(this.heard.count("armed")).isZero();
	}

	@Test
	void startWhenNotPermittedStaysDisarmedAndWarnsOnce() {
		this.redis.command("ACL", "SETUSER", "default", "-client|tracking");
		try (CapturedLogs logs = CapturedLogs.start()) {
			start(ProtocolVersion.RESP3, Clock.systemUTC());

			Await.until("a warning", BOUND, () -> logs.text().contains("Redis does not tell of changes"));
		}
		finally {
			this.redis.command("ACL", "SETUSER", "default", "+client|tracking");
		}
		assertThat(this.heard.count("armed")).isZero();
	}

	@Test
	void closeEndsTheThreadAndDisarms() {
		start();

		this.source.close();

		assertThat(Thread.getAllStackTraces().keySet())
			.noneMatch((thread) -> thread.getName().equals("oauth-redis-invalidations") && thread.isAlive());
		assertThat(this.heard.events).endsWith("disarmed");
	}

	private static final class Heard implements InvalidationListener {

		private final List<String> events = new CopyOnWriteArrayList<>();

		private final AtomicReference<Instant> confirmed = new AtomicReference<>();

		long count(String event) {
			return this.events.stream().filter(event::equals).count();
		}

		@Override
		public void changed(String key) {
			this.events.add(key);
		}

		@Override
		public void changedAll() {
			this.events.add("all");
		}

		@Override
		public void armed() {
			this.events.add("armed");
		}

		@Override
		public void confirmed(Instant until) {
			this.confirmed.set(until);
		}

		@Override
		public void disarmed() {
			this.events.add("disarmed");
		}

	}

}
