package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.blockhound.BlockHound;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.testkit.TcpProxy;

/**
 * A whole reactive application in a JVM that notes every call that blocks a thread which
 * must not be blocked: event loops of Netty, whoever they belong to, and the parallel
 * threads of Reactor.
 */
public final class WatchedNode {

	private static final Duration BOUND = Duration.ofSeconds(20);

	// The random device never makes anybody wait. The other lock is Lettuce's own: it
	// takes it for a few instructions with each command, whoever sends one.
	private static final Set<String> BRIEF = Set.of("sun.security.provider.NativePRNG$RandomIO",
			"io.lettuce.core.protocol.SharedLock");

	private static final Set<String> blocked = ConcurrentHashMap.newKeySet();

	private WatchedNode() {
	}

	public static void main(String[] args) {
		BlockHound.install((builder) -> builder.blockingMethodCallback((method) -> note(method.toString())));
		NodeConsole.say("watches " + notesWhoWaits());
		blocked.clear();
		try (TcpProxy redis = TcpProxy.to(args[0], Integer.parseInt(args[1]));
				FakeAuthorizationServer server = FakeAuthorizationServer.start()
					.client("one-client", "one-secret")
					.client("two-client", "two-secret");
				FakeResourceServer api = FakeResourceServer.start().activeTokens(server::isActive)) {
			use(redis, server, api, args[2]);
		}
		blocked.forEach((where) -> NodeConsole.say("blocked " + where));
		NodeConsole.say("done " + blocked.size());
	}

	private static void use(TcpProxy redis, FakeAuthorizationServer server, FakeResourceServer api, String prefix) {
		try (ConfigurableApplicationContext application = start(redis, server, prefix)) {
			WebClient client = application.getBean(WebClient.Builder.class).build();
			say("cold", call(client, api));
			say("hits", call(client, api));
			api.rejectNext(1);
			say("refused", call(client, api));
			redis.cut();
			say("cut", call(client, api));
			redis.blackHole(TcpProxy.Direction.DOWNSTREAM);
			api.rejectNext(1);
			say("away", call(client, api));
			redis.cut();
			redis.passThrough();
			say("back", call(client, api));
		}
	}

	private static ConfigurableApplicationContext start(TcpProxy redis, FakeAuthorizationServer server, String prefix) {
		Stream<String> settings = Stream.of("spring.main.web-application-type=reactive", "server.port=0",
				"spring.data.redis.host=" + redis.host(), "spring.data.redis.port=" + redis.port(),
				"oauth-redis.redis-timeout=3s", "oauth-redis.refresh.min-interval=1ms",
				"oauth-redis.key-prefix=" + prefix);
		return new SpringApplicationBuilder(Application.class).web(WebApplicationType.REACTIVE)
			.properties(Stream
				.concat(settings, Stream.of(Applications.registrations(server.uri("").toString(), "one", "two")))
				.toArray(String[]::new))
			.run();
	}

	private static Map<String, Long> call(WebClient client, FakeResourceServer api) {
		return Flux.range(0, 40)
			.flatMap((i) -> Mono
				.defer(() -> client.get()
					.uri(api.uri("/one"))
					.attributes(ClientAttributes.clientRegistrationId((i % 2 != 0) ? "one" : "two"))
					.exchangeToMono((response) -> response.releaseBody()
						.thenReturn(String.valueOf(response.statusCode().value()))))
				.onErrorResume((ex) -> Mono.just(ex.getClass().getSimpleName()))
				.subscribeOn(Schedulers.parallel()), 40)
			.collect(Collectors.groupingBy((outcome) -> outcome, Collectors.counting()))
			.block(BOUND);
	}

	private static void say(String what, Map<String, Long> outcomes) {
		NodeConsole.say(what + " " + outcomes);
	}

	private static boolean notesWhoWaits() {
		return Boolean.TRUE.equals(Mono.fromCallable(() -> {
			boolean unused = new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
			return !blocked.isEmpty();
		}).subscribeOn(Schedulers.parallel()).block(BOUND));
	}

	private static void note(String method) {
		StackTraceElement[] stack = new Throwable().getStackTrace();
		if (Stream.of(stack).anyMatch((frame) -> BRIEF.contains(frame.getClassName()))) {
			return;
		}
		List<String> frames = Stream.of(stack)
			.skip(4)
			.limit(25)
			.map((frame) -> frame.getClassName() + "#" + frame.getMethodName() + ":" + frame.getLineNumber())
			.toList();
		blocked.add(Thread.currentThread().getName() + " " + method + " " + String.join(" < ", frames));
	}

	@EnableAutoConfiguration
	static class Application {

	}

}
