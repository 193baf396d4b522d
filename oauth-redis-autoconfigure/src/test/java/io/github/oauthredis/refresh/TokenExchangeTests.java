package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.test.util.ReflectionTestUtils;

import io.github.oauthredis.store.Failure;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link TokenExchange}.
 */
class TokenExchangeTests {

	private static final Duration BOUND = Duration.ofSeconds(5);

	private static final Duration LONG = Duration.ofSeconds(20);

	private static final Duration SHORT = Duration.ofMillis(20);

	private static final TokenAnswer ANSWER = new TokenAnswer("access", "Bearer", null, null, Set.of(), null, null,
			null);

	private final EngineThreads threads = new EngineThreads(1, false);

	private final Slots slots = new Slots(1);

	private final List<String> ends = new CopyOnWriteArrayList<>();

	private final List<Object> heard = new CopyOnWriteArrayList<>();

	private final Gate gate = new Gate();

	@AfterEach
	void close() {
		this.gate.close();
		this.threads.close();
	}

	private CompletableFuture<Boolean> take() {
		return this.slots.take(true).toCompletableFuture();
	}

	private void send(Duration deadline, TokenSource source) {
		Pass pass = new Pass((ended, outcome, failure) -> this.ends
			.add(outcome + " " + ((failure != null) ? failure.getCode() : null)));
		EngineInstance.get(pass.take(this.slots, true));
		new TokenExchange(this.threads, Clock.systemUTC(), deadline, pass, new TokenExchange.Listener() {

			@Override
			public void answered(TokenAnswer answer, Instant sentAt) {
				TokenExchangeTests.this.heard.add(answer);
			}

			@Override
			public void failed(TokenRequestException failure) {
				TokenExchangeTests.this.heard.add(failure.getKind() + " " + failure.getCode());
			}

			@Override
			public void notSent(RejectedExecutionException ex) {
				TokenExchangeTests.this.heard.add("not sent");
			}

		}).send(source, null);
	}

	private void awaitHeard(int count) {
		Await.until(count + " outcomes", BOUND, () -> this.heard.size() >= count);
	}

	private CompletableFuture<TokenAnswer> held() {
		this.gate.pass();
		return CompletableFuture.completedFuture(ANSWER);
	}

	@Test
	void sendWhenAnsweredTellsOnceAndReturnsTheSlot() {
		send(LONG, (current) -> CompletableFuture.completedFuture(ANSWER));
		awaitHeard(1);

		assertThat(this.heard).containsExactly(ANSWER);
		assertThat(this.ends).containsExactly("ANSWERED null");
		assertThat(take()).isCompleted();
	}

	@Test
	void sendWhenSourceFailsTellsHow() {
		TokenRequestException known = new TokenRequestException(Failure.Kind.CLEAR, "http_503", "Refused", null, null);
		send(LONG, (current) -> CompletableFuture.failedFuture(new CompletionException(known)));
		awaitHeard(1);
		send(LONG, (current) -> {
			throw known;
		});
		awaitHeard(2);
		send(LONG, (current) -> {
			throw new IllegalStateException("boom");
		});
		awaitHeard(3);

		send(LONG, (current) -> CompletableFuture.completedFuture(null));
		awaitHeard(4);

		assertThat(this.heard).containsExactly("CLEAR http_503", "CLEAR http_503", "AMBIGUOUS unexpected",
				"AMBIGUOUS unexpected");
		assertThat(this.ends).containsExactly("ANSWERED http_503", "ANSWERED http_503", "FAILED unexpected",
				"FAILED unexpected");
	}

	@Test
	void sendWhenAnswerIsLateTellsBothAndReturnsTheSlotAtTheDeadline() {
		send(SHORT, (current) -> held());
		awaitHeard(1);

		assertThat(this.heard).containsExactly("AMBIGUOUS timeout");
		assertThat(take()).isCompleted();
		assertThat(this.threads.mayLinger()).as("one lingers already").isFalse();

		this.gate.release();
		awaitHeard(2);

		assertThat(this.heard).containsExactly("AMBIGUOUS timeout", ANSWER);
		assertThat(this.ends).as("the first outcome").containsExactly("FAILED timeout");
		assertThat(this.threads.mayLinger()).isTrue();
		assertThat(take()).as("returned once only").isNotDone();
	}

	@Test
	void sendWhenFailureIsLateTellsTheFirstOnly() {
		send(SHORT, (current) -> {
			this.gate.pass();
			throw new IllegalStateException("late");
		});
		awaitHeard(1);
		this.gate.release();
		Await.until("the end", BOUND, this::mayLinger);

		assertThat(this.heard).containsExactly("AMBIGUOUS timeout");
	}

	@Test
	void sendWhenTooManyLingerInterrupts() {
		CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
		assertThat(this.threads.mayLinger()).isTrue();

		send(SHORT, (current) -> {
			interrupted.complete(interrupted());
			throw new IllegalStateException("interrupted");
		});

		assertThat(EngineInstance.get(interrupted)).isTrue();
		awaitHeard(1);
		assertThat(this.heard).containsExactly("AMBIGUOUS timeout");
	}

	@Test
	void sendWhenThreadsAreClosedSendsNothingAndReturnsTheSlot() {
		this.threads.close();

		send(LONG, (current) -> {
			throw new IllegalStateException("sent");
		});

		assertThat(this.heard).containsExactly("not sent");
		assertThat(this.ends).containsExactly("NOT_SENT null");
		assertThat(take()).isCompleted();
	}

	@Test
	void sendWhenNoThreadCanBeHadSendsNothingAndReturnsTheSlot() {
		ReflectionTestUtils.setField(this.threads, "executor", new SimpleAsyncTaskExecutor() {

			@Override
			protected void doExecute(Runnable task) {
				throw new InternalError("No thread");
			}

		});

		send(LONG, (current) -> CompletableFuture.completedFuture(ANSWER));

		assertThat(this.heard).containsExactly("not sent");
		assertThat(this.ends).containsExactly("NOT_SENT null");
		assertThat(take()).isCompleted();
	}

	private static boolean interrupted() {
		try {
			return new CountDownLatch(1).await(BOUND.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			return true;
		}
	}

	@Test
	void sendWhenAnswerMeetsTheDeadlineLosesNeitherSlotNorRoomToLinger() {
		ReflectionTestUtils.setField(this.threads, "lingering", new Semaphore(1) {

			private static final long serialVersionUID = 1L;

			@Override
			public boolean tryAcquire() {
				boolean acquired = super.tryAcquire();
				// The answer comes when the deadline has found room to linger.
				TokenExchangeTests.this.gate.release();
				Await.until("the answer", BOUND, () -> TokenExchangeTests.this.heard.contains(ANSWER));
				return acquired;
			}

		});

		send(SHORT, (current) -> held());

		Await.until("room to linger", BOUND, this::mayLinger);
		assertThat(take()).isCompleted();
		assertThat(take()).isNotDone();
	}

	/**
	 * Whether none lingers; there is room for one.
	 */
	private boolean mayLinger() {
		boolean may = this.threads.mayLinger();
		if (may) {
			this.threads.lingered();
		}
		return may;
	}

}
