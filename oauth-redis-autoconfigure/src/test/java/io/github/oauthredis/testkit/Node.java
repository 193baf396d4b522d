package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

/**
 * A JVM of its own with the class path of the tests, which a test may pause and kill. The
 * two speak in lines; inside, {@link NodeConsole} reads and writes them. Thread-safe.
 * <p>
 * No node outlives the JVM of the test.
 */
public final class Node implements AutoCloseable {

	private static final Duration CLOSE_BOUND = Duration.ofSeconds(10);

	private static final int LOG_LINES = 1000;

	private final List<String> lines = new ArrayList<>(); // guarded by itself

	private final List<String> log = new ArrayList<>(); // guarded by itself

	private final Process process;

	private boolean ended; // guarded by lines

	private Node(Process process) {
		this.process = process;
		Daemon.start("node-output", () -> {
			forEachLine(process.getInputStream(), this::addLine);
			waitForExit();
			end();
		});
		Daemon.start("node-log", () -> forEachLine(process.getErrorStream(), this::addLog));
	}

	/**
	 * Start a node.
	 * @param main a public class with a main method that speaks through
	 * {@link NodeConsole}
	 * @param properties the system properties of the node
	 * @param args the arguments of the main method
	 * @return the node, which may not have come to its main method yet
	 */
	public static Node start(Class<?> main, Map<String, String> properties, String... args) {
		return start(main, List.of(), properties, args);
	}

	/**
	 * Start a node.
	 * @param main as above
	 * @param options further options of the JVM
	 * @param properties as above
	 * @param args as above
	 * @return as above
	 */
	public static Node start(Class<?> main, List<String> options, Map<String, String> properties, String... args) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-Xmx192m", "-Xss512k", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
				"-XX:+ExitOnOutOfMemoryError", "-Dfile.encoding=UTF-8"));
		command.addAll(options);
		properties.forEach((name, value) -> command.add("-D" + name + "=" + value));
		command.addAll(List.of(NodeConsole.class.getName(), main.getName()));
		command.addAll(List.of(args));
		ProcessBuilder builder = new ProcessBuilder(command);
		builder.environment().put("CLASSPATH", classPath());
		try {
			return new Node(builder.start());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send a line to the node.
	 * @param line the line, without line feeds
	 * @return this node
	 */
	public Node send(String line) {
		try {
			this.process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
			this.process.getOutputStream().flush();
			return this;
		}
		catch (IOException ex) {
			throw new UncheckedIOException("The node is gone. " + description(), ex);
		}
	}

	/**
	 * Wait for a line and take it; others stay.
	 * @param prefix how the line begins
	 * @param bound the longest wait
	 * @return the first line not taken yet that begins so
	 * @throws AssertionError if there is none within the bound, or the node ended
	 */
	public String await(String prefix, Duration bound) {
		long deadline = System.nanoTime() + bound.toNanos();
		synchronized (this.lines) {
			for (String line = take(prefix); true; line = take(prefix)) {
				if (line != null) {
					return line;
				}
				long millis = (deadline - System.nanoTime()) / 1_000_000 + 1;
				if (millis <= 0 || this.ended) {
					throw new AssertionError("No line with '%s' within %s. %s".formatted(prefix, bound, description()));
				}
				waitForLines(Math.min(millis, 100));
			}
		}
	}

	/**
	 * Return the lines that nobody took yet.
	 * @return the lines in their order
	 */
	public List<String> lines() {
		synchronized (this.lines) {
			return List.copyOf(this.lines);
		}
	}

	/**
	 * Return what the node logged: everything it printed but its lines.
	 * @return the last thousand lines of it
	 */
	public String log() {
		synchronized (this.log) {
			return String.join("\n", this.log);
		}
	}

	/**
	 * Freeze the whole process.
	 */
	public void pause() {
		Signals.send("STOP", this.process.pid());
	}

	/**
	 * Let a paused process go on.
	 */
	public void resume() {
		Signals.send("CONT", this.process.pid());
	}

	/**
	 * Kill the process, which can do nothing about it, and wait until it is gone.
	 */
	public void kill() {
		this.process.destroyForcibly();
		this.process.onExit().join();
	}

	public boolean isAlive() {
		return this.process.isAlive();
	}

	public long pid() {
		return this.process.pid();
	}

	/**
	 * End the process in an orderly way within some seconds, else kill it.
	 */
	@Override
	public void close() {
		try {
			this.process.getOutputStream().close();
		}
		catch (IOException ex) {
			// The process is gone.
		}
		if (!waitForExit()) {
			kill();
		}
	}

	private boolean waitForExit() {
		try {
			return this.process.waitFor(CLOSE_BOUND.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return false;
		}
	}

	private @Nullable String take(String prefix) {
		for (Iterator<String> iterator = this.lines.iterator(); iterator.hasNext();) {
			String line = iterator.next();
			if (line.startsWith(prefix)) {
				iterator.remove();
				return line;
			}
		}
		return null;
	}

	private void waitForLines(long millis) {
		try {
			this.lines.wait(millis);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError("Interrupted while waiting for a node", ex);
		}
	}

	private void addLine(String line) {
		synchronized (this.lines) {
			this.lines.add(line);
			this.lines.notifyAll();
		}
	}

	private void end() {
		synchronized (this.lines) {
			this.ended = true;
			this.lines.notifyAll();
		}
	}

	private void addLog(String line) {
		synchronized (this.log) {
			if (this.log.size() == LOG_LINES) {
				this.log.remove(0);
			}
			this.log.add(line);
		}
	}

	private String description() {
		String state = this.process.isAlive() ? "It runs." : "It ended with %d.".formatted(this.process.exitValue());
		return "%s Its lines: %s Its log:%n%s".formatted(state, lines(), log());
	}

	private static void forEachLine(InputStream stream, Consumer<String> sink) {
		try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
			reader.lines().forEach(sink);
		}
		catch (IOException | UncheckedIOException ex) {
			// The stream ends with the process.
		}
	}

	private static String classPath() {
		return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
	}

}
