package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.Presentation;
import io.github.oauthredis.testkit.RedisServer;

/**
 * Several JVMs with many callers each over many expiries of short-lived tokens, stock and
 * ours one after the other against one authorization server, which takes 100 ms for an
 * answer and rotates refresh tokens strictly. Where a user's grant is lost, the user logs
 * in again, which is counted.
 */
final class LoadRun {

	private static final Duration BOUND = Duration.ofMinutes(1);

	private static final Duration SERVER_DELAY = Duration.ofMillis(100);

	private static final Duration LIFETIME = Duration.ofSeconds(10);

	private static final Duration LOGIN_PAUSE = Duration.ofSeconds(2);

	private static final int NODES = 4;

	private static final int CALLERS = 16;

	private static final int RATE = 20;

	private static final int USERS = 8;

	private LoadRun() {
	}

	static void run(Report report) throws IOException {
		Duration duration = report.quick() ? Duration.ofSeconds(20) : Duration.ofSeconds(120);
		report.say("");
		report
			.say("%d JVMs with %d callers each, %d calls a second each, for %s; tokens live %s and are renewed %s early"
				.formatted(NODES, CALLERS, RATE, duration, LIFETIME, LIFETIME.dividedBy(5)));
		List<String> raw = new ArrayList<>(List.of(Result.CSV_HEADER));
		try (FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly()) {
			server.answers().expiresIn(LIFETIME.toSeconds());
			server.faults().delay(SERVER_DELAY);
			part(report, server, raw, Samples.SERVICE, 1, duration, "stock-memory", "stock-redis", "ours-redis",
					"ours");
			part(report, server, raw, Samples.USERS, USERS, duration, "stock-redis", "ours-redis", "ours");
		}
		Files.write(report.file(".csv"), raw);
	}

	private static void part(Report report, FakeAuthorizationServer server, List<String> raw, String registrationId,
			int users, Duration duration, String... peers) throws IOException {
		report.say("");
		report.say(registrationId.equals(Samples.SERVICE) ? "One service token (client credentials):"
				: "%d users' grants:".formatted(users));
		report.header("peer", "calls", "failed", "logins lost", "token requests", "most for one expiry",
				"near expiry: calls", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "all calls: p99.9 ms");
		Map<String, double[]> lines = new LinkedHashMap<>();
		for (String peer : peers) {
			LoadSettings settings = new LoadSettings(peer, registrationId, NODES, CALLERS, RATE, users, duration,
					LIFETIME);
			Result result = new Fleet(report, server, settings).run();
			double[] near = result.near().micros(50, 99, 99.9, 100);
			report.row(peer, result.calls(), result.failures().isEmpty() ? 0 : result.failures(), result.logins(),
					result.tokenRequests(), result.mostForOneExpiry(), result.near().size(), millis(near[0]),
					millis(near[1]), millis(near[2]), millis(near[3]), millis(result.all().micros(99.9)[0]));
			raw.add(result.csv());
			lines.put(peer, result.near().sortedMicros());
		}
		SvgChart.percentiles("Calls around expiry: " + registrationId, "µs", lines)
			.write(report.file("-" + registrationId + ".svg"));
	}

	private static String millis(double micros) {
		return Report.number(micros / 1e3);
	}

	/**
	 * The JVMs of one part.
	 */
	private static final class Fleet {

		private final Map<String, Long> logins = new ConcurrentHashMap<>();

		private final AtomicInteger lost = new AtomicInteger();

		private final Report report;

		private final FakeAuthorizationServer server;

		private final LoadSettings settings;

		Fleet(Report report, FakeAuthorizationServer server, LoadSettings settings) {
			this.report = report;
			this.server = server;
			this.settings = settings;
		}

		Result run() throws IOException {
			int before = this.server.tokenRequests();
			Arrivals arrivals = new Arrivals();
			this.server.hold((request) -> {
				arrivals.add();
				return false;
			});
			int presented = this.server.presentations().size();
			List<Path> files = IntStream.range(0, this.settings.nodes())
				.mapToObj((i) -> this.report
					.file("-%s-%s-%d.calls".formatted(this.settings.registrationId(), this.settings.peer(), i)))
				.toList();
			List<Node> nodes = new ArrayList<>();
			try (RedisServer redis = RedisServer.start()) {
				for (Path file : files) {
					nodes.add(Node.start(LoadNode.class, Map.of(), this.settings.text(), String.valueOf(redis.port()),
							this.server.tokenUri(), file.toString()));
				}
				nodes.forEach((node) -> node.await("ready", BOUND));
				if (this.settings.registrationId().equals(Samples.USERS)) {
					IntStream.range(0, this.settings.users()).forEach((i) -> login(nodes.get(0), "user-" + i));
				}
				drive(nodes);
			}
			finally {
				nodes.forEach(Node::close);
			}
			List<LoadCall> calls = new ArrayList<>();
			for (Path file : files) {
				try (Stream<String> lines = Files.lines(file)) {
					lines.map(LoadCall::parse).forEach(calls::add);
				}
			}
			List<Presentation> presentations = this.server.presentations();
			int most = this.settings.registrationId().equals(Samples.SERVICE) ? arrivals.largestBurst()
					: mostOfOneToken(presentations.subList(presented, presentations.size()));
			return Result.of(this.settings, calls, this.lost.get(), this.server.tokenRequests() - before, most);
		}

		private void drive(List<Node> nodes) {
			AtomicBoolean running = new AtomicBoolean(true);
			List<Thread> listeners = nodes.stream().map((node) -> new Thread(() -> loginsOf(node, running))).toList();
			listeners.forEach(Thread::start);
			nodes.forEach((node) -> node.send("run"));
			nodes.forEach((node) -> node.await("done", this.settings.duration().plus(BOUND)));
			running.set(false);
			listeners.forEach((listener) -> {
				try {
					listener.join();
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			});
		}

		private void loginsOf(Node node, AtomicBoolean running) {
			while (running.get()) {
				try {
					String user = node.await("lost ", Duration.ofMillis(200)).substring("lost ".length());
					long now = System.nanoTime();
					Long last = this.logins.get(user);
					if (last == null || now - last > LOGIN_PAUSE.toNanos()) {
						this.logins.put(user, now);
						this.lost.incrementAndGet();
						login(node, user);
					}
				}
				catch (AssertionError ex) {
					// Nobody was lost meanwhile.
				}
			}
		}

		private void login(Node node, String user) {
			IssuedGrant grant = this.server.issueGrant();
			node.send("login %s %s %s %d".formatted(user, grant.accessToken(), grant.refreshToken(),
					this.settings.lifetime().toSeconds()));
			node.await("saved", BOUND);
		}

		private static int mostOfOneToken(List<Presentation> presentations) {
			Map<String, Integer> counts = new TreeMap<>();
			presentations.forEach((presentation) -> counts.merge(presentation.refreshToken(), 1, Integer::sum));
			return counts.values().stream().mapToInt(Integer::intValue).max().orElse(0);
		}

	}

	/**
	 * When requests for one token arrived.
	 */
	private static final class Arrivals {

		private final List<Long> nanos = new ArrayList<>();

		synchronized void add() {
			this.nanos.add(System.nanoTime());
		}

		/**
		 * Requests that followed each other by less than half a lifetime belong to one
		 * expiry.
		 */
		synchronized int largestBurst() {
			int largest = 0;
			int burst = 0;
			long start = 0;
			for (long at : this.nanos.stream().sorted().toList()) {
				if (burst == 0 || at - start > LIFETIME.toNanos() / 2) {
					start = at;
					burst = 0;
				}
				largest = Math.max(largest, ++burst);
			}
			return largest;
		}

	}

	/**
	 * What came of one part.
	 */
	private record Result(LoadSettings settings, int calls, Map<String, Integer> failures, int logins,
			int tokenRequests, int mostForOneExpiry, Latencies near, Latencies all) {

		static final String CSV_HEADER = "registration,peer,calls,failed,logins_lost,token_requests,most_for_one_expiry,"
				+ "near_calls,near_p50_us,near_p99_us,near_p999_us,near_max_us,all_p50_us,all_p99_us,all_p999_us,all_max_us";

		static Result of(LoadSettings settings, List<LoadCall> calls, int logins, int tokenRequests, int most) {
			Map<String, Integer> failures = new TreeMap<>();
			Latencies near = new Latencies();
			Latencies all = new Latencies();
			for (LoadCall call : calls) {
				if (call.failed()) {
					failures.merge(call.outcome(), 1, Integer::sum);
				}
				all.add(call.nanos());
				if (call.nearEnd()) {
					near.add(call.nanos());
				}
			}
			return new Result(settings, calls.size(), failures, logins, tokenRequests, most, near, all);
		}

		String csv() {
			List<Object> cells = new ArrayList<>(List.of(this.settings.registrationId(), this.settings.peer(),
					this.calls, this.failures.values().stream().mapToInt(Integer::intValue).sum(), this.logins,
					this.tokenRequests, this.mostForOneExpiry, this.near.size()));
			for (Latencies latencies : List.of(this.near, this.all)) {
				for (double micros : latencies.micros(50, 99, 99.9, 100)) {
					cells.add(Math.round(micros * 10) / 10.0);
				}
			}
			return String.join(",", cells.stream().map(String::valueOf).toList());
		}

	}

}
