package io.github.oauthredis.client;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

import static org.assertj.core.api.Assertions.assertThat;

class StageMonoTests {

	@Test
	void ofWhenNobodySubscribesAsksNothing() {
		AtomicInteger asked = new AtomicInteger();

		Mono<String> mono = StageMono.of(() -> CompletableFuture.completedFuture("x" + asked.incrementAndGet()));

		assertThat(asked).hasValue(0);
		StepVerifier.create(mono).expectNext("x1").verifyComplete();
		StepVerifier.create(mono).expectNext("x2").verifyComplete();
	}

	@Test
	void ofWhenNullIsEmpty() {
		StepVerifier.create(StageMono.of(() -> CompletableFuture.completedFuture(null))).verifyComplete();
	}

	/**
	 * Hazard 12: a caller that goes away cancels nothing but its own wait.
	 */
	@Test
	void ofWhenCancelledLeavesTheStageAlone() {
		CompletableFuture<String> stage = new CompletableFuture<>();

		StepVerifier.create(StageMono.of(() -> stage)).thenCancel().verify();

		assertThat(stage).isNotDone();
	}

	@Test
	void ofWhenFailedUnwrapsTheFailure() {
		CompletableFuture<String> stage = CompletableFuture.completedFuture("x").thenApply((x) -> {
			throw new IllegalArgumentException("wrong");
		});

		StepVerifier.create(StageMono.of(() -> stage)).verifyError(IllegalArgumentException.class);
	}

	@Test
	void ofWhenAskingThrowsFails() {
		StepVerifier.create(StageMono.of(() -> {
			throw new IllegalStateException("wrong");
		})).verifyError(IllegalStateException.class);
	}

	@Test
	void ofWhenWaitedForLeavesTheThreadOfTheEngine() {
		CompletableFuture<String> stage = new CompletableFuture<>();
		AtomicReference<Thread> thread = new AtomicReference<>();

		StepVerifier.create(StageMono.of(() -> stage).doOnNext((x) -> thread.set(Thread.currentThread())))
			.then(() -> stage.complete("x"))
			.expectNext("x")
			.verifyComplete();

		assertThat(thread.get()).isNotSameAs(Thread.currentThread());
		assertThat(thread.get().getName()).startsWith("parallel-");
	}

}
