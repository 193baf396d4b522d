package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiFunction;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.SslOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceClientConfiguration.LettuceClientConfigurationBuilder;
import org.springframework.util.FileSystemUtils;

/**
 * A real Redis for tests, seen through a socket and not through the client under test.
 * Thread-safe.
 * <p>
 * {@link #shared()} serves the whole JVM. {@link #start(String...)} gives a server of the
 * test's own, on the loopback interface, which may be paused and killed;
 * {@link #startWithTls} one that speaks TLS and asks for a password.
 */
public final class RedisServer implements RedisTarget, AutoCloseable {

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

	private final @Nullable Path directory;

	private final List<String> args;

	private final @Nullable RedisTls tls;

	private final @Nullable String password;

	private @Nullable RedisProcess process; // guarded by this

	private boolean paused; // guarded by this

	private RedisServer(String host, int port, @Nullable Path directory, List<String> args, @Nullable RedisTls tls,
			@Nullable String password) {
		this.host = host;
		this.port = port;
		this.directory = directory;
		this.args = args;
		this.tls = tls;
		this.password = password;
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
		return start((directory, port) -> new RedisServer("127.0.0.1", port, directory, arguments(port, extraArgs),
				null, null));
	}

	/**
	 * Start a server of the test's own that speaks TLS only, with a certificate that was
	 * made for it, and asks for a password.
	 * @param password the password
	 * @return the server, ready for commands
	 */
	public static RedisServer startWithTls(String password) {
		return start((directory, port) -> {
			RedisTls tls = RedisTls.in(directory);
			List<String> args = new ArrayList<>(arguments(port, "--requirepass", password));
			args.addAll(tls.arguments(port));
			return new RedisServer("127.0.0.1", port, directory, args, tls, password);
		});
	}

	/**
	 * Start a Sentinel.
	 * @param config its configuration, without a port
	 * @return the Sentinel, ready for commands
	 */
	static RedisServer startSentinel(String config) {
		return start((directory, port) -> {
			Path file = directory.resolve("sentinel.conf");
			try {
				Files.writeString(file, "port %d%nbind 127.0.0.1%n%s".formatted(port, config));
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
			return new RedisServer("127.0.0.1", port, directory, List.of(file.toString(), "--sentinel"), null, null);
		});
	}

	private static RedisServer start(BiFunction<Path, Integer, RedisServer> maker) {
		for (int attempt = 1; true; attempt++) {
			RedisServer server = maker.apply(newDirectory(), Ports.free());
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

	private static List<String> arguments(int port, String... extraArgs) {
		List<String> args = new ArrayList<>(
				List.of("--port", String.valueOf(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"));
		args.addAll(List.of(extraArgs));
		return args;
	}

	static RedisServer at(String hostAndPort) {
		int colon = hostAndPort.lastIndexOf(':');
		if (colon < 1) {
			throw new IllegalStateException("'%s' must be host:port".formatted(URL_PROPERTY));
		}
		RedisServer server = new RedisServer(hostAndPort.substring(0, colon),
				Integer.parseInt(hostAndPort.substring(colon + 1)), null, List.of(), null, null);
		server.awaitReady(null);
		return server;
	}

	public String host() {
		return this.host;
	}

	public int port() {
		return this.port;
	}

	@Override
	public RedisStandaloneConfiguration configuration() {
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.host, this.port);
		if (this.password != null) {
			configuration.setPassword(this.password);
		}
		return configuration;
	}

	@Override
	public LettuceClientConfigurationBuilder client() {
		LettuceClientConfigurationBuilder client = RedisTarget.super.client();
		if (this.tls != null) {
			client
				.clientOptions(ClientOptions.builder()
					.sslOptions(SslOptions.builder().trustManager(this.tls.certificate().toFile()).build())
					.build())
				.useSsl();
		}
		return client;
	}

	/**
	 * Return this server as another user of it sees it.
	 * @param user name of a user that the server was started with
	 * @param password the password of the user
	 * @return connections of that user; {@link RedisTarget#command} and its kin keep the
	 * rights of the default user
	 */
	public RedisTarget asUser(String user, String password) {
		return new RedisUser(this, user, password);
	}

	@Override
	public @Nullable Object command(String... args) {
		try (RespClient client = connect()) {
			return client.command(args);
		}
	}

	@Override
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
		try {
			Socket socket = (this.tls != null) ? this.tls.sockets().createSocket() : new Socket();
			RespClient client = new RespClient(socket, this.host, this.port, TIMEOUT);
			if (this.password != null) {
				client.command("AUTH", this.password);
			}
			return client;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Freeze the server: connections stay open and nobody answers.
	 */
	public synchronized void pause() {
		Signals.send("STOP", running().pid());
		this.paused = true;
	}

	/**
	 * Let a paused server go on.
	 */
	public synchronized void resume() {
		Signals.send("CONT", running().pid());
		this.paused = false;
	}

	/**
	 * Return whether the server was neither killed nor paused.
	 * @return whether it should answer
	 */
	public synchronized boolean isUp() {
		return !this.paused && (this.process != null || this.directory == null);
	}

	/**
	 * Kill the server, which loses all its data.
	 */
	public synchronized void kill() {
		running().kill();
		this.process = null;
		this.paused = false;
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
		this.paused = false;
		this.process = new RedisProcess(this.directory, this.port, this.args);
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
