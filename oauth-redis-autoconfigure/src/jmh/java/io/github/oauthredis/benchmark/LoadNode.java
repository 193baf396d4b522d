package io.github.oauthredis.benchmark;

import java.io.BufferedWriter;
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
import java.util.stream.IntStream;

import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;

import io.github.oauthredis.testkit.NodeConsole;

/**
 * One instance of the load run: callers that ask for tokens at a steady rate. It obeys
 * lines, and answers with lines:
 *
 * <pre>
 * login USER ACCESS-TOKEN REFRESH-TOKEN SECONDS    saved
 * run                                              lost USER, as often as it happens; done
 * </pre>
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class LoadNode {

	private static final Duration REPORT_AGAIN = Duration.ofSeconds(1);

	private final Map<String, Instant> ends = new ConcurrentHashMap<>();

	private final Map<String, Instant> reported = new ConcurrentHashMap<>();

	private final Queue<LoadCall> calls = new ConcurrentLinkedQueue<>();

	private final LoadSettings settings;

	private OAuth2AuthorizedClientManager manager;

	private OAuth2AuthorizedClientService service;

	private ClientRegistration users;

	private LoadNode(LoadSettings settings) {
		this.settings = settings;
	}

	/**
	 * Run an instance.
	 * @param args settings of the run, port of Redis, token endpoint, file for the calls
	 * @throws IOException if the file cannot be written
	 */
	public static void main(String[] args) throws IOException {
		LoadNode node = new LoadNode(LoadSettings.parse(args[0]));
		node.start(Integer.parseInt(args[1]), args[2]);
		NodeConsole.say("ready");
		for (String line = NodeConsole.readLine(); line != null; line = NodeConsole.readLine()) {
			String[] words = line.split(" ", -1);
			if (words[0].equals("login")) {
				node.login(words[1], words[2], words[3], Duration.ofSeconds(Long.parseLong(words[4])));
			}
			else {
				new Thread(() -> node.run(Path.of(args[3]))).start();
			}
		}
	}

	private void start(int redisPort, String tokenUri) {
		if (this.settings.peer().startsWith("ours")) {
			Ours ours = Ours.start(redisPort, tokenUri, !this.settings.peer().endsWith("redis"), Map.of());
			this.manager = ours.manager();
			this.service = ours.service();
			this.users = ours.registration(Samples.USERS);
			return;
		}
		InMemoryClientRegistrationRepository registrations = Samples.registrations(tokenUri);
		if (this.settings.peer().equals("stock-memory")) {
			this.service = new InMemoryOAuth2AuthorizedClientService(registrations);
		}
		else {
			LettuceConnectionFactory connections = new LettuceConnectionFactory("127.0.0.1", redisPort);
			connections.afterPropertiesSet();
			connections.start();
			this.service = new JsonRedisAuthorizedClientService(new StringRedisTemplate(connections));
		}
		this.manager = Stock.manager(registrations, this.service, this.settings.lead());
		this.users = registrations.findByRegistrationId(Samples.USERS);
	}

	private void login(String user, String accessToken, String refreshToken, Duration lifetime) {
		Authentication principal = Samples.user(user);
		this.service.saveAuthorizedClient(Samples.login(this.users, user, accessToken, refreshToken, lifetime),
				principal);
		NodeConsole.say("saved");
	}

	private void run(Path file) {
		Instant end = Instant.now().plus(this.settings.duration());
		List<Thread> callers = IntStream.range(0, this.settings.callers())
			.mapToObj((i) -> new Thread(() -> call(end), "caller-" + i))
			.toList();
		callers.forEach(Thread::start);
		callers.forEach(LoadNode::join);
		try (BufferedWriter writer = Files.newBufferedWriter(file)) {
			for (LoadCall call : this.calls) {
				writer.write(call.line());
				writer.newLine();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		NodeConsole.say("done");
	}

	/** Calls at a steady rate; what would have begun during a slow call is left out. */
	private void call(Instant end) {
		long interval = TimeUnit.SECONDS.toNanos(1) / this.settings.rate();
		ThreadLocalRandom random = ThreadLocalRandom.current();
		long next = System.nanoTime() + random.nextLong(interval);
		while (Instant.now().isBefore(end)) {
			pause(next - System.nanoTime());
			call("user-" + random.nextInt(this.settings.users()));
			while (next <= System.nanoTime()) {
				next += interval;
			}
		}
	}

	private void call(String user) {
		String registrationId = this.settings.registrationId();
		Instant knownEnd = this.ends.getOrDefault(user, Instant.MIN);
		Instant now = Instant.now();
		boolean nearEnd = !knownEnd.isAfter(now.plus(this.settings.lead()).plusMillis(500));
		long before = System.nanoTime();
		String outcome = "ok";
		try {
			OAuth2AuthorizedClient client = this.manager.authorize(Samples.request(registrationId, Samples.user(user)));
			if (client == null) {
				outcome = "no-client";
			}
			else {
				this.ends.put(user, client.getAccessToken().getExpiresAt());
				if (client.getAccessToken().getExpiresAt().isBefore(Instant.now())) {
					outcome = "ended-token";
				}
			}
		}
		catch (RuntimeException ex) {
			outcome = ex.getClass().getSimpleName();
		}
		long nanos = System.nanoTime() - before;
		this.calls.add(new LoadCall(now, nanos, nearEnd, outcome));
		if (!outcome.equals("ok") && registrationId.equals(Samples.USERS)) {
			report(user, now);
		}
	}

	private void report(String user, Instant now) {
		Instant last = this.reported.put(user, now);
		if (last == null || last.plus(REPORT_AGAIN).isBefore(now)) {
			NodeConsole.say("lost " + user);
		}
	}

	private static void pause(long nanos) {
		try {
			TimeUnit.NANOSECONDS.sleep(nanos);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private static void join(Thread thread) {
		try {
			thread.join();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
