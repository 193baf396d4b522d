package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

import org.jspecify.annotations.Nullable;

/**
 * The inside of a {@link Node}: lines from the test and lines to it. Thread-safe.
 * <p>
 * The process ends with its standard input, and so with the JVM of the test. Everything
 * else that is printed goes to standard error, where it cannot disturb the lines.
 */
public final class NodeConsole {

	private static final Duration EXIT_BOUND = Duration.ofSeconds(2);

	private static final BlockingQueue<Optional<String>> LINES = new LinkedBlockingQueue<>();

	private static final PrintStream OUTPUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

	private NodeConsole() {
	}

	/**
	 * Run the main class that is named first.
	 * @param args the main class and its arguments
	 * @throws Throwable what the main method throws
	 */
	public static void main(String[] args) throws Throwable {
		System.setOut(System.err);
		Daemon.start("node-input", NodeConsole::readInput);
		try {
			Class.forName(args[0])
				.getMethod("main", String[].class)
				.invoke(null, (Object) Arrays.copyOfRange(args, 1, args.length));
		}
		catch (InvocationTargetException ex) {
			throw ex.getCause();
		}
	}

	/**
	 * Wait for the next line that the test sends.
	 * @return the line, or null when the process is about to end
	 */
	public static @Nullable String readLine() {
		try {
			return LINES.take().orElse(null);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
	}

	/**
	 * Send a line to the test.
	 * @param line the line, without line feeds
	 */
	public static void say(String line) {
		OUTPUT.println(line);
	}

	private static void readInput() {
		try (BufferedReader reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				LINES.add(Optional.of(line));
			}
		}
		catch (IOException ex) {
			// The test is gone.
		}
		LINES.add(Optional.empty());
		// Shutdown hooks may wait for a Redis that is gone, too.
		Daemon.start("node-halt", () -> {
			Await.holdsWithin(EXIT_BOUND, () -> false);
			Runtime.getRuntime().halt(1);
		});
		System.exit(0);
	}

}
