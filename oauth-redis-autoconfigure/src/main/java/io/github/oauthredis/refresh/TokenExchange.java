package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Failure;
import io.github.oauthredis.token.Tokens;

/**
 * One token request: sent on an engine thread, ended for its listener by a hard deadline,
 * and listened to for a while longer, because an answer that comes late is an answer.
 * <p>
 * Exactly one of {@code answered}, {@code failed} and {@code notSent} reaches the
 * listener first; after a {@code failed} by deadline, one {@code answered} may still
 * follow.
 */
final class TokenExchange {

	private final EngineThreads threads;

	private final Clock clock;

	private final Duration deadline;

	private final Listener listener;

	private final AtomicBoolean slotReturned = new AtomicBoolean();

	private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

	private volatile @Nullable Thread thread;

	TokenExchange(EngineThreads threads, Clock clock, Duration deadline, Listener listener) {
		this.threads = threads;
		this.clock = clock;
		this.deadline = deadline;
		this.listener = listener;
	}

	/**
	 * Send the request; the caller has taken a slot, which is given back at the end or at
	 * the deadline.
	 */
	void send(TokenSource source, @Nullable Tokens current) {
		try {
			this.threads.execute(() -> run(source, current));
		}
		catch (RejectedExecutionException ex) {
			onRejected(ex);
		}
		catch (RuntimeException | Error ex) {
			onRejected(new RejectedExecutionException("No thread for a token request", ex));
		}
	}

	private void run(TokenSource source, @Nullable Tokens current) {
		this.thread = Thread.currentThread();
		Instant sentAt = this.clock.instant();
		ScheduledFuture<?> timer;
		try {
			timer = this.threads.schedule(this::onDeadline, this.deadline);
		}
		catch (RejectedExecutionException ex) {
			onRejected(ex);
			return;
		}
		request(source, current).whenComplete((answer, ex) -> {
			timer.cancel(false);
			this.thread = null;
			onEnd(answer, (ex != null) ? classify(ex) : null, sentAt);
		});
	}

	private void onRejected(RejectedExecutionException ex) {
		returnSlot();
		this.listener.notSent(ex);
	}

	/**
	 * Whatever is thrown ends the exchange: a waiter that nobody tells would block its
	 * record.
	 */
	private static CompletionStage<TokenAnswer> request(TokenSource source, @Nullable Tokens current) {
		try {
			return source.request(current);
		}
		catch (RuntimeException | Error ex) {
			return CompletableFuture.failedFuture(ex);
		}
	}

	private void onDeadline() {
		boolean lingers = this.threads.mayLinger();
		if (!this.state.compareAndSet(State.WAITING, lingers ? State.LINGERING : State.ENDED)) {
			if (lingers) {
				this.threads.lingered();
			}
			return;
		}
		Thread waiting = this.thread;
		if (!lingers && waiting != null) {
			waiting.interrupt();
		}
		returnSlot();
		this.listener.failed(new TokenRequestException(Failure.Kind.AMBIGUOUS, "timeout",
				"The token endpoint did not answer within " + this.deadline, null, null));
	}

	private void onEnd(@Nullable TokenAnswer answer, @Nullable TokenRequestException failure, Instant sentAt) {
		State before = this.state.getAndSet(State.ENDED);
		if (before == State.LINGERING) {
			this.threads.lingered();
		}
		returnSlot();
		if (answer != null) {
			this.listener.answered(answer, sentAt);
		}
		else if (before == State.WAITING && failure != null) {
			this.listener.failed(failure);
		}
	}

	private void returnSlot() {
		if (this.slotReturned.compareAndSet(false, true)) {
			this.threads.returnSlot();
		}
	}

	private static TokenRequestException classify(Throwable ex) {
		Throwable cause = (ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex;
		return (cause instanceof TokenRequestException known) ? known
				: new TokenRequestException(Failure.Kind.AMBIGUOUS, "unexpected",
						"The token request failed with " + cause.getClass().getName(), null, null);
	}

	/**
	 * Hears how the request ended.
	 */
	interface Listener {

		void answered(TokenAnswer answer, Instant sentAt);

		void failed(TokenRequestException failure);

		/**
		 * The application stops or has no thread to spare: no request was sent, and none
		 * will be.
		 */
		void notSent(RejectedExecutionException ex);

	}

	private enum State {

		WAITING, LINGERING, ENDED

	}

}
