package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

import org.jspecify.annotations.Nullable;
import org.springframework.util.FileSystemUtils;

/**
 * A real Redis for tests, seen through a socket and not through the client under test.
 * Thread-safe.
 * <p>
 * {@link #shared()} serves the whole JVM. {@link #start(String...)} gives a server of the
 * test's own, on the loopback interface, which may be paused and killed.
 */
public final class RedisServer implements AutoCloseable {

	/**
	 * System property or environment variable with the host:port of a Redis that tests
	 * may empty.
	 */
	public static final String URL_PROPERTY = "OAUTH_REDIS_TEST_URL";

	private static final Duration TIMEOUT = Duration.ofSeconds(5);

	private static final int ATTEMPTS = 5;

	private static final Duration START_BOUND = Duration.ofSeconds(20);

	private final String host;

	private final int port;

	private final List<String> extraArgs;

	private final @Nullable Path directory;

	private @Nullable RedisProcess process; // guarded by this

	private RedisServer(String host, int port) {
		this.host = host;
		this.port = port;
		this.extraArgs = List.of();
		this.directory = null;
	}

	private RedisServer(Path directory, int port, List<String> extraArgs) {
		this.host = "127.0.0.1";
		this.port = port;
		this.extraArgs = extraArgs;
		this.directory = directory;
	}

	/**
	 * Return the Redis of this JVM: the configured one, else a container, else the
	 * packaged binary. Its data is everybody's: use own keys or {@link #flushAll()}.
	 * @return the server, which lives as long as the JVM
	 * @throws IllegalStateException if this machine offers none of them
	 */
	public static RedisServer shared() {
		return SharedRedis.get();
	}

	/**
	 * Start a server of the test's own.
	 * @param extraArgs further arguments of {@code redis-server}
	 * @return the server, ready for commands
	 */
	public static RedisServer start(String... extraArgs) {
		for (int attempt = 1; true; attempt++) {
			RedisServer server = new RedisServer(newDirectory(), Ports.free(), List.of(extraArgs));
			try {
				server.restart();
				return server;
			}
			catch (IllegalStateException ex) {
				// Somebody else may have taken the port in the meantime.
				server.close();
				if (attempt == ATTEMPTS) {
					throw ex;
				}
			}
		}
	}

	static RedisServer at(String hostAndPort) {
		int colon = hostAndPort.lastIndexOf(':');
		if (colon < 1) {
			throw new IllegalStateException("'%s' must be host:port".formatted(URL_PROPERTY));
		}
		RedisServer server = new RedisServer(hostAndPort.substring(0, colon),
				Integer.parseInt(hostAndPort.substring(colon + 1)));
		server.awaitReady(null);
		return server;
	}

	public String host() {
		return this.host;
	}

	public int port() {
		return this.port;
	}

	/**
	 * Send one command on a connection of its own.
	 * @param args the command and its arguments, as UTF-8
	 * @return a {@code String}, {@code Long}, {@code List} of these, or null
	 * @throws IllegalStateException if Redis answers with an error
	 * @throws UncheckedIOException if it does not answer within five seconds
	 */
	public @Nullable Object command(String... args) {
		try (RespClient client = connect()) {
			return client.command(args);
		}
	}

	/**
	 * Send one command on a connection of its own, byte for byte.
	 * @param args the command and its arguments
	 * @return a {@code byte[]} for each string, otherwise as {@link #command}
	 */
	public @Nullable Object binaryCommand(byte[]... args) {
		try (RespClient client = connect()) {
			return client.binaryCommand(args);
		}
	}

	/**
	 * Open a connection that keeps its state from command to command.
	 * @return the connection, to be closed by the caller
	 */
	public RespClient connect() {
		return new RespClient(this.host, this.port, TIMEOUT);
	}

	/**
	 * Return the keys that match a glob pattern, sorted.
	 * @param pattern the pattern, as for {@code KEYS}
	 * @return the keys
	 */
	public List<String> keys(String pattern) {
		List<?> keys = (List<?>) Objects.requireNonNull(command("KEYS", pattern));
		return keys.stream().map(String.class::cast).sorted().toList();
	}

	/**
	 * Return how often each command was executed since {@link #resetCommandCounts()}, by
	 * lower-case name ({@code get}, {@code client|tracking}).
	 * @return the number of calls of each command that was called
	 */
	public Map<String, Long> commandCounts() {
		Map<String, Long> counts = new TreeMap<>();
		String statistics = (String) Objects.requireNonNull(command("INFO", "commandstats"));
		statistics.lines().filter((line) -> line.startsWith("cmdstat_")).forEach((line) -> {
			String name = line.substring("cmdstat_".length(), line.indexOf(':'));
			String calls = line.substring(line.indexOf("calls=") + "calls=".length(), line.indexOf(','));
			counts.put(name, Long.valueOf(calls));
		});
		return counts;
	}

	public void resetCommandCounts() {
		command("CONFIG", "RESETSTAT");
	}

	/**
	 * Remove all data of all databases.
	 */
	public void flushAll() {
		command("FLUSHALL");
	}

	/**
	 * Freeze the server: connections stay open and nobody answers.
	 */
	public void pause() {
		Signals.send("STOP", running().pid());
	}

	/**
	 * Let a paused server go on.
	 */
	public void resume() {
		Signals.send("CONT", running().pid());
	}

	/**
	 * Kill the server, which loses all its data.
	 */
	public synchronized void kill() {
		running().kill();
		this.process = null;
	}

	/**
	 * Start the server on its port, after killing it if it still runs.
	 */
	public synchronized void restart() {
		if (this.directory == null) {
			throw new IllegalStateException("The shared Redis is not this test's to restart");
		}
		if (this.process != null) {
			this.process.kill();
		}
		this.process = new RedisProcess(this.directory, this.port, this.extraArgs);
		awaitReady(this.process);
	}

	/**
	 * Kill a dedicated server for good. Does nothing to the shared one.
	 */
	@Override
	public synchronized void close() {
		if (this.directory == null) {
			return;
		}
		if (this.process != null) {
			this.process.discard();
			this.process = null;
		}
		FileSystemUtils.deleteRecursively(this.directory.toFile());
	}

	/**
	 * Return the process id of a dedicated server.
	 * @return the process id
	 */
	long pid() {
		return running().pid();
	}

	private synchronized RedisProcess running() {
		if (this.process == null) {
			throw new IllegalStateException("Only a running server of the test's own can be paused or killed");
		}
		return this.process;
	}

	private void awaitReady(@Nullable RedisProcess started) {
		boolean ended = Await.holdsWithin(START_BOUND, () -> ready(started) || (started != null && started.failed()));
		if (!ended || !ready(started)) {
			throw new IllegalStateException("Redis at %s:%d does not answer. %s".formatted(this.host, this.port,
					(started != null) ? started.log() : ""));
		}
	}

	private boolean ready(@Nullable RedisProcess started) {
		try {
			// Another Redis may have taken the port: ask who answers.
			return (started != null) ? processId() == started.pid() : "PONG".equals(command("PING"));
		}
		catch (UncheckedIOException | IllegalStateException ex) {
			return false;
		}
	}

	private long processId() {
		String information = (String) Objects.requireNonNull(command("INFO", "server"));
		return information.lines()
			.filter((line) -> line.startsWith("process_id:"))
			.map((line) -> Long.valueOf(line.substring("process_id:".length())))
			.findFirst()
			.orElseThrow();
	}

	private static Path newDirectory() {
		try {
			return Files.createTempDirectory("oauth-redis-test");
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
