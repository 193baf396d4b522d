package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of a Redis server. Thread-safe.
 * <p>
 * A shell stands between the JVM and the server. It waits for the end of its standard
 * input, which comes even when the JVM is killed, and then kills the server and removes
 * its directory. A line instead of the end keeps the directory, for the next run.
 */
final class RedisProcess {

	private static final String GUARD = """
			trap '' HUP INT TERM
			directory=$1; shift
			cd "$directory" || exit 1
			"$@" </dev/null &
			server=$!
			echo "guarded $server"
			if read -r keep; then
				kill -9 $server 2>/dev/null
			else
				kill -9 $server 2>/dev/null
				cd / && rm -rf "$directory"
			fi
			wait
			""";

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final int LOG_LINES = 200;

	private final Process guard;

	private final CompletableFuture<Long> pid = new CompletableFuture<>();

	private final List<String> log = new ArrayList<>(); // guarded by itself

	RedisProcess(Path directory, int port, List<String> args) {
		List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "redis-guard", directory.toString()));
		command.add(RedisBinary.in(directory).toString());
		command.addAll(args);
		try {
			this.guard = new ProcessBuilder(command).redirectErrorStream(true).start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Daemon.start("redis-log-" + port, this::read);
	}

	/**
	 * Return the process id of the server, not of its guard.
	 * @return the process id
	 */
	long pid() {
		return this.pid.orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
	}

	/**
	 * End the run and keep the directory.
	 */
	void kill() {
		end("keep\n");
	}

	/**
	 * End the run and remove the directory.
	 */
	void discard() {
		end("");
	}

	/**
	 * Return whether the server gave up, for its port or its arguments.
	 * @return whether it never will be ready
	 */
	boolean failed() {
		String log = log();
		return log.contains("Failed listening on port")
				|| (log.contains("FATAL CONFIG FILE ERROR") && log.contains(">>>"));
	}

	String log() {
		synchronized (this.log) {
			return String.join("\n", this.log);
		}
	}

	private void end(String lastWord) {
		try (OutputStream input = this.guard.getOutputStream()) {
			input.write(lastWord.getBytes(StandardCharsets.UTF_8));
		}
		catch (IOException ex) {
			// The guard is gone already, and so is its server.
		}
		this.guard.onExit().orTimeout(BOUND.toSeconds(), TimeUnit.SECONDS).join();
	}

	private void read() {
		try (BufferedReader reader = this.guard.inputReader()) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				if (line.startsWith("guarded ")) {
					this.pid.complete(Long.valueOf(line.substring("guarded ".length())));
				}
				synchronized (this.log) {
					if (this.log.size() == LOG_LINES) {
						this.log.remove(0);
					}
					this.log.add(line);
				}
			}
		}
		catch (IOException ex) {
			// The stream ends with the process.
		}
		this.pid.completeExceptionally(new IllegalStateException("The guard of Redis ended: " + log()));
	}

}
