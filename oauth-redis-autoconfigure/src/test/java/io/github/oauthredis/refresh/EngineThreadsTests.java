package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;

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
	void mayLingerAllowsAsManyAsMayBeSentAtOnce() {
		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isFalse();

		this.threads.lingered();

		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(this.threads.mayLinger()).isFalse();
	}

	@Test
	void afterWhenClosedFails() {
		assertThat(EngineInstance.get(this.threads.after(Duration.ZERO))).isTrue();
		this.threads.close();

		assertThat(this.threads.after(Duration.ZERO).toCompletableFuture()).isCompletedExceptionally();
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
