package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;

/**
 * A source with connections of its own, and everything that it tells, in order, but for
 * confirmations. Thread-safe.
 *
 * @author OAuth Redis
 */
final class Heard implements InvalidationListener, AutoCloseable {

	static final Duration BOUND = Duration.ofSeconds(30);

	static final Duration TIMEOUT = Duration.ofSeconds(2);

	final List<String> events = new CopyOnWriteArrayList<>();

	private final AtomicReference<@Nullable Instant> confirmed = new AtomicReference<>();

	private final LettuceConnectionFactory connectionFactory;

	private final InvalidationSource source;

	private Heard(RedisConfiguration redis, LettuceClientConfigurationBuilder client, Clock clock, Duration timeout) {
		this.connectionFactory = new LettuceConnectionFactory(redis, client.shutdownTimeout(Duration.ZERO).build());
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.source = new InvalidationSource(this.connectionFactory, "oauth-redis", timeout, clock, this);
		this.source.start();
	}

	static Heard of(RedisConfiguration redis, LettuceClientConfigurationBuilder client) {
		return of(redis, client, Clock.systemUTC());
	}

	static Heard of(RedisConfiguration redis, LettuceClientConfigurationBuilder client, Clock clock) {
		return of(redis, client, clock, TIMEOUT);
	}

	static Heard of(RedisConfiguration redis, LettuceClientConfigurationBuilder client, Clock clock, Duration timeout) {
		return new Heard(redis, client, clock, timeout);
	}

	static String key(String name) {
		return "oauth-redis:{" + name + "}:token";
	}

	long count(String event) {
		return this.events.stream().filter(event::equals).count();
	}

	/**
	 * Wait until something was heard so many times since the beginning.
	 */
	Heard await(String event, int times) {
		Await.until("%s, %d times".formatted(event, times), BOUND, () -> count(event) >= times);
		return this;
	}

	Heard await(String event) {
		return await(event, 1);
	}

	@Nullable Instant confirmed() {
		return this.confirmed.get();
	}

	/**
	 * Wait until a moment after this call is confirmed.
	 */
	void awaitConfirmation() {
		Instant now = Clock.systemUTC().instant();
		Await.until("a confirmation", BOUND, () -> {
			Instant until = this.confirmed.get();
			return until != null && until.isAfter(now);
		});
	}

	/**
	 * Stop listening; may be called again.
	 */
	void stop() {
		this.source.close();
	}

	@Override
	public void close() {
		stop();
		this.connectionFactory.destroy();
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
