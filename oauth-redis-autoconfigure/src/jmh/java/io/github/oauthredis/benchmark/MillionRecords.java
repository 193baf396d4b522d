package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;

import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * One million grants in one Redis, written by the starter's own store.
 */
final class MillionRecords {

	private static final int IN_FLIGHT = 64;

	private static final int CALLERS = 4;

	private MillionRecords() {
	}

	static void run(Report report) throws IOException {
		int records = report.quick() ? 100_000 : 1_000_000;
		int calls = report.quick() ? 20_000 : 200_000;
		try (RedisServer redis = RedisServer.start();
				Ours ours = Ours.startWithoutNearCache(redis.port(), Peer.TOKEN_URI)) {
			fill(report, redis, ours, records);
			report.header("authorize", "callers", "calls", "calls/s", "p50 µs", "p99 µs", "p99.9 µs", "max µs",
					"µs of Redis per call");
			Map<String, Latencies> hits = new LinkedHashMap<>();
			hits(report, hits, redis, "users at random, near cache off", ours, records, 1, calls);
			hits(report, hits, redis, "users at random, near cache off", ours, records, CALLERS, calls);
			try (Ours near = Ours.start(redis.port(), Peer.TOKEN_URI, Map.of())) {
				hits(report, hits, redis, "users at random, near cache of 10,000", near, records, CALLERS, calls);
				int frequent = Math.min(records, 5000);
				hits(report, hits, redis, "5,000 users at random, first", near, frequent, CALLERS, calls);
				hits(report, hits, redis, "5,000 users at random, again", near, frequent, CALLERS, calls);
				report.percentiles("", hits);
				revoke(report, ours.bean(TokenStore.class), near.manager());
			}
		}
	}

	private static void fill(Report report, RedisServer redis, Ours ours, int records) {
		TokenStore store = ours.bean(TokenStore.class);
		ours.save(Samples.freshGrant(ours.users(), user(0)));
		Tokens tokens = await(store.find(key(0))).requireTokens();
		TokenRecord absent = await(store.find(TokenKey.grant(Samples.USERS, "nobody", Peer.TOKEN_URI, "nobody")));
		Instant now = Instant.now();
		Life life = new Life(now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(180)));
		double before = PushFanout.info(redis, "memory", "used_memory:");
		Semaphore free = new Semaphore(IN_FLIGHT);
		AtomicReference<Throwable> failure = new AtomicReference<>();
		long start = System.nanoTime();
		for (int i = 1; i < records; i++) {
			free.acquireUninterruptibly();
			CompletionStage<Written> unused = store.put(key(i), absent, tokens, life).whenComplete((written, ex) -> {
				failure.compareAndSet(null, ex);
				free.release();
			});
		}
		free.acquireUninterruptibly(IN_FLIGHT);
		double seconds = (System.nanoTime() - start) / 1e9;
		if (failure.get() != null) {
			throw new IllegalStateException("A record was not stored", failure.get());
		}
		double bytes = PushFanout.info(redis, "memory", "used_memory:") - before;
		report.header("records", "written in s", "records/s", "used_memory MB", "bytes per record", "RSS of Redis MB");
		report.row(redis.command("DBSIZE"), Report.number(seconds), Report.number(records / seconds),
				Report.number(bytes / 1e6), Report.number(bytes / (records - 1)),
				Report.number(PushFanout.info(redis, "memory", "used_memory_rss:") / 1e6));
	}

	private static void hits(Report report, Map<String, Latencies> hits, RedisServer redis, String what, Ours ours,
			int records, int callers, int calls) {
		OAuth2AuthorizedClientManager manager = ours.manager();
		for (int i = 0; i < 2000; i++) {
			manager.authorize(Samples.request(Samples.USERS, user(i % records)));
		}
		Latencies latencies = new Latencies();
		double cpu = PushFanout.cpu(redis);
		long start = System.nanoTime();
		List<Thread> threads = IntStream.range(0, callers).mapToObj((i) -> new Thread(() -> {
			for (int call = 0; call < calls / callers; call++) {
				String user = user(ThreadLocalRandom.current().nextInt(records));
				long before = System.nanoTime();
				manager.authorize(Samples.request(Samples.USERS, user));
				latencies.add(System.nanoTime() - before);
			}
		})).toList();
		threads.forEach(Thread::start);
		threads.forEach((thread) -> {
			try {
				thread.join();
			}
			catch (InterruptedException ex) {
				Thread.currentThread().interrupt();
			}
		});
		double seconds = (System.nanoTime() - start) / 1e9;
		double[] micros = latencies.micros(50, 99, 99.9, 100);
		report.row(what, callers, String.format(Locale.ROOT, "%,d", latencies.size()),
				Report.number(latencies.size() / seconds), Report.number(micros[0]), Report.number(micros[1]),
				Report.number(micros[2]), Report.number(micros[3]),
				Report.number((PushFanout.cpu(redis) - cpu) * 1e6 / latencies.size()));
		hits.put(what + ", callers: " + callers, latencies);
	}

	/** The instance that refuses holds the record in memory; another one revokes. */
	private static void revoke(Report report, TokenStore store, OAuth2AuthorizedClientManager other) {
		other.authorize(Samples.request(Samples.USERS, user(0)));
		long before = System.nanoTime();
		await(store.mark(new MarkScope.Registration(Samples.USERS)));
		long marked = System.nanoTime();
		while (true) {
			try {
				other.authorize(Samples.request(Samples.USERS, user(0)));
			}
			catch (ClientAuthorizationRequiredException ex) {
				long refused = System.nanoTime();
				report.say("");
				report.say("All of them revoked at once: %s ms; refused by another instance %s ms after the call"
					.formatted(Report.number((marked - before) / 1e6), Report.number((refused - before) / 1e6)));
				return;
			}
		}
	}

	private static TokenKey key(int i) {
		return TokenKey.grant(Samples.USERS, Samples.CLIENT_ID, Peer.TOKEN_URI, user(i));
	}

	private static String user(int i) {
		return "user-" + i;
	}

	private static <T> T await(CompletionStage<T> stage) {
		return stage.toCompletableFuture().join();
	}

}
