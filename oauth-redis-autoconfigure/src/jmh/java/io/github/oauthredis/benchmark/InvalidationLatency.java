package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;

import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.testkit.RedisServer;

/**
 * How long after a change on one instance another JVM, which holds the old record in its
 * near cache, hands out the new token. Both read the monotonic clock of one machine,
 * which Linux shares between processes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class InvalidationLatency {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

	private static final String PADDING = "x".repeat(1400);

	private InvalidationLatency() {
	}

	static void run(Report report) throws IOException {
		int changes = report.quick() ? 1000 : 10_000;
		Latencies sinceCall = new Latencies();
		Latencies sinceReturn = new Latencies();
		try (RedisServer redis = RedisServer.start();
				Ours writer = Ours.start(redis.port(), Peer.TOKEN_URI, Map.of())) {
			save(writer, 0);
			try (Node reader = Node.start(InvalidationLatency.class, Map.of(), String.valueOf(redis.port()))) {
				reader.await("seen 0 ", BOUND);
				for (int change = 1; change <= 2 * changes; change++) {
					long calledAt = System.nanoTime();
					save(writer, change);
					long returnedAt = System.nanoTime();
					String seen = reader.await("seen " + change + " ", BOUND);
					long seenAt = Long.parseLong(seen.substring(seen.lastIndexOf(' ') + 1));
					// The first half warms up.
					if (change > changes) {
						sinceCall.add(seenAt - calledAt);
						sinceReturn.add(Math.max(0, seenAt - returnedAt));
					}
				}
			}
		}
		report.say("");
		report.say("%,d changes after as many to warm up; the reader asks about every 70 µs.".formatted(changes));
		report.header("counted from", "p50 µs", "p99 µs", "p99.9 µs", "max µs");
		row(report, "the call of save", sinceCall);
		row(report, "the return of save", sinceReturn);
		SvgChart
			.percentiles("A change on one instance, seen on another", "µs",
					Map.of("since the call of save", sinceCall.sortedMicros()))
			.write(report.file(".svg"));
		report.percentiles("", Map.of("since the call of save", sinceCall, "since the return of save", sinceReturn));
	}

	private static void row(Report report, String since, Latencies latencies) {
		double[] micros = latencies.micros(50, 99, 99.9, 100);
		report.row(since, Report.number(micros[0]), Report.number(micros[1]), Report.number(micros[2]),
				Report.number(micros[3]));
	}

	private static void save(Ours writer, int change) {
		writer.save(Samples.grant(writer.users(), "alice", "token." + change + "." + PADDING, PADDING.substring(800),
				Duration.ZERO, Duration.ofDays(1)));
	}

	/**
	 * Ask for the token all the time, and say when it becomes another one.
	 * @param args port of Redis
	 */
	public static void main(String[] args) {
		OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, "alice");
		try (Ours reader = Ours.start(Integer.parseInt(args[0]), Peer.TOKEN_URI, Map.of())) {
			String last = "";
			while (true) {
				OAuth2AuthorizedClient client = Objects.requireNonNull(reader.manager().authorize(request));
				String token = client.getAccessToken().getTokenValue();
				if (!token.equals(last)) {
					NodeConsole.say("seen " + token.split("\\.", -1)[1] + " " + System.nanoTime());
					last = token;
				}
				LockSupport.parkNanos(POLL_NANOS);
			}
		}
	}

}
