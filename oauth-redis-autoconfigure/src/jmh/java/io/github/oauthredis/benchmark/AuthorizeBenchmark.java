package io.github.oauthredis.benchmark;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariDataSource;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;

import io.github.oauthredis.testkit.RedisServer;

/**
 * {@code OAuth2AuthorizedClientManager.authorize} where a fresh token is at hand: 2,000
 * bytes of tokens, one user.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class AuthorizeBenchmark {

	@Benchmark
	public OAuth2AuthorizedClient stockInMemory(StockInMemory peer) {
		return peer.authorize();
	}

	@Benchmark
	public OAuth2AuthorizedClient stockJdbcH2(StockJdbcH2 peer) {
		return peer.authorize();
	}

	@Benchmark
	public OAuth2AuthorizedClient stockJdbcPostgres(StockJdbcPostgres peer) {
		return peer.authorize();
	}

	@Benchmark
	public OAuth2AuthorizedClient stockJsonInRedis(StockJsonInRedis peer) {
		return peer.authorize();
	}

	@Benchmark
	public OAuth2AuthorizedClient oursNearCacheHit(OursNearCache peer) {
		return peer.authorize();
	}

	@Benchmark
	public OAuth2AuthorizedClient oursRedisHit(OursRedis peer) {
		return peer.authorize();
	}

	@Benchmark
	public byte[] bareLettuceGet(BareLettuce peer) {
		return peer.get();
	}

	/** Spring Security's manager and its in-memory service. */
	@State(Scope.Benchmark)
	public static class StockInMemory extends Peer {

		@Setup
		public void setUp() {
			InMemoryClientRegistrationRepository registrations = Samples.registrations(TOKEN_URI);
			OAuth2AuthorizedClientService service = new InMemoryOAuth2AuthorizedClientService(registrations);
			prepare(Stock.manager(registrations, service), service, registrations.findByRegistrationId(Samples.USERS));
		}

	}

	/** Spring Security's manager and its JDBC service on an H2 inside the process. */
	@State(Scope.Benchmark)
	public static class StockJdbcH2 extends Peer {

		private HikariDataSource pool;

		@Setup
		public void setUp() {
			InMemoryClientRegistrationRepository registrations = Samples.registrations(TOKEN_URI);
			this.pool = Stock.pool("jdbc:h2:mem:benchmark;DB_CLOSE_DELAY=-1", "sa");
			OAuth2AuthorizedClientService service = Stock.jdbc(this.pool, false, registrations);
			prepare(Stock.manager(registrations, service), service, registrations.findByRegistrationId(Samples.USERS));
		}

		@TearDown
		public void tearDown() {
			this.pool.close();
		}

	}

	/** Spring Security's manager and its JDBC service on a PostgreSQL of this machine. */
	@State(Scope.Benchmark)
	public static class StockJdbcPostgres extends Peer {

		private PostgresServer postgres;

		private HikariDataSource pool;

		@Setup
		public void setUp() {
			InMemoryClientRegistrationRepository registrations = Samples.registrations(TOKEN_URI);
			this.postgres = PostgresServer.start();
			this.pool = Stock.pool(this.postgres.url(), "benchmark");
			OAuth2AuthorizedClientService service = Stock.jdbc(this.pool, true, registrations);
			prepare(Stock.manager(registrations, service), service, registrations.findByRegistrationId(Samples.USERS));
		}

		@TearDown
		public void tearDown() {
			this.pool.close();
			this.postgres.close();
		}

	}

	/** Spring Security's manager and JSON in Redis. */
	@State(Scope.Benchmark)
	public static class StockJsonInRedis extends Peer {

		private RedisServer redis;

		private LettuceConnectionFactory connections;

		@Setup
		public void setUp() {
			InMemoryClientRegistrationRepository registrations = Samples.registrations(TOKEN_URI);
			this.redis = RedisServer.start();
			this.connections = new LettuceConnectionFactory(this.redis.host(), this.redis.port());
			this.connections.afterPropertiesSet();
			this.connections.start();
			OAuth2AuthorizedClientService service = new JsonRedisAuthorizedClientService(
					new StringRedisTemplate(this.connections));
			prepare(Stock.manager(registrations, service), service, registrations.findByRegistrationId(Samples.USERS));
		}

		@TearDown
		public void tearDown() {
			this.connections.destroy();
			this.redis.close();
		}

	}

	/** The starter; every call reads Redis. */
	@State(Scope.Benchmark)
	public static class OursRedis extends Peer {

		private RedisServer redis;

		private Ours ours;

		@Setup
		public void setUp() {
			start(false);
		}

		void start(boolean nearCache) {
			this.redis = RedisServer.start();
			this.ours = Ours.start(this.redis.port(), TOKEN_URI, nearCache, Map.of());
			prepare(this.ours.manager(), this.ours.service(), this.ours.registration(Samples.USERS));
		}

		@TearDown
		public void tearDown() {
			this.ours.close();
			this.redis.close();
		}

	}

	/** The starter as it is by default. */
	@State(Scope.Benchmark)
	public static class OursNearCache extends OursRedis {

		@Override
		@Setup(Level.Trial)
		public void setUp() {
			start(true);
		}

	}

	/** The bytes of one of our records, as one string. */
	@State(Scope.Benchmark)
	public static class BareLettuce extends OursRedis {

		private static final byte[] KEY = "bare".getBytes(StandardCharsets.US_ASCII);

		private RedisClient client;

		private RedisCommands<byte[], byte[]> commands;

		@Override
		@Setup
		public void setUp() {
			super.setUp();
			RedisServer redis = super.redis;
			String key = redis.keys(Ours.KEY_PREFIX + ":*:token").get(0);
			ByteArrayOutputStream record = new ByteArrayOutputStream();
			Object fields = redis.binaryCommand("HVALS".getBytes(StandardCharsets.US_ASCII),
					key.getBytes(StandardCharsets.UTF_8));
			for (Object value : (List<?>) Objects.requireNonNull(fields)) {
				record.writeBytes((byte[]) value);
			}
			this.client = RedisClient.create(RedisURI.create(redis.host(), redis.port()));
			this.commands = this.client.connect(ByteArrayCodec.INSTANCE).sync();
			this.commands.set(KEY, record.toByteArray());
		}

		byte[] get() {
			return this.commands.get(KEY);
		}

		@Override
		@TearDown
		public void tearDown() {
			this.client.shutdown();
			super.tearDown();
		}

	}

}
