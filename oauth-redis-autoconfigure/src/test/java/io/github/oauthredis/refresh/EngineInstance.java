package io.github.oauthredis.refresh;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConnection;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.test.util.ReflectionTestUtils;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.resilience.CircuitBreakerCallGuard;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.RecordSweep;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.store.RedisRevocationOutbox;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.RevokedRecords;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One instance of a fleet in a test: an engine with connections of its own, on a real
 * Redis and a real token endpoint.
 */
final class EngineInstance implements AutoCloseable {

	static final RefreshPolicy POLICY = policy(Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ofSeconds(5),
			Duration.ZERO);

	private static final Duration BOUND = Duration.ofSeconds(20);

	final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	final List<GrantLostEvent> lost = new CopyOnWriteArrayList<>();

	final LettuceConnectionFactory connectionFactory;

	final OwnConnections connections;

	private final Options options;

	/**
	 * The way to the store; faultless until a test says otherwise.
	 */
	final FaultyStore faults;

	final TokenStore store;

	/**
	 * Where tokens go that were taken away, with {@link Options#revoking()}.
	 */
	final FaultyOutbox outbox;

	private final @Nullable NearCache near;

	final CallGuard guard;

	final TokenRefresher refresher;

	EngineInstance(String host, int port, Clock clock, StopPoints stopPoints) {
		this(host, port, new Options().clock(clock).stopPoints(stopPoints));
	}

	EngineInstance(String host, int port, Options options) {
		this(connections(host, port), options);
	}

	EngineInstance(RedisTarget redis, Options options) {
		this(redis.connectionFactory(), options);
	}

	/**
	 * Create an instance that closes the connections it is given.
	 */
	EngineInstance(LettuceConnectionFactory connectionFactory, Options options) {
		this.options = options;
		this.connectionFactory = connectionFactory;
		this.connections = new OwnConnections(connectionFactory, options.redisTimeout);
		TokenEvents heard = new TokenEvents() {

			@Override
			public void publish(TokenEvent event) {
				EngineInstance.this.events.add(event);
				options.listener.publish(event);
			}

			@Override
			public void grantLost(GrantLostEvent event) {
				EngineInstance.this.lost.add(event);
				options.listener.grantLost(event);
			}

		};
		this.faults = new FaultyStore(
				new RedisTokenStore(this.connections.factory(), "oauth-redis", options.redisTimeout, options.keys,
						new RecordCodec(), this.events::add, options.clock, options.waitReplicas));
		this.store = options.decorator.apply(this.faults);
		this.outbox = new FaultyOutbox(new RedisRevocationOutbox(this.connections.factory(), "oauth-redis",
				options.redisTimeout, options.keys, new RecordCodec(), this.events::add, options.clock));
		this.near = options.nearCache ? new NearCache(100, Duration.ofSeconds(30), Duration.ofMinutes(10),
				new RedisKeys("oauth-redis"), options.clock) : null;
		this.guard = options.guard.apply(options.clock);
		this.refresher = new TokenRefresher(this.store, options.revoking ? this.outbox : null, this.near, heard,
				options.clock, new RequestLimits(options.concurrency, options.budget), this.guard, false,
				options.stopPoints);
	}

	private static LettuceConnectionFactory connections(String host, int port) {
		LettuceConnectionFactory connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(host, port));
		connectionFactory.afterPropertiesSet();
		connectionFactory.start();
		return connectionFactory;
	}

	static RefreshPolicy policy(Duration callTimeout, Duration callerWait, Duration minInterval, Duration grace) {
		return new RefreshPolicy(Duration.ofMinutes(5), 0.2, Duration.ofSeconds(5), callTimeout, callerWait,
				minInterval, Duration.ofMinutes(5), grace, Duration.ofMinutes(5), Duration.ofDays(180));
	}

	static KeyRing ring(String id) {
		byte[] secret = new byte[32];
		secret[0] = (byte) id.hashCode();
		return KeyRing.of(new SealingKey(id, new SecretKeySpec(secret, "AES")));
	}

	static TokenKey grantKey(String principal) {
		return TokenKey.grant("github", "client", "https://provider/token", principal);
	}

	static TokenKey issuedKey(String... scopes) {
		return TokenKey.issued("service", "client", "https://provider/token", "client_credentials", List.of(scopes),
				Map.of(), null);
	}

	TokenDemand demand(TokenKey key, FakeAuthorizationServer server) {
		return demand(key, server, POLICY);
	}

	TokenDemand demand(TokenKey key, FakeAuthorizationServer server, RefreshPolicy policy) {
		return demand(key, server.tokenUri(), policy);
	}

	static TokenDemand demand(TokenKey key, String tokenUri, RefreshPolicy policy) {
		return new TokenDemand(key, policy, source(tokenUri));
	}

	static TokenSource source(String tokenUri) {
		return new HttpTokenSource(tokenUri, "client", "secret");
	}

	/**
	 * Save a grant as a login does.
	 * @param expiresIn lifetime counted from now; negative for a token of an hour that
	 * ended; null if the server did not say
	 */
	void login(TokenKey key, IssuedGrant grant, @Nullable Duration expiresIn) {
		boolean ended = expiresIn != null && expiresIn.isNegative();
		login(key, grant, ended ? Duration.ofHours(1) : expiresIn, expiresIn, false);
	}

	/**
	 * Save a grant as a login does that was some time ago.
	 * @param rotates whether the server was seen to replace refresh tokens
	 */
	void login(TokenKey key, IssuedGrant grant, @Nullable Duration lifetime, @Nullable Duration remaining,
			boolean rotates) {
		Instant now = this.options.clock.instant();
		Instant issuedAt = (lifetime != null && remaining != null) ? now.plus(remaining).minus(lifetime) : now;
		save(key,
				new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read"), Set.of("read"),
						key.attributes().get(2), issuedAt, (lifetime != null) ? issuedAt.plus(lifetime) : null,
						issuedAt, lifetime, null, null, rotates, Marks.NONE));
	}

	void save(TokenKey key, Tokens tokens) {
		get(this.refresher.save(key, POLICY, tokens));
	}

	TokenRecord obtain(TokenDemand demand) {
		return get(this.refresher.obtain(demand));
	}

	String accessToken(TokenDemand demand) {
		return obtain(demand).requireTokens().accessToken();
	}

	/**
	 * Take everything out of the outbox, due or not.
	 * @return the refresh tokens, or the access tokens where there are none
	 */
	List<String> discarded() {
		List<String> tokens = new ArrayList<>();
		try (RedisConnection connection = this.connectionFactory.getConnection()) {
			byte[] script = ("for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do "
					+ "redis.call('ZADD', KEYS[1], 1, id) end")
				.getBytes(StandardCharsets.UTF_8);
			connection.scriptingCommands()
				.eval(script, ReturnType.STATUS, 1, "oauth-redis:outbox:{ob}:times".getBytes(StandardCharsets.UTF_8));
		}
		Await.until("a look at all of the outbox", BOUND, () -> {
			RevocationOutbox.Claim claim = get(this.outbox.claim(Duration.ofMinutes(1)));
			RevocationOutbox.Entry entry = claim.entry();
			if (entry != null) {
				String refreshToken = entry.tokens().refreshToken();
				tokens.add((refreshToken != null) ? refreshToken : entry.tokens().accessToken());
				get(this.outbox.settle(entry, null));
			}
			return entry == null && claim.pause().compareTo(Duration.ofSeconds(2)) > 0;
		});
		return tokens;
	}

	TokenRecord find(TokenKey key) {
		return get(this.store.find(key));
	}

	/**
	 * A sweep of this instance, much faster than an ordinary one.
	 */
	RecordSweep sweep() {
		return new RecordSweep((LettuceConnectionFactory) this.connections.factory(), "oauth-redis",
				this.options.redisTimeout, this.options.keys, new RecordCodec(), this.events::add,
				RevokedRecords.NOBODY, 1_000_000, ForkJoinPool.commonPool(), this.options.clock);
	}

	NearCache near() {
		return Objects.requireNonNull(this.near);
	}

	/**
	 * Wait for events; they follow after callers were served.
	 * @param types all events there may be
	 */
	void awaitEvents(TokenEvent.Type... types) {
		Await.holdsWithin(BOUND, () -> eventTypes().equals(List.of(types)));
		assertThat(eventTypes()).containsExactly(types);
	}

	/**
	 * The same of many callers at once: one who was held up between its reading and the
	 * refresh finds that it is done, and says so.
	 */
	void awaitEventsOfMany(TokenEvent.Type... types) {
		Supplier<List<TokenEvent.Type>> others = () -> eventTypes().stream()
			.filter((type) -> type != TokenEvent.Type.ADOPTED)
			.toList();
		Await.holdsWithin(BOUND, () -> others.get().equals(List.of(types)));
		assertThat(others.get()).containsExactly(types);
	}

	List<TokenEvent.Type> eventTypes() {
		return this.events.stream().map(TokenEvent::type).toList();
	}

	static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
		return stage.toCompletableFuture().copy().orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
	}

	/**
	 * Wait until Redis answers in time, which it may not while code is loaded and
	 * connections are made.
	 */
	void awaitRedis() {
		Await.until("Redis", BOUND,
				() -> this.store.find(grantKey("nobody"))
					.handle((record, ex) -> ex == null)
					.toCompletableFuture()
					.join());
	}

	/**
	 * Wait until nothing is under way, which proves that nothing leaked: no flight, no
	 * slot, no queued or lingering request, no pending commit, no timer.
	 */
	void awaitIdle() {
		Object context = field(this.refresher, "context");
		Map<?, ?> flights = (Map<?, ?>) field(field(this.refresher, "flights"), "flights");
		Map<?, ?> unshared = (Map<?, ?>) field(field(field(context, "unshared"), "flights"), "flights");
		Map<?, ?> pending = (Map<?, ?>) field(field(context, "pending"), "pending");
		Await.until("an engine without flights", BOUND, () -> flights.isEmpty() && unshared.isEmpty());
		Await.until("an engine without pending commits", BOUND, pending::isEmpty);
		Await.until("all slots", BOUND, () -> free(gate()) == this.options.concurrency);
		Await.until("all slots of each provider", BOUND,
				() -> providers().stream().allMatch((provider) -> free(provider) == (int) field(gate(), "share")));
		Semaphore lingering = (Semaphore) field(field(this.refresher, "threads"), "lingering");
		Await.until("nobody lingering", BOUND, () -> lingering.availablePermits() == this.options.concurrency);
		Await.until("no timer", BOUND, () -> timers().isEmpty());
	}

	Collection<?> timers() {
		return (Collection<?>) Objects.requireNonNull(
				ReflectionTestUtils.invokeMethod(field(field(this.refresher, "threads"), "timer"), "getQueue"));
	}

	/**
	 * Count the requests that wait for a slot.
	 */
	int queued() {
		return providers().stream()
			.mapToInt((provider) -> ((Collection<?>) field(field(provider, "slots"), "queue")).size())
			.sum();
	}

	/**
	 * Count the refreshes under way.
	 */
	int flights() {
		return ((Map<?, ?>) field(field(this.refresher, "flights"), "flights")).size();
	}

	private static int free(Object owner) {
		return ((AtomicInteger) field(field(owner, "slots"), "free")).get();
	}

	private List<Object> providers() {
		Object halves = Objects
			.requireNonNull(((AtomicReference<?>) field(field(gate(), "providers"), "halves")).get());
		return Stream.of("young", "old")
			.<Object>flatMap((half) -> ((Map<?, ?>) field(halves, half)).values().stream())
			.toList();
	}

	private Object gate() {
		return field(field(this.refresher, "context"), "gate");
	}

	private static Object field(Object target, String name) {
		return Objects.requireNonNull(ReflectionTestUtils.getField(target, name));
	}

	@Override
	public void close() {
		this.refresher.close();
		this.connections.close();
		this.connectionFactory.destroy();
	}

	/**
	 * How an instance differs from an ordinary one.
	 */
	static final class Options {

		private Clock clock = Clock.systemUTC();

		private StopPoints stopPoints = StopPoints.NONE;

		private SealingKeys keys = of(EngineInstance.ring("test-key"));

		private int concurrency = 16;

		private @Nullable Budget budget;

		private Function<Clock, CallGuard> guard = (clock) -> CallGuard.NONE;

		private Duration redisTimeout = Duration.ofSeconds(10);

		private int waitReplicas;

		private boolean nearCache;

		private boolean revoking;

		private TokenEvents listener = (event) -> {
		};

		private UnaryOperator<TokenStore> decorator = (store) -> store;

		Options clock(Clock clock) {
			this.clock = clock;
			return this;
		}

		Options stopPoints(StopPoints stopPoints) {
			this.stopPoints = stopPoints;
			return this;
		}

		private static SealingKeys of(KeyRing ring) {
			return (registrationId) -> CompletableFuture.completedFuture(ring);
		}

		Options ring(KeyRing ring) {
			return keys(of(ring));
		}

		Options keys(SealingKeys keys) {
			this.keys = keys;
			return this;
		}

		Options concurrency(int concurrency) {
			this.concurrency = concurrency;
			return this;
		}

		Options budget(double perSecond, int burst) {
			this.budget = new Budget(perSecond, burst);
			return this;
		}

		/**
		 * Guard providers by circuit breakers that open after five failures in a row.
		 * @param openFor how long, by the clock of the instance
		 */
		Options circuitBreakers(Duration openFor) {
			this.guard = (clock) -> new CircuitBreakerCallGuard(5, openFor, clock);
			return this;
		}

		Options redisTimeout(Duration redisTimeout) {
			this.redisTimeout = redisTimeout;
			return this;
		}

		Options waitReplicas(int waitReplicas) {
			this.waitReplicas = waitReplicas;
			return this;
		}

		/**
		 * Keep records in memory; nothing tells of changes, unless the test does.
		 */
		Options nearCache() {
			this.nearCache = true;
			return this;
		}

		/**
		 * Put tokens that are taken away into the outbox.
		 */
		Options revoking() {
			this.revoking = true;
			return this;
		}

		Options listener(TokenEvents listener) {
			this.listener = listener;
			return this;
		}

		Options store(UnaryOperator<TokenStore> decorator) {
			this.decorator = decorator;
			return this;
		}

	}

}
