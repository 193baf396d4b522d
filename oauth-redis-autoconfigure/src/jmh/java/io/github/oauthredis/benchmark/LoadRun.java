package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.RedisServer;

/**
 * Several JVMs with many callers each over many expiries of short-lived tokens, stock and
 * ours one after the other against one authorization server, which takes 100 ms for an
 * answer and rotates refresh tokens strictly. Where a user's grant is lost, the user logs
 * in again, which is counted.
 */
final class LoadRun {

	static final Duration LIFETIME = Duration.ofSeconds(10);

	/** How long before its end a token is renewed, by stock and ours alike. */
	static final Duration LEAD = LIFETIME.dividedBy(5);

	/** What calls take until then does not count; token requests do. */
	static final Duration WARM_UP = LIFETIME;

	static final int CALLERS = 16;

	static final int RATE = 10;

	static final int USERS = 8;

	private static final int NODES = 3;

	private static final Duration BOUND = Duration.ofMinutes(1);

	private static final Duration SERVER_DELAY = Duration.ofMillis(100);

	private static final long BETWEEN_LOGINS = Duration.ofSeconds(2).toNanos();

	private final Map<String, Long> logins = new HashMap<>();

	private final FakeAuthorizationServer server;

	private final String peer;

	private final String registrationId;

	private int lost;

	private LoadRun(FakeAuthorizationServer server, String peer, String registrationId) {
		this.server = server;
		this.peer = peer;
		this.registrationId = registrationId;
	}

	static void run(Report report) throws IOException {
		Duration duration = Duration.ofSeconds(report.quick() ? 15 : 60);
		report.say("");
		report.say("%d JVMs × %d callers × %d calls a second for %s; tokens live %s and are renewed %s early"
			.formatted(NODES, CALLERS, RATE, duration, LIFETIME, LEAD));
		part(report, Samples.SERVICE, duration, "stock-memory", "stock-redis", "ours-redis", "ours");
		part(report, Samples.USERS, duration, "stock-redis", "ours-redis", "ours");
	}

	private static void part(Report report, String registrationId, Duration duration, String... peers)
			throws IOException {
		report.say("");
		report.say(registrationId.equals(Samples.SERVICE) ? "One service token (client credentials):"
				: "%d users' grants:".formatted(USERS));
		report.header("peer", "calls", "failed calls", "logins lost", "token requests", "refused as reuse",
				"calls around expiry", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "all calls: p99.9 ms");
		Map<String, Latencies> nearEnd = new LinkedHashMap<>();
		for (String peer : peers) {
			try (FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly()) {
				server.answers().expiresIn(LIFETIME.toSeconds());
				server.faults().delay(SERVER_DELAY);
				LoadRun run = new LoadRun(server, peer, registrationId);
				List<LoadNode.Call> calls = run.calls(report, duration);
				nearEnd.put(peer, run.row(report, calls));
			}
		}
		Map<String, double[]> lines = new LinkedHashMap<>();
		nearEnd.forEach((peer, latencies) -> lines.put(peer, latencies.sortedMicros()));
		SvgChart.percentiles("Calls around expiry: " + registrationId, "µs", lines)
			.write(report.file("-" + registrationId + ".svg"));
		report.percentiles("-" + registrationId, nearEnd);
	}

	private List<LoadNode.Call> calls(Report report, Duration duration) throws IOException {
		List<Node> nodes = new ArrayList<>();
		List<LoadNode.Call> calls = new ArrayList<>();
		try (RedisServer redis = RedisServer.start()) {
			for (int i = 0; i < NODES; i++) {
				nodes.add(Node.start(LoadNode.class, Map.of(), this.peer, String.valueOf(redis.port()),
						this.server.tokenUri(), this.registrationId, duration.toString(), calls(report, i).toString()));
			}
			nodes.forEach((node) -> node.await("ready", BOUND));
			for (int user = 0; user < USERS && this.registrationId.equals(Samples.USERS); user++) {
				login(nodes.get(0), "user-" + user);
			}
			nodes.forEach((node) -> node.send("run"));
			Await.holdsWithin(WARM_UP, () -> {
				nodes.forEach(this::loginAgain);
				return false;
			});
			this.lost = 0;
			Await.until("the end of the run", duration.plus(BOUND), () -> {
				nodes.forEach(this::loginAgain);
				return nodes.stream().allMatch((node) -> node.lines().contains("done"));
			});
		}
		finally {
			nodes.forEach(Node::close);
		}
		for (int i = 0; i < NODES; i++) {
			Files.readAllLines(calls(report, i)).forEach((line) -> calls.add(LoadNode.Call.parse(line)));
		}
		return calls;
	}

	private Path calls(Report report, int node) {
		return report.file("-%s-%s-%d.calls".formatted(this.registrationId, this.peer, node));
	}

	private void loginAgain(Node node) {
		for (String line : node.lines()) {
			if (line.startsWith("lost ")) {
				String user = node.await(line, BOUND).substring("lost ".length());
				// The calls that were under way fail as well, on all nodes.
				if (System.nanoTime() - this.logins.get(user) > BETWEEN_LOGINS) {
					this.lost++;
					login(node, user);
				}
			}
		}
	}

	private void login(Node node, String user) {
		this.logins.put(user, System.nanoTime());
		IssuedGrant grant = this.server.issueGrant();
		node.send("login %s %s %s".formatted(user, grant.accessToken(), grant.refreshToken()));
		node.await("saved", BOUND);
	}

	private Latencies row(Report report, List<LoadNode.Call> calls) {
		Latencies near = new Latencies();
		Latencies all = new Latencies();
		Map<String, Integer> failures = new TreeMap<>();
		for (LoadNode.Call call : calls) {
			all.add(call.nanos());
			if (call.nearEnd()) {
				near.add(call.nanos());
			}
			if (!call.outcome().equals(LoadNode.Call.OK)) {
				failures.merge(call.outcome(), 1, Integer::sum);
			}
		}
		double[] micros = near.micros(50, 99, 99.9, 100);
		report.row(this.peer, calls.size(), failures.isEmpty() ? "0" : failures, this.lost, this.server.tokenRequests(),
				this.server.reuseEvents(), near.size(), millis(micros[0]), millis(micros[1]), millis(micros[2]),
				millis(micros[3]), millis(all.micros(99.9)[0]));
		return near;
	}

	private static String millis(double micros) {
		return Report.number(micros / 1e3);
	}

}
