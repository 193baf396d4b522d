package io.github.oauthredis.refresh;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link SingleFlight}.
 */
class SingleFlightTests {

	private static final TokenKey KEY = Given.GRANT;

	private final SingleFlight flights = new SingleFlight();

	private final AtomicInteger started = new AtomicInteger();

	private final CompletableFuture<TokenRecord> outcome = new CompletableFuture<>();

	private CompletableFuture<TokenRecord> join(TokenKey key) {
		return this.flights.join(key, () -> {
			this.started.incrementAndGet();
			return this.outcome;
		});
	}

	@Test
	void joinWhenManyThreadsComeStartsOnce() throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(16);
		List<CompletableFuture<TokenRecord>> joined = new java.util.concurrent.CopyOnWriteArrayList<>();
		List<Thread> threads = IntStream.range(0, 16).mapToObj((i) -> new Thread(() -> {
			try {
				barrier.await();
			}
			catch (Exception ex) {
				throw new IllegalStateException(ex);
			}
			joined.add(join(KEY));
		})).toList();

		threads.forEach(Thread::start);
		for (Thread thread : threads) {
			thread.join();
		}

		assertThat(this.started).hasValue(1);
		assertThat(joined).hasSize(16).containsOnly(joined.get(0));
	}

	@Test
	void joinWhenKeysDifferStartsEach() {
		join(KEY);
		join(EngineInstance.grantKey("bob"));

		assertThat(this.started).hasValue(2);
	}

	@Test
	void joinWhenTheFlightHasEndedStartsAnother() {
		join(KEY);
		this.outcome.complete(Given.absent());
		join(KEY);

		assertThat(this.started).hasValue(2);
	}

	@Test
	void flightLeavesBeforeItsWaitersWake() {
		AtomicInteger seen = new AtomicInteger();
		join(KEY).thenRun(() -> {
			join(KEY);
			seen.set(this.started.get());
		});

		this.outcome.complete(Given.absent());

		assertThat(seen).hasValue(2);
	}

	@Test
	void joinWhenStartingThrowsFailsAndForgets() {
		CompletableFuture<TokenRecord> failed = this.flights.join(KEY, () -> {
			throw new IllegalStateException("boom");
		});

		assertThatExceptionOfType(CompletionException.class).isThrownBy(failed::join)
			.withCauseInstanceOf(IllegalStateException.class);
		assertThat(this.flights.drained()).isCompleted();
	}

	@Test
	void joinWhenTheFlightFailsFailsAllAndForgets() {
		CompletableFuture<TokenRecord> first = join(KEY);
		CompletableFuture<TokenRecord> second = join(KEY);

		this.outcome.completeExceptionally(new IllegalStateException("boom"));

		assertThat(first).isCompletedExceptionally();
		assertThat(second).isCompletedExceptionally();
		assertThat(this.flights.drained()).isCompleted();
	}

	@Test
	void drainedWaitsForEveryFlightAndToleratesFailures() {
		CompletableFuture<TokenRecord> other = new CompletableFuture<>();
		join(KEY);
		this.flights.join(EngineInstance.grantKey("bob"), () -> other);

		CompletableFuture<Void> drained = this.flights.drained();

		this.outcome.completeExceptionally(new IllegalStateException("boom"));
		assertThat(drained).isNotDone();
		other.complete(Given.absent());
		assertThat(drained).isCompleted();
	}

	@Test
	void abandonWakesWhoeverWaitsAndLetsTheFlightGoOn() {
		CompletableFuture<TokenRecord> joined = join(KEY);

		this.flights.abandon(new IllegalStateException("stopped"));

		assertThat(joined).isCompletedExceptionally();
		assertThat(this.outcome).isNotDone();
		this.outcome.complete(Given.absent());
		join(KEY);
		assertThat(this.started).as("the flight left in the end").hasValue(2);
	}

}
