package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An engine that is closed in the middle of something.
 */
class CloseIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final CompletableFuture<Boolean> closed = new CompletableFuture<>();

	private Thread close(EngineInstance instance) {
		Thread thread = new Thread(() -> {
			instance.refresher.close();
			this.closed.complete(Thread.currentThread().isInterrupted());
		});
		thread.start();
		return thread;
	}

	private void awaitClosing(Thread thread) {
		Await.until("the wait in close", BOUND, () -> thread.getState() == Thread.State.TIMED_WAITING);
	}

	@Test
	void closeWhenNothingIsUnderWayReturnsAtOnce() {
		close(instance());

		assertThat(EngineInstance.get(this.closed)).isFalse();
	}

	@Test
	void closeWaitsForARefreshUnderWay() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> call = obtain(instance);
		gate.awaitHeld(1);

		awaitClosing(close(instance));
		assertThat(this.closed).isNotDone();
		gate.release();

		EngineInstance.get(this.closed);
		assertThat(token(call)).isEqualTo(instance.find(KEY).requireTokens().accessToken());
		assertPairAlive(instance);
	}

	@Test
	void closeWaitsForTokensThatCannotBeStoredYet() {
		EngineInstance instance = instance(new EngineInstance.Options().stopPoints(this.steps));
		login(instance, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(instance);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		instance.faults.loseRequests("commit");

		awaitClosing(close(instance));
		this.steps.release(Step.ANSWERED);
		String token = token(call);
		Await.holdsWithin(Duration.ofMillis(100), this.closed::isDone);
		assertThat(this.closed).as("the token is in memory only").isNotDone();
		instance.faults.heal();

		EngineInstance.get(this.closed);
		assertThat(instance.find(KEY).requireTokens().accessToken()).isEqualTo(token);
		assertPairAlive(instance);
	}

	@Test
	void closeWhenItCannotWaitLeavesNobodyWaiting() {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(1));
		IssuedGrant grant = login(instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> call = obtain(instance);
		gate.awaitHeld(1);
		CompletableFuture<TokenRecord> queued = instance.refresher
			.obtain(instance.demand(EngineInstance.issuedKey("read"), this.server))
			.toCompletableFuture();

		Thread closing = close(instance);
		awaitClosing(closing);
		closing.interrupt();

		assertThat(EngineInstance.get(this.closed)).as("the interrupt is kept").isTrue();
		unavailable(call, "busy");
		unavailable(queued, "busy");
		gate.release();
		Await.until("the answer all the same", BOUND,
				() -> !instance.find(KEY).requireTokens().accessToken().equals(grant.accessToken()));
		assertPairAlive(instance);
	}

	@Test
	void obtainWhenClosedLeavesTheRecordAsItWas() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		instance.refresher.close();

		unavailable(obtain(instance), "busy");
		instance.awaitIdle();

		assertThat(raw().leased()).isFalse();
		assertThat(raw().attempts()).isZero();
		assertThat(raw().failures()).isZero();
		assertThat(this.server.tokenRequests()).isZero();
		assertThat(token(obtain(instance()))).isNotEmpty();
	}

}
