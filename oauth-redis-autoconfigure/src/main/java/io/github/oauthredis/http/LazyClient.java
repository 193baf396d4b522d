package io.github.oauthredis.http;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A client that is made when first needed, by the thread that needs it first. Others do
 * not block until it is there. Thread-safe.
 *
 * @param <T> type of the client
 */
final class LazyClient<T> {

	private final AtomicReference<@Nullable CompletableFuture<T>> client = new AtomicReference<>();

	private final Supplier<T> source;

	LazyClient(Supplier<T> source) {
		this.source = source;
	}

	/**
	 * Return the client.
	 * @return completes when it is made; fails if it cannot be made this time
	 */
	CompletableFuture<T> get() {
		CompletableFuture<T> created = new CompletableFuture<>();
		CompletableFuture<T> present = this.client.compareAndExchange(null, created);
		if (present != null) {
			return present;
		}
		try {
			created.complete(this.source.get());
		}
		catch (RuntimeException | Error ex) {
			this.client.set(null);
			created.completeExceptionally(ex);
		}
		return created;
	}

	void ifMade(Consumer<T> action) {
		CompletableFuture<T> present = this.client.get();
		if (present != null && present.isDone() && !present.isCompletedExceptionally()) {
			action.accept(present.join());
		}
	}

}
