package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link PendingCommits}.
 */
class PendingCommitsTests {

	private final EngineThreads threads = new EngineThreads(1, false);

	private final PendingCommits pending = new PendingCommits(this.threads, Clock.systemUTC());

	@AfterEach
	void close() {
		this.threads.close();
	}

	private static PendingCommits.Pending waiting(TokenKey key, long generation) {
		TokenRecord record = new TokenRecord(State.ABSENT, generation, generation + 1, null, null, Timing.NONE,
				Marks.NONE);
		return new PendingCommits.Pending(key, record, Instant.now().plus(Duration.ofHours(1)), CompletableFuture::new);
	}

	private static boolean isSettled(PendingCommits.Pending waiting) {
		return waiting.settled().toCompletableFuture().isDone();
	}

	@Test
	void addWhenANewerOneWaitsKeepsThat() {
		PendingCommits.Pending newer = waiting(EngineFixture.KEY, 2);
		PendingCommits.Pending older = waiting(EngineFixture.KEY, 1);

		assertThat(this.pending.add(newer)).isTrue();
		assertThat(this.pending.add(older)).isFalse();

		assertThat(this.pending.find(EngineFixture.KEY).generation()).isEqualTo(2);
		assertThat(isSettled(older)).isTrue();
		assertThat(isSettled(newer)).isFalse();
	}

	@Test
	void addWhenAnOlderOneWaitsReplacesIt() {
		PendingCommits.Pending older = waiting(EngineFixture.KEY, 1);
		this.pending.add(older);

		assertThat(this.pending.add(waiting(EngineFixture.KEY, 2))).isTrue();

		assertThat(this.pending.find(EngineFixture.KEY).generation()).isEqualTo(2);
		assertThat(isSettled(older)).isTrue();
	}

	@Test
	void addWhenAThousandWaitTakesNoMore() {
		for (int i = 0; i < 1_000; i++) {
			assertThat(this.pending.add(waiting(EngineInstance.grantKey("user" + i), 1))).isTrue();
		}

		assertThat(this.pending.add(waiting(EngineInstance.grantKey("one more"), 1))).isFalse();
		assertThat(this.pending.add(waiting(EngineInstance.grantKey("user0"), 2))).isTrue();
	}

	@Test
	void addWhenTwoComeAtOnceKeepsTheNewer() throws Exception {
		CyclicBarrier barrier = new CyclicBarrier(2);
		for (int i = 0; i < 2_000; i++) {
			PendingCommits.Pending older = waiting(EngineFixture.KEY, 1);
			CompletableFuture<Boolean> other = CompletableFuture.supplyAsync(() -> {
				await(barrier);
				return this.pending.add(older);
			});
			await(barrier);
			this.pending.add(waiting(EngineFixture.KEY, 2));
			other.get(20, TimeUnit.SECONDS);

			assertThat(this.pending.find(EngineFixture.KEY).generation()).isEqualTo(2);
			assertThat(isSettled(older)).isTrue();
			this.pending.drop(EngineFixture.KEY);
		}
	}

	private static void await(CyclicBarrier barrier) {
		try {
			barrier.await(20, TimeUnit.SECONDS);
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
