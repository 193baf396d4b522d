package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.testkit.RedisServer;

/**
 * What the starter adds to the start of an application with two registrations: JVMs of
 * their own, with and without it by turns.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class StartupTime {

	private StartupTime() {
	}

	static void run(Report report) throws IOException {
		int runs = report.quick() ? 2 : 15;
		Map<String, Latencies> times = new LinkedHashMap<>();
		try (RedisServer redis = RedisServer.start()) {
			for (int i = 0; i <= runs; i++) {
				for (String enabled : new String[] { "false", "true" }) {
					try (Node node = Node.start(StartupTime.class, Map.of(), String.valueOf(redis.port()), enabled)) {
						long nanos = Long.parseLong(node.await("started ", Duration.ofMinutes(1)).substring(8));
						if (i > 0) {
							times.computeIfAbsent(enabled, (any) -> new Latencies()).add(nanos);
						}
					}
				}
			}
		}
		report.header("oauth-redis.enabled", "runs", "median ms", "least ms", "most ms");
		times.forEach((enabled, latencies) -> {
			double[] micros = latencies.micros(50, 0, 100);
			report.row(enabled, latencies.size(), Report.number(micros[0] / 1e3), Report.number(micros[1] / 1e3),
					Report.number(micros[2] / 1e3));
		});
		report.percentiles("", times);
		report.say("");
		report
			.say("Added: %s ms in the median, %s ms between the fastest.".formatted(added(times, 50), added(times, 0)));
	}

	private static String added(Map<String, Latencies> times, double percent) {
		double without = times.get("false").micros(percent)[0];
		return Report.number((times.get("true").micros(percent)[0] - without) / 1e3);
	}

	/**
	 * Start an application and say how long it took.
	 * @param args port of Redis, and whether the starter takes part
	 */
	public static void main(String[] args) {
		long before = System.nanoTime();
		try (Ours ours = Ours.start(Integer.parseInt(args[0]), Peer.TOKEN_URI,
				Map.of("oauth-redis.enabled", args[1]))) {
			NodeConsole.say("started " + (System.nanoTime() - before));
			NodeConsole.readLine();
		}
	}

}
