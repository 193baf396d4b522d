package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.RedisSentinelConfiguration;

/**
 * A primary, its replica and three Sentinels that watch them, from the packaged binary.
 * Thread-safe.
 */
public final class RedisSentinels implements RedisTopology {

	private static final String NAME = "main";

	private static final Duration BOUND = Duration.ofSeconds(60);

	private static final int SENTINELS = 3;

	private static final String CONFIG = """
			sentinel monitor main %s %d 2
			sentinel down-after-milliseconds main %d
			sentinel failover-timeout main 3000
			""";

	// So long that a busy machine is not taken for a dead server.
	private static final Duration PATIENT = Duration.ofSeconds(15);

	private static @Nullable RedisSentinels instance; // guarded by this class

	private final List<RedisServer> servers = new ArrayList<>();

	private final List<RedisServer> sentinels = new ArrayList<>();

	private RedisSentinels() {
	}

	/**
	 * Return the topology of this JVM. Its data is everybody's.
	 * @return the topology, which lives as long as the JVM and must stay whole
	 */
	public static synchronized RedisSentinels shared() {
		if (instance == null) {
			instance = start(PATIENT);
		}
		return instance;
	}

	/**
	 * Start them.
	 * @param downAfter time after which a silent primary is held for dead
	 * @return the topology, replicated and watched
	 */
	public static RedisSentinels start(Duration downAfter) {
		RedisSentinels topology = new RedisSentinels();
		try {
			topology.form(downAfter);
			return topology;
		}
		catch (RuntimeException | Error ex) {
			topology.close();
			throw ex;
		}
	}

	private void form(Duration downAfter) {
		RedisServer primary = RedisServer.start("--repl-diskless-sync-delay", "0");
		this.servers.add(primary);
		this.servers.add(RedisServer.start("--repl-diskless-sync-delay", "0", "--replicaof", primary.host(),
				String.valueOf(primary.port())));
		Await.until("a replica", BOUND, () -> text(primary.command("INFO", "replication")).contains("state=online"));
		for (int i = 0; i < SENTINELS; i++) {
			RedisServer sentinel = RedisServer
				.startSentinel(CONFIG.formatted(primary.host(), primary.port(), downAfter.toMillis()));
			this.sentinels.add(sentinel);
			// They look at servers every 10 seconds and at each other every 2, otherwise.
			sentinel.command("SENTINEL", "DEBUG", "INFO-PERIOD", "500", "PUBLISH-PERIOD", "300");
		}
		awaitWhole();
	}

	/**
	 * Wait until the primary is replicated and every Sentinel knows everybody and sees
	 * nobody down.
	 */
	@Override
	public void awaitWhole() {
		Await.until("a primary that is replicated", BOUND,
				() -> text(primary().command("INFO", "replication")).contains("state=online"));
		Await.until("Sentinels that know each other", BOUND, () -> this.sentinels.stream().allMatch((sentinel) -> {
			List<?> state = (List<?>) Objects.requireNonNull(sentinel.command("SENTINEL", "MASTER", NAME));
			return field(state, "num-slaves").equals("1")
					&& field(state, "num-other-sentinels").equals(String.valueOf(SENTINELS - 1))
					&& field(state, "flags").equals("master");
		}));
	}

	private static String field(List<?> state, String name) {
		return (String) state.get(state.indexOf(name) + 1);
	}

	@Override
	public RedisConfiguration configuration() {
		RedisSentinelConfiguration configuration = new RedisSentinelConfiguration().master(NAME);
		this.sentinels.forEach((sentinel) -> configuration.sentinel(sentinel.host(), sentinel.port()));
		return configuration;
	}

	/**
	 * Return the primary by the word of the Sentinels.
	 * @return the primary, which may be down
	 */
	public RedisServer primary() {
		List<?> address = (List<?>) Objects
			.requireNonNull(this.sentinels.get(0).command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME));
		return this.servers.stream()
			.filter((server) -> String.valueOf(server.port()).equals(address.get(1)))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * Return the server that is not the primary.
	 * @return the replica, which may be down
	 */
	public RedisServer replica() {
		RedisServer primary = primary();
		return this.servers.stream().filter((server) -> server != primary).findFirst().orElseThrow();
	}

	/**
	 * Make the replica the primary while both are well.
	 */
	public void failOver() {
		RedisServer before = primary();
		Await.until("a replica that may be promoted", BOUND, this::failOverStarts);
		awaitFailover(before);
	}

	private boolean failOverStarts() {
		try {
			return "OK".equals(this.sentinels.get(0).command("SENTINEL", "FAILOVER", NAME));
		}
		catch (IllegalStateException ex) {
			return false;
		}
	}

	/**
	 * Wait until every Sentinel names another primary, which knows that it is one.
	 * @param before the former primary
	 */
	public void awaitFailover(RedisServer before) {
		RedisServer after = this.servers.stream().filter((server) -> server != before).findFirst().orElseThrow();
		Await.until("another primary", BOUND,
				() -> this.sentinels.stream()
					.allMatch((sentinel) -> String.valueOf(after.port())
						.equals(((List<?>) Objects
							.requireNonNull(sentinel.command("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME))).get(1)))
						&& text(after.command("INFO", "replication")).contains("role:master"));
	}

	@Override
	public RedisServer primaryOf(String key) {
		return primary();
	}

	@Override
	public void awaitFailover(String key, RedisServer before) {
		awaitFailover(before);
	}

	@Override
	public @Nullable Object command(String... args) {
		return primary().command(args);
	}

	@Override
	public @Nullable Object binaryCommand(byte[]... args) {
		return primary().binaryCommand(args);
	}

	private static String text(@Nullable Object answer) {
		return (String) Objects.requireNonNull(answer);
	}

	@Override
	public void close() {
		this.sentinels.forEach(RedisServer::close);
		this.servers.forEach(RedisServer::close);
	}

}
