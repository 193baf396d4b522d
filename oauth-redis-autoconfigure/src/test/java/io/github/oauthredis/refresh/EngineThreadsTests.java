package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link EngineThreads}.
 */
class EngineThreadsTests {

	private final EngineThreads threads = new EngineThreads(2, false);

	@AfterEach
	void close() {
		this.threads.close();
	}

	private CompletableFuture<Boolean> take() {
		return this.threads.takeSlot().toCompletableFuture();
	}

	@Test
	void takeSlotWhenAllAreTakenWaitsInOrder() {
		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		CompletableFuture<Boolean> third = take();
		CompletableFuture<Boolean> fourth = take();

		assertThat(third).isNotDone();
		this.threads.returnSlot();
		assertThat(third).isCompleted();
		assertThat(fourth).isNotDone();
		this.threads.returnSlot();
		assertThat(fourth).isCompleted();
	}

	@Test
	void returnSlotWhenNobodyWaitsKeepsIt() {
		take();
		this.threads.returnSlot();

		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	@Test
	void takeSlotWhenAThousandWaitFailsAtOnce() {
		take();
		take();
		List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			waiting.add(take());
		}

		CompletableFuture<Boolean> refused = take();

		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		assertThat(refused).isCompletedExceptionally();
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> {
			try {
				refused.join();
			}
			catch (java.util.concurrent.CompletionException ex) {
				throw ex.getCause();
			}
		});
		this.threads.returnSlot();
		assertThat(take()).as("room again").isNotDone();
	}

	@Test
	void returnSlotWhenEachWaiterReturnsItsSlotAtOnceServesAllOfThem() {
		take();
		take();
		AtomicInteger served = new AtomicInteger();
		List<Throwable> failures = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			take()
				.thenCompose((slot) -> CompletableFuture.<Void>failedFuture(new IllegalStateException("Redis is away")))
				.exceptionally((ex) -> {
					served.incrementAndGet();
					this.threads.returnSlot();
					return null;
				})
				.whenComplete((nothing, ex) -> {
					if (ex != null) {
						failures.add(ex);
					}
				});
		}
		CompletableFuture<Void> returned = new CompletableFuture<>();

		// As on a thread of the Redis client, whose stack nobody chose for this.
		new Thread(null, () -> {
			this.threads.returnSlot();
			this.threads.returnSlot();
			returned.complete(null);
		}, "small-stack", 256 * 1024).start();
		EngineInstance.get(returned);

		assertThat(failures).isEmpty();
		assertThat(served).hasValue(1_000);
		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	@Test
	void mayLingerAllowsAsManyAsThereAreSlots() {
		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isFalse();

		this.threads.lingered();

		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isFalse();
	}

	@Test
	void executeNamesThreadsAndMakesThemDaemons() {
		CompletableFuture<Thread> executing = new CompletableFuture<>();
		CompletableFuture<Thread> timing = new CompletableFuture<>();

		this.threads.execute(() -> executing.complete(Thread.currentThread()));
		this.threads.schedule(() -> timing.complete(Thread.currentThread()), Duration.ZERO);

		assertThat(EngineInstance.get(executing).getName()).startsWith("oauth-redis-");
		assertThat(EngineInstance.get(executing).isDaemon()).isTrue();
		assertThat(EngineInstance.get(timing).getName()).isEqualTo("oauth-redis-timer");
		assertThat(EngineInstance.get(timing).isDaemon()).isTrue();
	}

	@Test
	void closeRefusesFurtherWork() {
		this.threads.close();

		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> this.threads.schedule(() -> {
		}, Duration.ZERO));
		assertThatExceptionOfType(RejectedExecutionException.class).isThrownBy(() -> this.threads.execute(() -> {
		}));
	}

}
