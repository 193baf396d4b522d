package io.github.oauthredis.testkit;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link Gate}.
 */
class GateTests {

	private final Gate gate = new Gate();

	@Test
	void passWhenClosedWaitsForReleaseOfAll() {
		List<CompletableFuture<Void>> walkers = IntStream.range(0, 3).mapToObj((i) -> walker()).toList();
		this.gate.awaitHeld(3);

		this.gate.release();

		walkers.forEach(CompletableFuture::join);
		this.gate.pass();
		assertThat(this.gate.held()).isZero();
	}

	@Test
	void releaseOneLetsOnePass() {
		CompletableFuture<Void> first = walker();
		CompletableFuture<Void> second = walker();
		this.gate.awaitHeld(2);

		this.gate.releaseOne();
		CompletableFuture.anyOf(first, second).join();

		assertThat(this.gate.held()).isOne();
		assertThat(first.isDone()).isNotEqualTo(second.isDone());
		this.gate.close();
		CompletableFuture.allOf(first, second).join();
	}

	@Test
	void releaseOneWhenNobodyWaitsLetsTheNextPass() {
		this.gate.releaseOne();

		this.gate.pass();

		assertThat(this.gate.held()).isZero();
	}

	private CompletableFuture<Void> walker() {
		CompletableFuture<Void> passed = new CompletableFuture<>();
		Daemon.start("walker", () -> {
			this.gate.pass();
			passed.complete(null);
		});
		return passed;
	}

}
