package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
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

	private final Pass pass;

	private final Listener listener;

	private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);

	private volatile @Nullable Thread thread;

	/**
	 * Create an exchange.
	 * @param threads where to send
	 * @param clock local clock
	 * @param deadline when the listener has waited enough
	 * @param pass leave to send, which ends with the request or at the deadline
	 * @param listener hears how it ended
	 */
	TokenExchange(EngineThreads threads, Clock clock, Duration deadline, Pass pass, Listener listener) {
		this.threads = threads;
		this.clock = clock;
		this.deadline = deadline;
		this.pass = pass;
		this.listener = listener;
	}

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
			if (answer != null) {
				onEnd(answer, null, sentAt);
			}
			else {
				onEnd(null, classify((ex != null) ? ex : new IllegalStateException("No answer")), sentAt);
			}
		});
	}

	private void onRejected(RejectedExecutionException ex) {
		this.pass.leave();
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
		onFailed(new TokenRequestException(Failure.Kind.AMBIGUOUS, "timeout",
				"The token endpoint did not answer within " + this.deadline, null, null));
	}

	private void onEnd(@Nullable TokenAnswer answer, @Nullable TokenRequestException failure, Instant sentAt) {
		State before = this.state.getAndSet(State.ENDED);
		if (before == State.LINGERING) {
			this.threads.lingered();
		}
		if (answer != null) {
			this.pass.answered();
			this.listener.answered(answer, sentAt);
		}
		else if (before == State.WAITING && failure != null) {
			onFailed(failure);
		}
	}

	private void onFailed(TokenRequestException failure) {
		this.pass.failed(failure);
		this.listener.failed(failure);
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
