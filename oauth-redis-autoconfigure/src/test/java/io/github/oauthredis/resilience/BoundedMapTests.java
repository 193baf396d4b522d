package io.github.oauthredis.resilience;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link BoundedMap}.
 *
 * @author OAuth Redis
 */
class BoundedMapTests {

	private final BoundedMap<Integer, Integer> map = new BoundedMap<>(10);

	private long held(int keys) {
		return IntStream.range(0, keys).filter((key) -> this.map.get(key) != null).count();
	}

	private void put(int key, int value) {
		this.map.update(key, (present) -> value);
	}

	@Test
	void updateReturnsWhatWasThere() {
		assertThat(this.map.update(1, (present) -> (present != null) ? present + 1 : 1)).isNull();
		assertThat(this.map.update(1, (present) -> (present != null) ? present + 1 : 1)).isEqualTo(1);
		assertThat(this.map.get(1)).isEqualTo(2);
		assertThat(this.map.get(2)).isNull();
	}

	@Test
	void updateWhenChangedToNullRemoves() {
		put(1, 1);

		assertThat(this.map.update(1, (present) -> null)).isEqualTo(1);

		assertThat(this.map.get(1)).isNull();
	}

	@Test
	void updateWhenAgedSeesAndRemovesTheAgedOne() {
		put(1, 1);
		IntStream.range(2, 7).forEach((key) -> put(key, 0));

		assertThat(this.map.update(1, (present) -> null)).isEqualTo(1);

		assertThat(this.map.get(1)).isNull();
	}

	@Test
	void holdsNoMoreThanTheMaximumAndTheNewestHalf() {
		IntStream.range(0, 1000).forEach((key) -> put(key, key));

		assertThat(IntStream.range(995, 1000)).allMatch((key) -> this.map.get(key) != null);
		assertThat(held(1000)).isBetween(5L, 11L);
	}

	@Test
	void entryThatIsLookedAtStays() {
		IntStream.range(0, 1000).forEach((key) -> {
			put(key, key);
			assertThat(this.map.get(0)).isZero();
		});
	}

	@Test
	void noUpdateIsLostWhileHalvesChange() throws InterruptedException {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		CountDownLatch go = new CountDownLatch(1);
		for (int thread = 0; thread < 4; thread++) {
			int first = thread;
			threads.execute(() -> {
				await(go);
				for (int i = first; i < 40_000; i += 4) {
					int value = i;
					this.map.update(-1, (present) -> (present != null) ? Math.max(present, value) : value);
					put(i, i);
				}
			});
		}
		go.countDown();
		threads.shutdown();

		assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
		assertThat(this.map.get(-1)).isEqualTo(39_999);
	}

	private static void await(CountDownLatch latch) {
		try {
			latch.await();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

}
