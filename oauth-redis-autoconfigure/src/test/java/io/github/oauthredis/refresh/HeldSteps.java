package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.token.TokenKey;

/**
 * Stop points that hold whoever reaches a chosen step, without blocking a thread, until
 * the test lets them go. Thread-safe.
 */
final class HeldSteps implements StopPoints {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final Map<Step, List<CompletableFuture<@Nullable Void>>> held = new ConcurrentHashMap<>();

	static HeldSteps at(Step step) {
		return new HeldSteps().hold(step);
	}

	HeldSteps hold(Step step) {
		this.held.put(step, new CopyOnWriteArrayList<>());
		return this;
	}

	@Override
	public CompletionStage<@Nullable Void> reach(Step step, TokenKey key) {
		List<CompletableFuture<@Nullable Void>> waiting = this.held.get(step);
		if (waiting == null) {
			return CompletableFuture.completedFuture(null);
		}
		CompletableFuture<@Nullable Void> go = new CompletableFuture<>();
		waiting.add(go);
		return go;
	}

	HeldSteps awaitHeld(Step step, int count) {
		Await.until(count + " at " + step, BOUND, () -> this.held.getOrDefault(step, List.of()).size() >= count);
		return this;
	}

	/**
	 * Let all go on that wait, and hold nobody any more.
	 */
	void release(Step step) {
		List<CompletableFuture<@Nullable Void>> waiting = this.held.remove(step);
		if (waiting != null) {
			waiting.forEach((go) -> go.complete(null));
		}
	}

	/**
	 * Let the one go on that came first, and keep holding the others.
	 */
	void releaseFirst(Step step) {
		this.held.get(step).remove(0).complete(null);
	}

	void releaseAll() {
		for (Step step : Step.values()) {
			release(step);
		}
	}

}
