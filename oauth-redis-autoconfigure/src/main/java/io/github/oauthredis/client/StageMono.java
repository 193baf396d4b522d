package io.github.oauthredis.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/**
 * Shows a stage of the engine as a Mono.
 */
final class StageMono {

	private StageMono() {
	}

	/**
	 * Ask on each subscription; cancelling does not cancel the stage. A result that had
	 * to be waited for is passed on by Reactor's own threads, so that no operator of the
	 * application runs on a thread of the engine or of the Redis client.
	 * @param stage asks the engine
	 * @param <T> type of the result
	 * @return a lazy Mono, empty for null
	 */
	static <T> Mono<T> of(Supplier<? extends CompletionStage<? extends @Nullable T>> stage) {
		return Mono.defer(() -> {
			CompletableFuture<? extends @Nullable T> future = stage.get().toCompletableFuture();
			Mono<T> result = Mono.fromFuture(future, true);
			return future.isDone() ? result : result.publishOn(Schedulers.parallel());
		});
	}

}
