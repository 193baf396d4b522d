package io.github.oauthredis.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;

/**
 * Every command that reaches Redis for one refresh, seen by {@code MONITOR}. What scripts
 * call inside Redis does not count, nor does what keeps connections alive.
 */
final class RefreshCommands {

	private static final Pattern LINE = Pattern.compile("\\+[\\d.]+ \\[\\d+ (\\S+)\\] \"([^\"]+)\".*");

	private static final Set<String> HEARTBEAT = Set.of("PING", "HELLO", "CLIENT", "INFO");

	private static final int QUIET_MILLIS = 500;

	private RefreshCommands() {
	}

	static void run(Report report) throws IOException {
		report.header("near cache", "what happens", "commands", "token requests");
		for (String nearCache : new String[] { "false", "true" }) {
			try (RedisServer redis = RedisServer.start();
					FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();
					Ours ours = Ours.start(redis.port(), server.tokenUri(),
							Map.of("oauth-redis.near-cache.enabled", nearCache))) {
				// The first of all loads the scripts.
				login(ours, server, "warm-up", Duration.ZERO);
				count(redis, ours, "warm-up");
				login(ours, server, "alice", Duration.ZERO);
				login(ours, server, "bob", Duration.ofMinutes(1));
				for (String[] step : new String[][] { { "alice", "the token has ended: a caller waits" },
						{ "alice", "the next call, a hit" }, { "bob", "the token nears its end: in the background" },
						{ "bob", "the next call, a hit" } }) {
					int requests = server.tokenRequests();
					List<String> commands = count(redis, ours, step[0]);
					report.row(nearCache.equals("true") ? "on" : "off", step[1], commands.size() + " " + commands,
							server.tokenRequests() - requests);
				}
			}
		}
		cost(report);
	}

	/** What many refreshes cost Redis, and what is told of one to each instance. */
	private static void cost(Report report) throws IOException {
		int users = report.quick() ? 50 : 1000;
		try (RedisServer redis = RedisServer.start();
				FakeAuthorizationServer server = FakeAuthorizationServer.start().rotateStrictly();
				PushFanout.Listeners listener = new PushFanout.Listeners(redis, 1)) {
			double before = PushFanout.info(redis, "clients", "connected_clients:");
			try (Ours ours = Ours.start(redis.port(), server.tokenUri(), Map.of())) {
				for (int user = 0; user < users; user++) {
					login(ours, server, "user-" + user, Duration.ZERO);
				}
				double connections = PushFanout.info(redis, "clients", "connected_clients:") - before;
				double cpu = PushFanout.cpu(redis);
				long bytes = listener.bytes();
				for (int user = 0; user < users; user++) {
					ours.manager().authorize(Samples.request(Samples.USERS, "user-" + user));
				}
				report.header("refreshes", "µs of Redis for one, with two listeners", "bytes pushed of one to each",
						"connections of one instance");
				report.row(users, Report.number((PushFanout.cpu(redis) - cpu) * 1e6 / users),
						(listener.bytes() - bytes) / users, (int) connections);
			}
		}
	}

	private static void login(Ours ours, FakeAuthorizationServer server, String user, Duration remaining) {
		IssuedGrant grant = server.issueGrant();
		ours.save(Samples.grant(ours.users(), user, grant.accessToken(), grant.refreshToken(), Duration.ofHours(1),
				remaining));
	}

	private static List<String> count(RedisServer redis, Ours ours, String user) throws IOException {
		OAuth2AuthorizedClientManager manager = ours.manager();
		List<String> commands = new ArrayList<>();
		try (Socket socket = new Socket(redis.host(), redis.port())) {
			socket.setSoTimeout(QUIET_MILLIS);
			socket.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
			BufferedReader reader = new BufferedReader(
					new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
			reader.readLine();
			manager.authorize(Samples.request(Samples.USERS, user));
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				Matcher matcher = LINE.matcher(line);
				if (matcher.matches() && !matcher.group(1).equals("lua") && !HEARTBEAT.contains(matcher.group(2))) {
					commands.add(matcher.group(2));
				}
			}
		}
		catch (SocketTimeoutException ex) {
			// Nothing more comes.
		}
		return commands;
	}

}
