package io.github.oauthredis.refresh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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

}
