package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * An engine in a JVM of its own. It obeys lines, and answers with lines:
 *
 * <pre>
 * obtain CALLERS TOKEN-URI GRACE-MILLIS    done OUTCOME=COUNT ...
 * hold                                     held, when an answer is there and not yet stored
 * release
 * </pre>
 *
 * An outcome is the digest of a token, or a word for a failure and its code.
 */
public final class EngineNode {

	private static final TokenKey KEY = EngineInstance.grantKey("alice");

	private final HeldSteps steps = new HeldSteps();

	private final EngineInstance instance;

	private EngineNode(String host, int port) {
		this.instance = new EngineInstance(host, port, new EngineInstance.Options().stopPoints(this::reach));
	}

	public static void main(String[] args) {
		EngineNode node = new EngineNode(args[0], Integer.parseInt(args[1]));
		node.instance.awaitRedis();
		NodeConsole.say("ready");
		for (String line = NodeConsole.readLine(); line != null; line = NodeConsole.readLine()) {
			node.obey(line.split(" ", -1));
		}
	}

	private void obey(String[] words) {
		switch (words[0]) {
			case "obtain" -> obtain(Integer.parseInt(words[1]), words[2], Duration.ofMillis(Long.parseLong(words[3])));
			case "hold" -> this.steps.hold(Step.ANSWERED);
			case "release" -> this.steps.release(Step.ANSWERED);
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

	private void obtain(int callers, String tokenUri, Duration grace) {
		TokenDemand demand = EngineInstance.demand(KEY, tokenUri,
				EngineInstance.policy(Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ofSeconds(5), grace));
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
