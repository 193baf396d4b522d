package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.testkit.RedisServer;

/**
 * How long after a change on one instance another one, which holds the old record in its
 * near cache, hands out the new token. Two application contexts in one JVM, so that one
 * clock measures.
 */
final class InvalidationLatency {

	private static final long POLL_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

	private static final int WARM_UP = 1000;

	private InvalidationLatency() {
	}

	static void run(Report report) throws IOException {
		int changes = report.quick() ? 1000 : 10_000;
		report.say("");
		report.say("%,d changes after %,d to warm up; the reader asks every 20 µs.".formatted(changes, WARM_UP));
		report.header("counted from", "p50 µs", "p99 µs", "p99.9 µs", "max µs");
		try (RedisServer redis = RedisServer.start();
				Ours writer = Ours.start(redis.port(), Peer.TOKEN_URI, true, Map.of());
				Ours reader = Ours.start(redis.port(), Peer.TOKEN_URI, true, Map.of())) {
			measure(writer, reader, WARM_UP, new Latencies(), new Latencies());
			Latencies sinceCall = new Latencies();
			Latencies sinceReturn = new Latencies();
			measure(writer, reader, changes, sinceCall, sinceReturn);
			row(report, "before save was called", sinceCall);
			row(report, "after save had returned", sinceReturn);
			SvgChart
				.percentiles("Change on one instance, seen on another", "µs",
						Map.of("since the call of save", sinceCall.sortedMicros()))
				.write(report.file(".svg"));
		}
	}

	private static void row(Report report, String since, Latencies latencies) {
		double[] micros = latencies.micros(50, 99, 99.9, 100);
		report.row(since, Report.number(micros[0]), Report.number(micros[1]), Report.number(micros[2]),
				Report.number(micros[3]));
	}

	private static void measure(Ours writer, Ours reader, int changes, Latencies sinceCall, Latencies sinceReturn) {
		ClientRegistration registration = writer.registration(Samples.USERS);
		writer.save(Samples.grant(registration, "alice", System.nanoTime(), Duration.ofDays(1)));
		try (Watcher watcher = new Watcher(reader)) {
			for (int i = 0; i < changes; i++) {
				OAuth2AuthorizedClient next = Samples.grant(registration, "alice", System.nanoTime(),
						Duration.ofDays(1));
				long calledAt = System.nanoTime();
				writer.save(next);
				long returnedAt = System.nanoTime();
				long seenAt = watcher.await(next.getAccessToken().getTokenValue());
				sinceCall.add(seenAt - calledAt);
				sinceReturn.add(Math.max(0, seenAt - returnedAt));
			}
		}
	}

	/**
	 * Asks an instance for a token all the time and notes when it becomes another one.
	 */
	private static final class Watcher implements AutoCloseable {

		private final OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, Samples.user("alice"));

		private final OAuth2AuthorizedClientManager manager;

		private final Thread thread = new Thread(this::watch, "watcher");

		private volatile boolean open = true;

		private volatile Seen seen = new Seen("", 0);

		Watcher(Ours instance) {
			this.manager = instance.manager();
			this.thread.start();
		}

		private void watch() {
			while (this.open) {
				OAuth2AuthorizedClient client = Objects.requireNonNull(this.manager.authorize(this.request));
				String token = client.getAccessToken().getTokenValue();
				if (!token.equals(this.seen.token())) {
					this.seen = new Seen(token, System.nanoTime());
				}
				LockSupport.parkNanos(POLL_NANOS);
			}
		}

		long await(String token) {
			Seen seen = this.seen;
			while (!seen.token().equals(token) && this.thread.isAlive()) {
				LockSupport.parkNanos(POLL_NANOS);
				seen = this.seen;
			}
			return seen.at();
		}

		@Override
		public void close() {
			this.open = false;
			try {
				this.thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		}

		private record Seen(String token, long at) {
		}

	}

}
