package io.github.oauthredis.refresh;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Slots}.
 */
class SlotsTests {

	private final Slots slots = new Slots(2);

	private CompletableFuture<Boolean> take() {
		return this.slots.take(true).toCompletableFuture();
	}

	private static void assertRejected(CompletableFuture<Boolean> waiting) {
		assertThat(waiting).isCompletedExceptionally();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(waiting::join)
			.withCauseInstanceOf(RejectedExecutionException.class);
	}

	@Test
	void takeWhenAllAreTakenWaitsInOrder() {
		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		CompletableFuture<Boolean> third = take();
		CompletableFuture<Boolean> fourth = take();

		assertThat(third).isNotDone();
		this.slots.giveBack();
		assertThat(third).isCompleted();
		assertThat(fourth).isNotDone();
		this.slots.giveBack();
		assertThat(fourth).isCompleted();
	}

	@Test
	void takeWhenItDoesNotQueueTakesWhatIsFreeOnly() {
		assertThat(this.slots.take(false).toCompletableFuture()).isCompleted();
		assertThat(take()).isCompleted();
		assertRejected(this.slots.take(false).toCompletableFuture());
		CompletableFuture<Boolean> waiting = take();

		this.slots.giveBack();

		assertThat(waiting).as("the slot was kept for who waits").isCompleted();
		assertRejected(this.slots.take(false).toCompletableFuture());
	}

	@Test
	void giveBackWhenNobodyWaitsKeepsIt() {
		take();
		this.slots.giveBack();

		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	@Test
	void takeWhenAThousandWaitFailsAtOnce() {
		take();
		take();
		List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			waiting.add(take());
		}

		CompletableFuture<Boolean> refused = take();

		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		assertRejected(refused);
		this.slots.giveBack();
		assertThat(take()).as("room again").isNotDone();
	}

	@Test
	void giveBackWhenEachWaiterGivesItsSlotBackAtOnceServesAllOfThem() {
		take();
		take();
		AtomicInteger served = new AtomicInteger();
		List<Throwable> failures = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			take()
				.thenCompose((slot) -> CompletableFuture.<Void>failedFuture(new IllegalStateException("Redis is away")))
				.exceptionally((ex) -> {
					served.incrementAndGet();
					this.slots.giveBack();
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
			this.slots.giveBack();
			this.slots.giveBack();
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
	void takeWhenOneIsGivenBackWhileItQueuesIsServed() {
		Deque<Runnable> meanwhile = new ArrayDeque<>();
		Slots single = new Slots(1, new ConcurrentLinkedQueue<>() {

			@Override
			public boolean add(CompletableFuture<Boolean> waiting) {
				meanwhile.remove().run();
				boolean added = super.add(waiting);
				meanwhile.remove().run();
				return added;
			}

		});
		assertThat(single.take(true).toCompletableFuture()).isCompleted();

		meanwhile.addAll(List.of(single::giveBack, () -> {
		}));
		assertThat(single.take(true).toCompletableFuture()).as("given back before").isCompleted();
		meanwhile.addAll(List.of(() -> {
		}, single::giveBack));
		assertThat(single.take(true).toCompletableFuture()).as("given back after").isCompleted();
		assertRejected(single.take(false).toCompletableFuture());
	}

	/**
	 * Each of few threads wants a slot again as soon as it gave one back, so most find
	 * none free while one comes back.
	 */
	@Test
	void takeWhenThreadsComeAllAtOnceServesEachAndNeverMoreThanThereAreSlots() throws Exception {
		AtomicInteger holders = new AtomicInteger();
		Callable<Integer> caller = () -> {
			int most = 0;
			for (int i = 0; i < 20_000; i++) {
				CompletableFuture<Boolean> slot = this.slots.take(i % 5 != 0).toCompletableFuture();
				if (i % 5 == 0 && slot.isCompletedExceptionally()) {
					continue;
				}
				EngineInstance.get(slot);
				most = Math.max(most, holders.incrementAndGet());
				holders.decrementAndGet();
				this.slots.giveBack();
			}
			return most;
		};
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			for (Future<Integer> most : threads.invokeAll(Collections.nCopies(4, caller))) {
				assertThat(most.get()).isBetween(1, 2);
			}
		}
		finally {
			threads.shutdownNow();
		}

		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

}
