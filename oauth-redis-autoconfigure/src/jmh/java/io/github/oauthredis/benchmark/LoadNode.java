package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;

import io.github.oauthredis.testkit.NodeConsole;

/**
 * One instance of the load run: callers that ask for tokens at a steady rate. On
 * {@code login USER ACCESS-TOKEN REFRESH-TOKEN} a user's grant is saved, on {@code run}
 * the callers begin. It says {@code lost USER} where only a new login helps and in the
 * end {@code done}; then its calls are in a file, one a line.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class LoadNode {

	private final Map<String, Instant> ends = new ConcurrentHashMap<>();

	private final Queue<Call> calls = new ConcurrentLinkedQueue<>();

	private final Peer peer;

	private final String registrationId;

	private final Duration duration;

	private final Path file;

	private LoadNode(Peer peer, String registrationId, Duration duration, Path file) {
		this.peer = peer;
		this.registrationId = registrationId;
		this.duration = duration;
		this.file = file;
	}

	/**
	 * Run an instance.
	 * @param args the peer, port of Redis, token endpoint, registration, duration, file
	 * for the calls
	 */
	public static void main(String[] args) {
		LoadNode node = new LoadNode(Peer.open(args[0], Integer.parseInt(args[1]), args[2], LoadRun.LEAD), args[3],
				Duration.parse(args[4]), Path.of(args[5]));
		NodeConsole.say("ready");
		for (String line = NodeConsole.readLine(); line != null; line = NodeConsole.readLine()) {
			String[] words = line.split(" ", -1);
			if (words[0].equals("login")) {
				node.peer.save(Samples.grant(node.peer.users(), words[1], words[2], words[3], Duration.ZERO,
						LoadRun.LIFETIME));
				NodeConsole.say("saved");
			}
			else {
				new Thread(node::run).start();
			}
		}
	}

	private void run() {
		Instant start = Instant.now().plus(LoadRun.WARM_UP);
		List<Thread> callers = IntStream.range(0, LoadRun.CALLERS)
			.mapToObj((i) -> new Thread(() -> call(start, start.plus(this.duration))))
			.toList();
		callers.forEach(Thread::start);
		try {
			for (Thread caller : callers) {
				caller.join();
			}
			Files.write(this.file, this.calls.stream().map(Call::line).toList());
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		NodeConsole.say("done");
	}

	/** Calls at a steady rate; what would have begun during a slow call is left out. */
	private void call(Instant start, Instant end) {
		long interval = TimeUnit.SECONDS.toNanos(1) / LoadRun.RATE;
		ThreadLocalRandom random = ThreadLocalRandom.current();
		long next = System.nanoTime() + random.nextLong(interval);
		while (Instant.now().isBefore(end)) {
			while (System.nanoTime() < next) {
				LockSupport.parkNanos(next - System.nanoTime());
			}
			Instant now = Instant.now();
			Call call = call("user-" + random.nextInt(LoadRun.USERS), now);
			if (!now.isBefore(start)) {
				this.calls.add(call);
			}
			while (next <= System.nanoTime()) {
				next += interval;
			}
		}
	}

	private Call call(String user, Instant now) {
		String token = this.registrationId.equals(Samples.SERVICE) ? "" : user;
		Instant knownEnd = this.ends.getOrDefault(token, Instant.MIN);
		boolean nearEnd = !knownEnd.isAfter(now.plus(LoadRun.LEAD).plusMillis(500));
		long before = System.nanoTime();
		String outcome = authorize(user, token);
		long nanos = System.nanoTime() - before;
		if (outcome.equals(Call.LOST)) {
			NodeConsole.say("lost " + user);
		}
		return new Call(nearEnd, nanos, outcome);
	}

	private String authorize(String user, String token) {
		try {
			OAuth2AuthorizedClient client = this.peer.manager().authorize(Samples.request(this.registrationId, user));
			if (client == null) {
				return Call.LOST;
			}
			Instant end = client.getAccessToken().getExpiresAt();
			this.ends.put(token, end);
			return end.isBefore(Instant.now()) ? "ended-token" : Call.OK;
		}
		catch (ClientAuthorizationRequiredException ex) {
			return Call.LOST;
		}
		catch (OAuth2AuthorizationException ex) {
			return ex.getError().getErrorCode();
		}
		catch (RuntimeException ex) {
			return ex.getClass().getSimpleName();
		}
	}

	/**
	 * One call.
	 *
	 * @param nearEnd whether the token that this instance knew was about to end, or had
	 * @param nanos how long it took
	 * @param outcome what came of it
	 */
	record Call(boolean nearEnd, long nanos, String outcome) {

		static final String OK = "ok";

		/** Only a new login helps. */
		static final String LOST = "lost";

		String line() {
			return this.nearEnd + "," + this.nanos + "," + this.outcome;
		}

		static Call parse(String line) {
			String[] words = line.split(",", -1);
			return new Call(Boolean.parseBoolean(words[0]), Long.parseLong(words[1]), words[2]);
		}

	}

}
