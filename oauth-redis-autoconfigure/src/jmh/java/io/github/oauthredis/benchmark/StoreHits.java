package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;

import io.github.oauthredis.testkit.RedisServer;

/**
 * {@code authorize} where a fresh token has to be read from a store: 2,000 bytes of
 * tokens, one user, all peers by turns in one JVM, so that what else happens on the
 * machine befalls them alike. What {@code bare-get} does is the least that a look into
 * Redis takes.
 */
final class StoreHits {

	private static final int CALLS = 200;

	private StoreHits() {
	}

	static void run(Report report) throws Exception {
		List<String> names = new ArrayList<>(List.of("bare-get", "ours-redis", "stock-redis", "stock-h2"));
		if (System.getenv(Peer.POSTGRES_URL) != null) {
			names.add("stock-postgres");
		}
		Map<String, Latencies> calls = new LinkedHashMap<>();
		Map<String, Latencies> medians = new LinkedHashMap<>();
		Map<String, Peer> peers = new LinkedHashMap<>();
		List<RedisServer> servers = new ArrayList<>();
		try {
			for (String name : names) {
				RedisServer redis = RedisServer.start();
				servers.add(redis);
				Peer peer = Peer.open(name, redis.port(), Peer.TOKEN_URI, Duration.ofMinutes(1));
				peer.save(Samples.freshGrant(peer.users(), "alice"));
				peers.put(name, peer);
				calls.put(name, new Latencies());
				medians.put(name, new Latencies());
			}
			int rounds = report.quick() ? 40 : 400;
			for (int round = -rounds; round < rounds; round++) {
				for (String name : names) {
					Latencies latencies = calls(Objects.requireNonNull(peers.get(name)));
					// The first half warms up.
					if (round >= 0) {
						calls.get(name).addAll(latencies);
						medians.get(name).add(Math.round(latencies.micros(50)[0] * 1e3));
					}
				}
			}
		}
		finally {
			for (Peer peer : peers.values()) {
				peer.close();
			}
			servers.forEach(RedisServer::close);
		}
		report(report, calls, medians);
	}

	private static Latencies calls(Peer peer) {
		OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, "alice");
		Latencies latencies = new Latencies();
		for (int i = 0; i < CALLS; i++) {
			long before = System.nanoTime();
			peer.manager().authorize(request);
			latencies.add(System.nanoTime() - before);
		}
		return latencies;
	}

	private static void report(Report report, Map<String, Latencies> calls, Map<String, Latencies> medians)
			throws IOException {
		report.header("peer", "calls", "p50 µs", "p99 µs", "× bare-get (p50)",
				"p50 of the quietest tenth of rounds, at most", "× bare-get");
		Map<String, double[]> lines = new LinkedHashMap<>();
		List<String> csv = new ArrayList<>(List.of("peer,rank,p50_us"));
		double reference = calls.get("bare-get").micros(50)[0];
		double quiet = medians.get("bare-get").micros(10)[0];
		calls.forEach((name, latencies) -> {
			double[] micros = latencies.micros(50, 99);
			double tenth = medians.get(name).micros(10)[0];
			report.row(name, latencies.size(), Report.number(micros[0]), Report.number(micros[1]),
					"**" + Report.number(micros[0] / reference) + "**", Report.number(tenth),
					"**" + Report.number(tenth / quiet) + "**");
			lines.put(name, latencies.sortedMicros());
			double[] sorted = medians.get(name).sortedMicros();
			for (int i = 0; i < sorted.length; i++) {
				csv.add(name + "," + i + "," + sorted[i]);
			}
		});
		Files.write(report.file(".csv"), csv);
		SvgChart.percentiles("authorize, read from a store", "µs", lines).write(report.file(".svg"));
	}

}
