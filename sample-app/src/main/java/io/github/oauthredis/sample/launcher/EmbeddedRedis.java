package io.github.oauthredis.sample.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A Redis of its own for the sample, from a server binary on the class path. It keeps
 * nothing on disk and ends with this JVM, even if this JVM is killed.
 *
 * @author OAuth Redis
 */
final class EmbeddedRedis implements AutoCloseable {

	private static final String BINARY = "redis-server-7.0.15-%s-%s";

	/**
	 * Runs the server as a child, passes on the signals that are named on standard input,
	 * and kills the server at its end: the operating system closes it when the launcher
	 * is gone, however it went.
	 */
	private static final String GUARD = """
			trap '' INT TERM HUP
			"$@" &
			server=$!
			while read -r signal; do kill -"$signal" "$server"; done
			kill -9 "$server"
			""";

	private static final Duration START_TIMEOUT = Duration.ofSeconds(10);

	private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

	private final Process guard;

	private final int port;

	private EmbeddedRedis(Process guard, int port) {
		this.guard = guard;
		this.port = port;
	}

	static EmbeddedRedis start() {
		try {
			Path directory = Files.createTempDirectory("oauth-redis-sample");
			Path binary = directory.resolve("redis-server");
			Path log = directory.resolve("redis.log");
			try {
				extract(binary);
				return start(binary, log);
			}
			finally {
				// A running server needs neither file any more.
				Files.deleteIfExists(binary);
				Files.deleteIfExists(log);
				Files.deleteIfExists(directory);
			}
		}
		catch (IOException ex) {
			throw new SampleStartException(
					"The embedded Redis could not be started: %s. Install one and point to it: %s"
						.formatted(ex.getMessage(), "--spring.data.redis.host=localhost"),
					ex);
		}
	}

	private static EmbeddedRedis start(Path binary, Path log) throws IOException {
		int port = Ports.anyFree();
		Process guard = new ProcessBuilder("sh", "-c", GUARD, "guard", binary.toString(), "--port",
				Integer.toString(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--loglevel",
				"warning")
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		EmbeddedRedis redis = new EmbeddedRedis(guard, port);
		if (!redis.awaitReady()) {
			redis.close();
			throw new IOException("no answer on port %d. %s".formatted(port, Files.readString(log)));
		}
		return redis;
	}

	private static void extract(Path binary) throws IOException {
		String name = BINARY.formatted(operatingSystem(), architecture());
		try (InputStream content = EmbeddedRedis.class.getResourceAsStream("/" + name)) {
			if (content == null) {
				throw new IOException("there is no '%s'".formatted(name));
			}
			Files.copy(content, binary);
		}
		if (!binary.toFile().setExecutable(true)) {
			throw new IOException("'%s' cannot be made executable".formatted(binary));
		}
	}

	private static String operatingSystem() {
		String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
		if (name.contains("windows")) {
			throw new SampleStartException(
					"There is no embedded Redis for Windows. Start one, for example in WSL or Docker, and point to it: "
							+ "--spring.data.redis.host=localhost --spring.data.redis.port=6379");
		}
		return name.contains("mac") ? "darwin" : "linux";
	}

	private static String architecture() {
		String name = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
		if (List.of("aarch64", "arm64").contains(name)) {
			return "arm64";
		}
		return List.of("amd64", "x86_64").contains(name) ? "amd64" : "386";
	}

	private boolean awaitReady() {
		long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
		while (System.nanoTime() - deadline < 0) {
			if (Ports.accepts(this.port)) {
				return true;
			}
			if (hasEnded(Duration.ofMillis(20))) {
				return false;
			}
		}
		return false;
	}

	private boolean hasEnded(Duration wait) {
		try {
			return this.guard.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	/**
	 * Stop the server in the middle of whatever it does. Its connections stay open and
	 * its data stays in memory, but nobody gets an answer: the kind of outage that is
	 * hardest to notice.
	 */
	void freeze() {
		signal("STOP");
	}

	/**
	 * Let the server go on where it was stopped.
	 */
	void resume() {
		signal("CONT");
	}

	private void signal(String name) {
		try {
			OutputStream guard = this.guard.getOutputStream();
			guard.write((name + "\n").getBytes(StandardCharsets.US_ASCII));
			guard.flush();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	List<String> arguments() {
		return List.of("--spring.data.redis.host=127.0.0.1", "--spring.data.redis.port=" + this.port);
	}

	int port() {
		return this.port;
	}

	@Override
	public void close() {
		try {
			this.guard.getOutputStream().close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		if (!hasEnded(STOP_TIMEOUT)) {
			this.guard.destroyForcibly();
		}
	}

}
