package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.github.oauthredis.testkit.RedisServer;

/**
 * What the starter adds to the start of an application with two registrations: JVMs of
 * their own, with and without it by turns.
 */
public final class StartupTime {

	private static final String ANSWER = "started ";

	private StartupTime() {
	}

	static void run(Report report) throws IOException, InterruptedException {
		int runs = report.quick() ? 3 : 15;
		Map<String, Latencies> times = new LinkedHashMap<>();
		try (RedisServer redis = RedisServer.start()) {
			for (int i = 0; i <= runs; i++) {
				for (String enabled : new String[] { "false", "true" }) {
					long nanos = start(redis.port(), enabled);
					if (i > 0) {
						times.computeIfAbsent(enabled, (any) -> new Latencies()).add(nanos);
					}
				}
			}
		}
		report.header("oauth-redis.enabled", "runs", "median ms", "least ms", "most ms");
		times.forEach((enabled, latencies) -> {
			double[] micros = latencies.micros(50, 0.0001, 100);
			report.row(enabled, latencies.size(), Report.number(micros[0] / 1e3), Report.number(micros[1] / 1e3),
					Report.number(micros[2] / 1e3));
		});
		report.say("");
		report.say("Added: %s ms in the median."
			.formatted(Report.number((times.get("true").micros(50)[0] - times.get("false").micros(50)[0]) / 1e3)));
	}

	private static long start(int redisPort, String enabled) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), StartupTime.class.getName(),
						String.valueOf(redisPort), enabled));
		ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
		builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
		Process process = builder.start();
		String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
		process.waitFor();
		return output.lines()
			.filter((line) -> line.startsWith(ANSWER))
			.mapToLong((line) -> Long.parseLong(line.substring(ANSWER.length())))
			.findFirst()
			.orElseThrow(() -> new IllegalStateException("The application did not start: " + output));
	}

	/**
	 * Start an application and say how long it took.
	 * @param args port of Redis, and whether the starter takes part
	 */
	public static void main(String[] args) {
		long before = System.nanoTime();
		try (Ours ours = Ours.start(Integer.parseInt(args[0]), Peer.TOKEN_URI, true,
				Map.of("oauth-redis.enabled", args[1]))) {
			System.out.println(ANSWER + (System.nanoTime() - before));
		}
	}

}
