package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.TokenKey;

/**
 * What the whole fleet keeps to when it sends requests to one provider: a hold-off, a
 * budget, and one probe at a time. A provider is a token endpoint. Thread-safe.
 */
final class RedisProviders {

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	RedisProviders(ScriptRunner scripts, RedisKeys keys) {
		this.scripts = scripts;
		this.keys = keys;
	}

	CompletionStage<@Nullable Void> holdOff(TokenKey key, Duration time) {
		if (millis(time) == 0) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		return run(RedisScript.HOLDOFF, this.keys.holdOff(key), millis(time)).thenApply((answer) -> null);
	}

	CompletionStage<Admission> admit(TokenKey key, Budget budget, boolean background) {
		return run(RedisScript.ADMIT, this.keys.budget(key), budget.perSecond(), budget.burst(), background ? 1 : 0)
			.thenApply((answer) -> new Admission("admitted".equals(answer.outcome()),
					Duration.ofMillis(answer.leaseLeft())));
	}

	CompletionStage<@Nullable Void> giveBack(TokenKey key, Budget budget) {
		return run(RedisScript.GIVEBACK, this.keys.budget(key), budget.perSecond()).thenApply((answer) -> null);
	}

	CompletionStage<Boolean> probe(TokenKey key, String owner, Duration time) {
		return run(RedisScript.PROBE, this.keys.probe(key), owner, Math.max(millis(time), 1))
			.thenApply((answer) -> "granted".equals(answer.outcome()));
	}

	/**
	 * Milliseconds, none of a negative time and at most a day.
	 */
	private static long millis(Duration time) {
		if (time.isNegative()) {
			return 0;
		}
		return (time.compareTo(Failure.LONGEST_DELAY) < 0) ? time.toMillis() : Failure.LONGEST_DELAY.toMillis();
	}

	private CompletionStage<ScriptAnswer> run(RedisScript script, String key, Object... arguments) {
		List<byte[]> words = Stream.of(arguments)
			.map((argument) -> argument.toString().getBytes(StandardCharsets.UTF_8))
			.toList();
		return this.scripts.run(script, List.of(key), words);
	}

}
