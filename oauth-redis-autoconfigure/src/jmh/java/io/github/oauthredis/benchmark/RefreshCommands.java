package io.github.oauthredis.benchmark;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;

/**
 * Every command that reaches Redis for one refresh, seen by {@code MONITOR}; what scripts
 * call inside Redis does not count.
 */
final class RefreshCommands {

	private static final Pattern LINE = Pattern.compile("[\\d.]+ \\[\\d+ (\\S+)\\] \"([^\"]+)\"(.*)");

	private static final Duration QUIET = Duration.ofMillis(500);

	private RefreshCommands() {
	}

	static void run(Report target) {
		target.header("near cache", "what happens", "commands", "which", "token requests");
		for (boolean nearCache : new boolean[] { false, true }) {
			try (RedisServer redis = RedisServer.start();
					FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();
					Ours ours = Ours.start(redis.port(), server.tokenUri(), nearCache, Map.of())) {
				new Runner(target, redis, server, ours, nearCache).run();
			}
		}
	}

	private record Runner(Report report, RedisServer redis, FakeAuthorizationServer server, Ours ours,
			boolean nearCache) {

		void run() {
			// The first of all loads the scripts.
			login("warm-up", Duration.ofSeconds(-1));
			authorize("warm-up");
			login("alice", Duration.ofSeconds(-1));
			measure("the token has ended: a caller waits for the refresh", "alice", (token) -> true);
			measure("the next call, a hit", "alice", (token) -> true);
			login("bob", Duration.ofMinutes(1));
			String old = stored("bob");
			measure("the token nears its end: refreshed in the background", "bob", (token) -> !token.equals(old));
			measure("the next call, a hit", "bob", (token) -> true);
		}

		private void measure(String what, String user, Predicate<String> refreshed) {
			int requests = this.server.tokenRequests();
			List<String> commands;
			try (CommandLog log = new CommandLog(this.redis)) {
				authorize(user);
				commands = log.until(QUIET);
			}
			Await.holdsWithin(Duration.ofSeconds(5), () -> refreshed.test(stored(user)));
			this.report.row(this.nearCache ? "on" : "off", what, commands.size(), commands,
					this.server.tokenRequests() - requests);
		}

		private void login(String user, Duration remaining) {
			IssuedGrant grant = this.server.issueGrant();
			ClientRegistration registration = this.ours.registration(Samples.USERS);
			this.ours.save(Samples.grant(registration, user, grant.accessToken(), grant.refreshToken(), remaining));
		}

		private void authorize(String user) {
			this.ours.manager().authorize(Samples.request(Samples.USERS, Samples.user(user)));
		}

		private String stored(String user) {
			OAuth2AuthorizedClient client = this.ours.service().loadAuthorizedClient(Samples.USERS, user);
			return Objects.requireNonNull(client).getAccessToken().getTokenValue();
		}

	}

	/**
	 * Listens to a Redis.
	 */
	private static final class CommandLog implements AutoCloseable {

		private final List<String> commands = new ArrayList<>();

		private final LineMonitor monitor;

		CommandLog(RedisServer redis) {
			this.monitor = new LineMonitor(redis.host(), redis.port(), this::add);
		}

		private synchronized void add(String line) {
			Matcher matcher = LINE.matcher(line);
			if (matcher.matches() && !matcher.group(1).equals("lua") && !isHeartbeat(matcher)) {
				this.commands.add(matcher.group(2));
			}
		}

		/** Connections look after themselves; that is no part of a refresh. */
		private static boolean isHeartbeat(Matcher matcher) {
			return List.of("PING", "HELLO", "CLIENT", "INFO").contains(matcher.group(2).toUpperCase(Locale.ROOT));
		}

		/** Wait until nothing more comes. */
		List<String> until(Duration quiet) {
			int before;
			do {
				before = size();
				int known = before;
				Await.holdsWithin(quiet, () -> size() > known);
			}
			while (size() > before);
			synchronized (this) {
				return List.copyOf(this.commands);
			}
		}

		private synchronized int size() {
			return this.commands.size();
		}

		@Override
		public void close() {
			this.monitor.close();
		}

	}

}
