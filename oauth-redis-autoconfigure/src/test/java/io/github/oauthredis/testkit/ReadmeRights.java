package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The user of Redis that the README asks for.
 */
public final class ReadmeRights {

	private static final String START = "ACL SETUSER app on >a-password ";

	private ReadmeRights() {
	}

	/**
	 * Read the line of the README.
	 * @return its rules, without name, password and state of the user
	 */
	public static List<String> rules() {
		try (Stream<String> lines = Files.lines(Path.of("../README.md"))) {
			String line = lines.filter((any) -> any.startsWith(START)).findFirst().orElseThrow();
			return List.of(line.substring(START.length()).split(" ", -1));
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Make such a user.
	 * @param server where
	 * @return the server as that user sees it
	 */
	public static RedisTarget give(RedisServer server) {
		List<String> command = new ArrayList<>(List.of("ACL", "SETUSER", "app", "reset", "on", ">secret"));
		command.addAll(rules());
		server.command(command.toArray(String[]::new));
		return server.asUser("app", "secret");
	}

}
