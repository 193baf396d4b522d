package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.nearcache.InvalidationSource;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.testkit.ShiftedClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * An engine in a JVM of its own. Its arguments are the host and port of Redis, its name,
 * its deadline for Redis, and whether it has a near cache. It obeys lines, and answers
 * with lines:
 *
 * <pre>
 * obtain CALLERS TOKEN-URI PRINCIPAL CALL-TIMEOUT GRACE    done OUTCOME=COUNT ...
 * hold STEP                                                held, when it is reached
 * release STEP
 * clock OFFSET
 * idle                                                     idle, when nothing is under way
 * </pre>
 *
 * An outcome is the digest of a token, or a word for a failure and its code. Unasked it
 * says {@code told EVENT DIGEST-OF-KEY} and {@code history EVENT}.
 */
public final class EngineNode {

	private final HeldSteps steps = new HeldSteps();

	private final ShiftedClock clock = new ShiftedClock();

	private final Recorder recorder;

	private final EngineInstance instance;

	private final Duration redisTimeout;

	private final boolean nearCache;

	private @Nullable InvalidationSource source;

	private EngineNode(String host, int port, String name, Duration redisTimeout, boolean nearCache) {
		this.recorder = new Recorder(name, (event) -> NodeConsole.say("history " + event.line()));
		this.redisTimeout = redisTimeout;
		EngineInstance.Options options = new EngineInstance.Options().stopPoints(this::reach)
			.clock(this.clock)
			.redisTimeout(redisTimeout)
			.listener(EngineNode::tell)
			.store(this.recorder::record);
		this.nearCache = nearCache;
		this.instance = new EngineInstance(host, port, nearCache ? options.nearCache() : options);
		listen();
	}

	/**
	 * Begin to hear of changes, anew if need be; ends with the process.
	 */
	private void listen() {
		if (this.source != null) {
			this.source.close();
		}
		if (this.nearCache) {
			this.source = new InvalidationSource(this.instance.connectionFactory, "oauth-redis", this.redisTimeout,
					this.clock, this.instance.near());
			this.source.start();
		}
	}

	public static void main(String[] args) {
		EngineNode node = new EngineNode(args[0], Integer.parseInt(args[1]), args[2], Duration.parse(args[3]),
				Boolean.parseBoolean(args[4]));
		node.instance.awaitRedis();
		node.warmUp(args[2]);
		NodeConsole.say("ready");
		for (String line = NodeConsole.readLine(); line != null; line = NodeConsole.readLine()) {
			node.obey(line.split(" ", -1));
		}
	}

	/**
	 * Go through a refresh that fails, so that no deadline passes while code is loaded.
	 */
	private void warmUp(String name) {
		TokenDemand demand = EngineInstance.demand(EngineInstance.issuedKey(name), "http://127.0.0.1:1/token",
				EngineInstance.POLICY);
		this.instance.refresher.obtain(demand).toCompletableFuture().handle(EngineNode::outcome).join();
	}

	/**
	 * The line by which callers of a node ask for the token of a principal.
	 */
	static String obtain(int callers, String tokenUri, String principal, Duration callTimeout, Duration grace) {
		return "obtain %d %s %s %s %s".formatted(callers, tokenUri, principal, callTimeout, grace);
	}

	private void obey(String[] words) {
		switch (words[0]) {
			case "obtain" -> obtain(Integer.parseInt(words[1]), demand(words));
			case "hold" -> this.steps.hold(Step.valueOf(words[1]));
			case "release" -> this.steps.release(Step.valueOf(words[1]));
			case "clock" -> this.clock.shift(Duration.parse(words[1]));
			case "listen" -> listen();
			case "idle" -> {
				this.instance.awaitIdle();
				NodeConsole.say("idle");
			}
			default -> throw new IllegalArgumentException(words[0]);
		}
	}

	private CompletionStage<@Nullable Void> reach(Step step, TokenKey key) {
		CompletionStage<@Nullable Void> go = this.steps.reach(step, key);
		if (!go.toCompletableFuture().isDone()) {
			NodeConsole.say("held");
		}
		return go;
	}

	private static void tell(TokenEvent event) {
		NodeConsole.say("told %s %s".formatted(event.type(), event.keyDigest()));
	}

	private TokenDemand demand(String[] words) {
		TokenKey key = EngineInstance.grantKey(words[3]);
		RefreshPolicy policy = EngineInstance.policy(Duration.parse(words[4]), Duration.ofSeconds(20),
				Duration.ofSeconds(5), Duration.parse(words[5]));
		return new TokenDemand(key, policy, this.recorder.record(key, EngineInstance.source(words[2])));
	}

	private void obtain(int callers, TokenDemand demand) {
		Map<String, Integer> outcomes = new TreeMap<>();
		CompletableFuture<?>[] calls = IntStream.range(0, callers)
			.mapToObj((i) -> this.instance.refresher.obtain(demand).toCompletableFuture().handle(EngineNode::outcome))
			.map((call) -> call.thenAccept((outcome) -> {
				synchronized (outcomes) {
					outcomes.merge(outcome, 1, Integer::sum);
				}
			}))
			.toArray(CompletableFuture<?>[]::new);
		CompletableFuture.allOf(calls).thenRun(() -> {
			StringBuilder line = new StringBuilder("done");
			outcomes.forEach((outcome, count) -> line.append(' ').append(outcome).append('=').append(count));
			NodeConsole.say(line.toString());
		});
	}

	private static String outcome(@Nullable TokenRecord record, @Nullable Throwable failure) {
		if (record != null) {
			return Digests.sha256(record.requireTokens().accessToken());
		}
		if (failure instanceof GrantLostException lost) {
			return "lost:" + lost.getReason();
		}
		if (failure instanceof TokenUnavailableException unavailable) {
			return "unavailable:" + unavailable.getError().getErrorCode();
		}
		return "untyped:" + failure;
	}

}
