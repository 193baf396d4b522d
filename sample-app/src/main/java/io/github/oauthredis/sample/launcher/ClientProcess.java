package io.github.oauthredis.sample.launcher;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One instance of the client application in a JVM of its own, so that two instances share
 * no bean, no cache and no static state, only Redis.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ClientProcess implements AutoCloseable {

	/** First argument of a JVM that is an instance of the client application. */
	public static final String ROLE = "client";

	/**
	 * The client application knows nothing of the authorization server; only their class
	 * path is the same here.
	 */
	private static final String NOT_OF_THE_CLIENT = "org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerAutoConfiguration,"
			+ "org.springframework.boot.security.oauth2.server.authorization.autoconfigure.servlet.OAuth2AuthorizationServerJwtAutoConfiguration";

	private static final Duration START_TIMEOUT = Duration.ofSeconds(90);

	private static final Duration STOP_TIMEOUT = Duration.ofSeconds(5);

	private final Part part;

	private final int port;

	private final Process process;

	private ClientProcess(Part part, int port, Process process) {
		this.part = part;
		this.port = port;
		this.process = process;
	}

	/**
	 * Start an instance.
	 * @param part which one
	 * @param port where it listens
	 * @param arguments its arguments
	 * @param secrets environment variables, because everybody on this machine can read
	 * arguments
	 * @return the process, which is not ready yet
	 */
	static ClientProcess start(Part part, int port, List<String> arguments, Map<String, String> secrets) {
		List<String> command = new ArrayList<>();
		command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
		command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
		String classPath = System.getProperty("java.class.path");
		if (classPath.endsWith(".jar") && !classPath.contains(File.pathSeparator)) {
			command.addAll(List.of("-jar", classPath));
		}
		else {
			command.addAll(List.of("-cp", classPath, "io.github.oauthredis.sample.SampleApplication"));
		}
		command.add(ROLE);
		command.add("--server.port=" + port);
		command.add("--sample.instance=" + part.id());
		command.add("--spring.autoconfigure.exclude=" + NOT_OF_THE_CLIENT);
		command.addAll(List.of("--spring.main.banner-mode=off", "--spring.main.log-startup-info=false"));
		command.addAll(arguments);
		try {
			ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
			builder.environment().putAll(secrets);
			Process process = builder.start();
			Thread printer = new Thread(() -> print(process), part.id() + "-output");
			printer.setDaemon(true);
			printer.start();
			return new ClientProcess(part, port, process);
		}
		catch (IOException ex) {
			throw new SampleStartException("The JVM of %s could not be started.".formatted(part.id()), ex);
		}
	}

	private static void print(Process process) {
		// Not inherited: whoever runs this JVM may have replaced its standard output.
		try (BufferedReader output = process.inputReader()) {
			output.lines().forEach(System.out::println);
		}
		catch (IOException | UncheckedIOException ex) {
			// The process has ended.
		}
	}

	void awaitReady() {
		long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
		while (!Ports.accepts(this.port)) {
			if (hasEnded(Duration.ofMillis(100))) {
				throw new SampleStartException("%s ended; its messages are above.".formatted(this.part.id()));
			}
			if (System.nanoTime() - deadline > 0) {
				throw new SampleStartException(
						"%s was not ready after %d s.".formatted(this.part.id(), START_TIMEOUT.toSeconds()));
			}
		}
	}

	private boolean hasEnded(Duration wait) {
		try {
			return this.process.waitFor(wait.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return true;
		}
	}

	@Override
	public void close() {
		this.process.destroy();
		if (!hasEnded(STOP_TIMEOUT)) {
			this.process.destroyForcibly();
		}
	}

}
