package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;

import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Tokens;

/**
 * The store of one instance in a test, with a connection of its own.
 */
final class StoreInstance implements AutoCloseable {

	static final String PREFIX = "oauth-redis";

	/** Long enough for a busy machine; tests of deadlines choose their own. */
	static final Duration PATIENT = Duration.ofSeconds(10);

	final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	final RedisTokenStore store;

	private final LettuceConnectionFactory connectionFactory;

	private final OwnConnections connections;

	private final SealingKeys sealingKeys;

	StoreInstance(String host, int port) {
		this(host, port, PATIENT, ring("one"));
	}

	StoreInstance(String host, int port, Duration timeout, KeyRing ring) {
		this(host, port, timeout, (registrationId) -> CompletableFuture.completedFuture(ring));
	}

	StoreInstance(String host, int port, Duration timeout, SealingKeys sealingKeys) {
		this(connections(host, port), timeout, sealingKeys);
	}

	StoreInstance(RedisTarget redis) {
		this(redis, PATIENT);
	}

	StoreInstance(RedisTarget redis, Duration timeout) {
		this(redis.connectionFactory(), timeout);
	}

	/**
	 * Create a store that closes the connections it is given.
	 */
	StoreInstance(LettuceConnectionFactory connectionFactory, Duration timeout) {
		this(connectionFactory, timeout, (registrationId) -> CompletableFuture.completedFuture(ring("one")));
	}

	StoreInstance(LettuceConnectionFactory connectionFactory, Duration timeout, SealingKeys sealingKeys) {
		this.sealingKeys = sealingKeys;
		this.connectionFactory = connectionFactory;
		this.connections = new OwnConnections(connectionFactory, timeout);
		this.store = new RedisTokenStore(this.connections.factory(), PREFIX, timeout, sealingKeys, new RecordCodec(),
				this.events::add, Clock.systemUTC(), 0);
	}

	SignalStore signals() {
		return new SignalStore(this.connections.factory(), PREFIX, PATIENT, this.sealingKeys, Set.of("github"),
				Duration.ofDays(180), Clock.systemUTC());
	}

	private static LettuceConnectionFactory connections(String host, int port) {
		LettuceConnectionFactory connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(host, port),
				LettuceClientConfiguration.builder().shutdownTimeout(Duration.ZERO).build());
		connectionFactory.afterPropertiesSet();
		connectionFactory.start();
		return connectionFactory;
	}

	/**
	 * A sweep of this instance, much faster than an ordinary one.
	 */
	RecordSweep sweep(RevokedRecords revokedRecords) {
		return new RecordSweep((LettuceConnectionFactory) this.connections.factory(), PREFIX, PATIENT, this.sealingKeys,
				new RecordCodec(), this.events::add, revokedRecords, 1_000_000, ForkJoinPool.commonPool(),
				Clock.systemUTC());
	}

	static KeyRing ring(String... ids) {
		return KeyRing.of(Arrays.stream(ids)
			.map((id) -> new SealingKey(id,
					new SecretKeySpec(Digests.sha256(id.getBytes(StandardCharsets.UTF_8)), "AES")))
			.toArray(SealingKey[]::new));
	}

	static Tokens tokens(String name) {
		return tokens(name, Instant.now());
	}

	static Tokens tokens(String name, Instant issuedAt) {
		return tokens(name, issuedAt, Marks.NONE);
	}

	static Tokens tokens(String name, Instant issuedAt, Marks marks) {
		return new Tokens("access-" + name, "Bearer", "refresh-" + name, Set.of("read"), Set.of("read", "write"),
				"alice", issuedAt, issuedAt.plusSeconds(3600), issuedAt, Duration.ofHours(1), null, null, true, marks);
	}

	static Tokens tokens(String name, @Nullable Duration lifetime) {
		Instant issuedAt = Instant.now();
		return new Tokens("access-" + name, "Bearer", "refresh-" + name, Set.of("read"), Set.of("read"), "alice",
				issuedAt, null, issuedAt, lifetime, null, null, true, Marks.NONE);
	}

	static Life life(Duration access, Duration record) {
		Instant now = Instant.now();
		return new Life(now.plus(access), now.plus(record));
	}

	static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
		return stage.toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
	}

	List<TokenEvent.Type> eventTypes() {
		return this.events.stream().map(TokenEvent::type).toList();
	}

	@Override
	public void close() {
		this.connections.close();
		this.connectionFactory.destroy();
	}

}
