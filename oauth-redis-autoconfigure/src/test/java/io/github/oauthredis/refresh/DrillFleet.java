package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.github.oauthredis.testkit.History;
import io.github.oauthredis.testkit.HistoryEvent;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.token.TokenKey;

/**
 * Processes that live from drill to drill, each with a link of its own to one Redis. All
 * but the first have a near cache.
 */
final class DrillFleet implements AutoCloseable {

	static final Duration BOUND = Duration.ofSeconds(60);

	private static final Duration START_BOUND = Duration.ofMinutes(3);

	// Longer than anything takes on a busy machine.
	static final Duration REDIS_TIMEOUT = Duration.ofSeconds(3);

	private static final String HISTORY = "history ";

	final RedisServer redis = RedisServer.start();

	/**
	 * An instance in this process, which nothing strikes.
	 */
	final EngineInstance control;

	private final List<Member> members = new ArrayList<>();

	private History history = new History();

	private int started;

	DrillFleet(int size) {
		this.control = new EngineInstance(this.redis.host(), this.redis.port(), new EngineInstance.Options()
			.store((store) -> new Recorder("control", (event) -> this.history.add(event)).record(store)));
		this.control.awaitRedis();
		for (int i = 0; i < size; i++) {
			this.members.add(start(TcpProxy.to(this.redis), i > 0));
		}
	}

	private Member start(TcpProxy link, boolean nearCache) {
		String name = "node-" + this.started++;
		Node node = Node.start(EngineNode.class, Map.of(), link.host(), String.valueOf(link.port()), name,
				REDIS_TIMEOUT.toString(), String.valueOf(nearCache));
		return new Member(name, node, link, nearCache);
	}

	/**
	 * Begin a drill with all nodes.
	 * @param clocks by how much the clock of each is wrong
	 */
	void begin(List<Duration> clocks) {
		this.history = new History();
		for (int i = 0; i < this.members.size(); i++) {
			Member member = this.members.get(i);
			if (!member.takesPart) {
				member.node.await("ready", START_BOUND);
				member.takesPart = true;
			}
			member.node.send("clock " + clocks.get(i));
			// Else what is read next would be given up when it hears of the new time.
			member.node.send("listen");
		}
	}

	Node node(int index) {
		return this.members.get(index).node;
	}

	boolean hasNearCache(int index) {
		return this.members.get(index).nearCache;
	}

	TcpProxy link(int index) {
		return this.members.get(index).link;
	}

	/**
	 * Kill a node; another one takes its place in the next drill.
	 */
	void kill(int index) {
		Member member = this.members.get(index);
		member.node.kill();
		collect(member.node);
		this.history.add(HistoryEvent.now(member.name, "", HistoryEvent.Step.KILLED));
		this.members.set(index, start(member.link, member.nearCache));
	}

	void killAll() {
		for (int i = 0; i < this.members.size(); i++) {
			link(i).comeBack();
			link(i).passThrough();
			kill(i);
		}
		this.redis.resume();
	}

	/**
	 * Let callers of a node ask.
	 * @param line as {@link EngineNode} takes it
	 */
	void ask(int index, String line) {
		this.members.get(index).asks++;
		node(index).send(line);
	}

	/**
	 * Wait for all callers of a node.
	 * @return how their calls ended
	 */
	Set<String> answers(int index) {
		Member member = this.members.get(index);
		Set<String> outcomes = new TreeSet<>();
		for (; member.asks > 0; member.asks--) {
			String line = member.node.await("done", BOUND);
			for (String outcome : line.substring("done ".length()).split(" ", -1)) {
				outcomes.add(outcome.substring(0, outcome.lastIndexOf('=')));
			}
		}
		return outcomes;
	}

	/**
	 * Those who were there from the beginning of the drill.
	 */
	List<Integer> survivors() {
		List<Integer> survivors = new ArrayList<>();
		for (int i = 0; i < this.members.size(); i++) {
			if (this.members.get(i).takesPart) {
				survivors.add(i);
			}
		}
		return survivors;
	}

	/**
	 * Wait until nothing is under way.
	 */
	void awaitIdle() {
		survivors().forEach((index) -> node(index).send("idle"));
		survivors().forEach((index) -> node(index).await("idle", BOUND));
		this.control.awaitIdle();
	}

	/**
	 * What all nodes did to one record since the drill began.
	 */
	History history(TokenKey key) {
		this.members.forEach((member) -> collect(member.node));
		History ofKey = new History();
		this.history.events()
			.stream()
			.filter((event) -> event.key().equals(key.toString()) || event.step() == HistoryEvent.Step.KILLED)
			.forEach(ofKey::add);
		return ofKey;
	}

	private void collect(Node node) {
		while (node.lines().stream().anyMatch((line) -> line.startsWith(HISTORY))) {
			this.history.add(HistoryEvent.parse(node.await(HISTORY, BOUND).substring(HISTORY.length())));
		}
	}

	@Override
	public void close() {
		this.members.forEach((member) -> member.node.close());
		this.members.forEach((member) -> member.link.close());
		this.control.close();
		this.redis.close();
	}

	private static final class Member {

		private final String name;

		private final Node node;

		private final TcpProxy link;

		private final boolean nearCache;

		private boolean takesPart;

		private int asks;

		private Member(String name, Node node, TcpProxy link, boolean nearCache) {
			this.name = name;
			this.node = node;
			this.link = link;
			this.nearCache = nearCache;
		}

	}

}
