package io.github.oauthredis.refresh;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link Slots}.
 */
class SlotsTests {

	private static final String A = "https://a/token";

	private static final String B = "https://b/token";

	private static final String C = "https://c/token";

	private final Slots slots = new Slots(2, 12);

	private CompletableFuture<Slots.Slot> take() {
		return take(this.slots, A);
	}

	private static CompletableFuture<Slots.Slot> take(Slots slots, String provider) {
		return slots.take(provider, false).toCompletableFuture();
	}

	private static CompletableFuture<Slots.Slot> renew(Slots slots, String provider) {
		return slots.take(provider, true).toCompletableFuture();
	}

	private static void assertRejected(CompletableFuture<Slots.Slot> waiting) {
		assertThat(waiting).isCompletedExceptionally();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(waiting::join)
			.withCauseInstanceOf(RejectedExecutionException.class);
	}

	@Test
	void takeWhenAllAreTakenWaitsInOrder() {
		CompletableFuture<Slots.Slot> first = take();
		CompletableFuture<Slots.Slot> second = take();
		CompletableFuture<Slots.Slot> third = take();
		CompletableFuture<Slots.Slot> fourth = take();

		assertThat(third).isNotDone();
		first.join().giveBack();
		assertThat(third).isCompleted();
		assertThat(fourth).isNotDone();
		second.join().giveBack();
		assertThat(fourth).isCompleted();
	}

	@Test
	void giveBackWhenNobodyWaitsKeepsIt() {
		take().join().giveBack();

		assertThat(take()).isCompleted();
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	@Test
	void giveBackWhenGivenBackBeforeDoesNothing() {
		Slots.Slot slot = take().join();
		take();
		slot.giveBack();
		slot.giveBack();

		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	@Test
	void takeWhenAThousandWaitFailsAtOnce() {
		Slots.Slot slot = take().join();
		take();
		List<CompletableFuture<Slots.Slot>> waiting = IntStream.range(0, 1_000).mapToObj((i) -> take()).toList();

		CompletableFuture<Slots.Slot> refused = take();

		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		assertRejected(refused);
		slot.giveBack();
		assertThat(take()).as("room again").isNotDone();
	}

	@Test
	void giveBackWhenEachWaiterReturnsItsSlotAtOnceServesAllOfThem() {
		Slots.Slot first = take().join();
		Slots.Slot second = take().join();
		AtomicInteger served = new AtomicInteger();
		List<Throwable> failures = new ArrayList<>();
		for (int i = 0; i < 1_000; i++) {
			take().thenAccept((slot) -> {
				served.incrementAndGet();
				slot.giveBack();
			}).whenComplete((nothing, ex) -> {
				if (ex != null) {
					failures.add(ex);
				}
			});
		}
		CompletableFuture<Void> returned = new CompletableFuture<>();

		// As on a thread of the Redis client, whose stack nobody chose for this.
		new Thread(null, () -> {
			first.giveBack();
			second.giveBack();
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
	void takeWhenOneProviderHasItsPartLeavesTheRestToOthers() {
		Slots slots = new Slots(4, 3);

		IntStream.range(0, 3).forEach((i) -> assertThat(take(slots, A)).isCompleted());

		CompletableFuture<Slots.Slot> fourth = take(slots, A);
		assertThat(fourth).isNotDone();
		CompletableFuture<Slots.Slot> other = take(slots, B);
		assertThat(other).isCompleted();
		other.join().giveBack();
		assertThat(fourth).as("a slot that is free for others only").isNotDone();
	}

	@Test
	void takeWhenOneProviderFillsItsPartOfTheQueueLeavesTheRestToOthers() {
		Slots slots = new Slots(4, 3);
		IntStream.range(0, 3).forEach((i) -> take(slots, A));
		take(slots, B);
		List<CompletableFuture<Slots.Slot>> waiting = IntStream.range(0, 750)
			.mapToObj((i) -> take(slots, A))
			.toList();

		assertRejected(take(slots, A));

		assertThat(waiting).noneMatch(CompletableFuture::isDone);
		IntStream.range(0, 250).forEach((i) -> assertThat(take(slots, B)).isNotDone());
		assertRejected(take(slots, C));
	}

	@Test
	void giveBackServesProvidersInTurn() {
		Slots slots = new Slots(1, 1);
		Slots.Slot slot = take(slots, A).join();
		List<String> served = new ArrayList<>();
		for (String provider : List.of(A, A, A, B, B, C)) {
			take(slots, provider).thenAccept((taken) -> {
				served.add(provider);
				taken.giveBack();
			});
		}

		slot.giveBack();

		assertThat(served).containsExactly(A, B, C, A, B, A);
	}

	@Test
	void giveBackServesCallersBeforeRenewals() {
		Slots slots = new Slots(1, 1);
		Slots.Slot slot = take(slots, A).join();
		List<String> served = new ArrayList<>();
		for (String who : List.of("renewal a", "renewal b", "caller b", "caller a", "renewal c", "caller c")) {
			slots.take("https://" + who.substring(who.length() - 1) + "/token", who.startsWith("renewal"))
				.thenAccept((taken) -> {
					served.add(who);
					taken.giveBack();
				});
		}

		slot.giveBack();

		assertThat(served.subList(0, 3)).containsExactlyInAnyOrder("caller a", "caller b", "caller c");
		assertThat(served.subList(3, 6)).containsExactlyInAnyOrder("renewal a", "renewal b", "renewal c");
	}

	@Test
	void takeWhenRenewalsFillTheQueueSendsTheLastOfThemAway() {
		Slots slots = new Slots(4, 3);
		IntStream.range(0, 3).forEach((i) -> take(slots, A));
		take(slots, B);
		List<CompletableFuture<Slots.Slot>> ofA = IntStream.range(0, 750).mapToObj((i) -> renew(slots, A)).toList();
		List<CompletableFuture<Slots.Slot>> ofB = IntStream.range(0, 250).mapToObj((i) -> renew(slots, B)).toList();

		assertRejected(renew(slots, A));
		CompletableFuture<Slots.Slot> callerOfA = take(slots, A);
		CompletableFuture<Slots.Slot> callerOfC = take(slots, C);

		assertThat(callerOfA).isNotDone();
		assertThat(callerOfC).isNotDone();
		assertRejected(ofA.get(749));
		assertRejected(ofA.get(748));
		assertThat(ofA.subList(0, 748)).noneMatch(CompletableFuture::isDone);
		assertThat(ofB).noneMatch(CompletableFuture::isDone);
	}

	@Test
	void mayLingerAllowsAsManyAsThereAreSlots() {
		Slots.Slot slot = take().join();

		assertThat(slot.mayLinger()).isTrue();
		assertThat(slot.mayLinger()).isTrue();
		assertThat(slot.mayLinger()).isFalse();

		slot.lingered();

		assertThat(slot.mayLinger()).isTrue();
		assertThat(slot.mayLinger()).isFalse();
	}

	@Test
	void mayLingerLeavesRoomForOtherProviders() {
		Slots slots = new Slots(2, 1);
		Slots.Slot slot = take(slots, A).join();
		assertThat(slot.mayLinger()).isTrue();
		assertThat(slot.mayLinger()).isFalse();

		assertThat(take(slots, B).join().mayLinger()).isTrue();
	}

	@Test
	void takeWhenManyComeAndGoGivesNoMoreThanThereAreAndForgetsThemAll() {
		Slots slots = new Slots(5, 3);
		AtomicInteger running = new AtomicInteger();
		AtomicInteger most = new AtomicInteger();
		List<CompletableFuture<Void>> done = new ArrayList<>();
		for (int i = 0; i < 900; i++) {
			String provider = List.of(A, A, A, B, C).get(i % 5);
			boolean background = i % 2 == 0;
			done.add(CompletableFuture.completedFuture(null).thenComposeAsync((start) -> slots.take(provider, background))
				.thenAcceptAsync((slot) -> {
					most.accumulateAndGet(running.incrementAndGet(), Math::max);
					if (ThreadLocalRandom.current().nextBoolean() && slot.mayLinger()) {
						slot.lingered();
					}
					running.decrementAndGet();
					slot.giveBack();
				}));
		}

		done.forEach((one) -> EngineInstance.get(one));

		assertThat(most).hasValueLessThanOrEqualTo(5);
		assertThat(slots).extracting("lanes", InstanceOfAssertFactories.MAP).isEmpty();
		assertThat(slots).extracting("free", "queued", "lingering", "serving").containsExactly(5, 0, 0, false);
	}

}
