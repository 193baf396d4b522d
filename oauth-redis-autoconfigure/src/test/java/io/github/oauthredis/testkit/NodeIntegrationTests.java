package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Node}.
 */
class NodeIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(200);

	@Test
	void startPassesPropertiesArgumentsAndLines() {
		Map<String, String> properties = Map.of("greeting", "hello \"world\" \\ 'x' #1");

		try (Node node = Node.start(Parrot.class, properties, "first arg", "")) {
			assertThat(node.await("ready", BOUND)).isEqualTo("ready [first arg, ]");
			assertThat(node.send("property greeting").await("property", BOUND))
				.isEqualTo("property " + properties.get("greeting"));
		}
	}

	@Test
	void awaitTakesItsLineAndLeavesOthers() {
		try (Node node = Node.start(Parrot.class, Map.of())) {
			node.send("say a1").send("say b1").send("say a2");

			assertThat(node.await("b", BOUND)).isEqualTo("b1");
			assertThat(node.await("a", BOUND)).isEqualTo("a1");
			assertThat(node.await("a", BOUND)).isEqualTo("a2");
			assertThat(node.lines()).containsExactly("ready []");
		}
	}

	@Test
	void awaitWhenNoSuchLineFailsWithTheLog() {
		try (Node node = Node.start(Parrot.class, Map.of())) {
			node.send("print to standard out").send("say done").await("done", BOUND);
			Await.until(BOUND, () -> node.log().contains("to standard out"));

			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> node.await("never", SHORT))
				.withMessageContaining("It runs")
				.withMessageContaining("to standard out");
		}
	}

	@Test
	void awaitWhenNodeEndsFailsBeforeTheBound() {
		try (Node node = Node.start(Parrot.class, Map.of())) {
			node.send("fail");

			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> node.await("never", Duration.ofDays(1)))
				.withMessageContaining("It ended with");
		}
	}

	@Test
	void pauseSilencesUntilResume() {
		try (Node node = Node.start(Parrot.class, Map.of())) {
			node.await("ready", BOUND);
			node.pause();

			node.send("say hello");
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> node.await("hello", SHORT));
			node.resume();

			assertThat(node.await("hello", BOUND)).isEqualTo("hello");
		}
	}

	@Test
	void killEndsAPausedNode() {
		try (Node node = Node.start(Parrot.class, Map.of())) {
			node.await("ready", BOUND);
			node.pause();

			node.kill();

			assertThat(node.isAlive()).isFalse();
		}
	}

	@Test
	void closeEndsANodeThatDoesNotListen() {
		Node node = Node.start(Parrot.class, Map.of());
		node.send("sulk").await("sulking", BOUND);

		node.close();

		assertThat(node.isAlive()).isFalse();
	}

	@Test
	void nodeDiesWithTheJvmThatStartedIt() {
		try (Node parent = Node.start(Parent.class, Map.of())) {
			long pid = Long.parseLong(parent.await("child ", BOUND).substring(6));
			ProcessHandle child = ProcessHandle.of(pid).orElseThrow();

			parent.kill();

			Await.until("the end of the child", BOUND, () -> !child.isAlive());
		}
	}

	/**
	 * A node that does what it is told.
	 */
	public static final class Parrot {

		private Parrot() {
		}

		public static void main(String[] args) {
			NodeConsole.say("ready " + List.of(args));
			for (String line = NodeConsole.readLine(); line != null; line = NodeConsole.readLine()) {
				String[] words = line.split(" ", 2);
				switch (words[0]) {
					case "say" -> NodeConsole.say(words[1]);
					case "property" -> NodeConsole.say("property " + System.getProperty(words[1]));
					case "print" -> System.out.println(words[1]);
					case "sulk" -> {
						NodeConsole.say("sulking");
						Await.holdsWithin(Duration.ofDays(1), () -> false);
					}
					default -> throw new IllegalArgumentException(line);
				}
			}
		}

	}

	/**
	 * A node that starts another and waits.
	 */
	public static final class Parent {

		private Parent() {
		}

		public static void main(String[] args) {
			Node child = Node.start(Parrot.class, Map.of());
			child.await("ready", BOUND);
			NodeConsole.say("child " + child.pid());
			NodeConsole.readLine();
		}

	}

}
