package io.github.oauthredis.refresh;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Supplier;

import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * At most one refresh per record in this process. Thread-safe.
 * <p>
 * A flight leaves the map before its waiters wake: whoever comes later reads the record
 * first and sees what the flight stored.
 */
final class SingleFlight {

	private final ConcurrentMap<TokenKey, CompletableFuture<TokenRecord>> flights = new ConcurrentHashMap<>();

	/**
	 * Join the flight of a record, starting it if there is none.
	 * @param key the record
	 * @param flight starts the flight; called at most once
	 * @return the outcome; never completed or cancelled by its readers
	 */
	CompletableFuture<TokenRecord> join(TokenKey key, Supplier<CompletionStage<TokenRecord>> flight) {
		CompletableFuture<TokenRecord> running = this.flights.get(key);
		if (running != null) {
			return running;
		}
		CompletableFuture<TokenRecord> created = new CompletableFuture<>();
		running = this.flights.putIfAbsent(key, created);
		if (running != null) {
			return running;
		}
		start(flight).whenComplete((record, ex) -> {
			this.flights.remove(key, created);
			if (ex != null) {
				created.completeExceptionally(ex);
			}
			else {
				created.complete(record);
			}
		});
		return created;
	}

	/**
	 * Wake all who wait, without ending their flights.
	 * @param ex what to tell them
	 */
	void abandon(RuntimeException ex) {
		this.flights.values().forEach((flight) -> flight.completeExceptionally(ex));
	}

	private static CompletionStage<TokenRecord> start(Supplier<CompletionStage<TokenRecord>> flight) {
		try {
			return flight.get();
		}
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	/**
	 * All flights that are under way.
	 * @return completes when they have ended
	 */
	CompletableFuture<Void> drained() {
		return CompletableFuture.allOf(this.flights.values()
			.stream()
			.map((flight) -> flight.exceptionally((ex) -> null))
			.toArray(CompletableFuture<?>[]::new));
	}

}
