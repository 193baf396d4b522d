package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.Backoff;
import io.github.oauthredis.store.Acquisition;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.token.TokenRecord;

/**
 * One flight of one record: decide, take the lease, send, commit; or wait for whoever
 * holds the lease.
 * <p>
 * Every step starts from a fresh reading and ends in a comparison inside Redis, so a
 * flight that was paused anywhere does no harm when it goes on: acquire compares
 * generation and attempts, commit compares the generation, fail compares generation and
 * owner. Only {@code find} checks marks, so the flight goes on from nothing else.
 */
final class Refresh {

	private static final Backoff POLL = new Backoff(Duration.ofMillis(25), Duration.ofMillis(250));

	private final EngineContext context;

	private final TokenDemand demand;

	// What the caller read who started the flight.
	private final TokenRecord record;

	private final Instant giveUpAt;

	private final CompletableFuture<TokenRecord> result = new CompletableFuture<>();

	private int polls;

	Refresh(EngineContext context, TokenDemand demand, TokenRecord record) {
		this.context = context;
		this.demand = demand;
		this.record = record;
		this.giveUpAt = context.now().plus(demand.policy().callerWait());
	}

	/**
	 * Start the flight. It ends in bounded time whatever happens: a flight without end
	 * would block its record.
	 */
	CompletableFuture<TokenRecord> start() {
		Duration bound = this.demand.policy().callerWait().plus(this.demand.policy().lease());
		Future<?> timer = this.context.threads()
			.schedule(() -> this.result.completeExceptionally(CallerFailures.timedOut(this.demand)), bound);
		proceed(this.record);
		return this.result.whenComplete((ended, ex) -> timer.cancel(false));
	}

	private void proceed(TokenRecord record) {
		if (this.result.isDone()) {
			// An answer that came late was overtaken: nobody waits for more.
			return;
		}
		TokenRecord waiting = this.context.pending().find(this.demand.key());
		if (waiting != null && waiting.generation() > record.generation()) {
			settle(waiting);
			return;
		}
		RefreshDecision decision = this.context.decide(this.demand, record);
		switch (decision.action()) {
			case USE -> adopt(record);
			case USE_AND_REFRESH -> acquire(record);
			case REFRESH_FIRST -> {
				if (this.context.isLeased(record)) {
					pollLater();
				}
				else {
					acquire(record);
				}
			}
			case OBTAIN_UNSHARED -> this.context.unshared()
				.obtain(this.demand, record)
				.thenAccept(this.result::complete)
				.exceptionally(this::fail);
			case DECLINE, LOST -> this.result.completeExceptionally(CallerFailures.of(this.demand, decision, record));
		}
	}

	/**
	 * Redis still shows what was renewed here already: to present that refresh token
	 * again could cost the whole grant.
	 */
	private void settle(TokenRecord waiting) {
		if (this.context.decide(this.demand, waiting).isUsable()
				&& !this.context.pending().isDoubted(this.demand.key())) {
			this.result.complete(waiting);
		}
		else {
			this.context.pending().settle(this.demand.key()).thenRun(this::readAgain).exceptionally(this::fail);
		}
	}

	private void pollLater() {
		if (!this.context.now().isBefore(this.giveUpAt)) {
			this.result.completeExceptionally(CallerFailures.timedOut(this.demand));
			return;
		}
		Duration delay = POLL.delay(this.polls++, this.context.random());
		CompletableFuture<Boolean> change = this.context.records().nextChange(this.demand.key());
		try {
			Future<?> timer = this.context.threads().schedule(() -> change.complete(false), delay);
			change.thenAccept((changed) -> {
				timer.cancel(false);
				// Not on the thread that hears of changes.
				Future<?> unused = this.context.threads().schedule(this::readAgain, Duration.ZERO);
			}).exceptionally(this::fail);
		}
		catch (RejectedExecutionException ex) {
			fail(ex);
		}
	}

	private void readAgain() {
		this.context.records().read(this.demand.key()).thenAccept(this::proceed).exceptionally(this::fail);
	}

	private void acquire(TokenRecord record) {
		if (!this.context.now().isBefore(this.giveUpAt)) {
			this.result.completeExceptionally(CallerFailures.timedOut(this.demand));
			return;
		}
		boolean background = this.context.decide(this.demand, record).isUsable();
		this.context.gate().enter(this.demand, background, this.giveUpAt).thenAccept((pass) -> {
			if (this.result.isDone()) {
				// The flight took too long to get here; the next one waits behind it.
				pass.leave();
			}
			else {
				acquire(record, pass);
			}
		}).exceptionally((ex) -> refused(record, background, ex));
	}

	/**
	 * Nothing is sent now. That is bad news only for those who have nothing else.
	 */
	private @Nullable Void refused(TokenRecord record, boolean background, Throwable ex) {
		if (this.context.decide(this.demand, record).isUsable()) {
			this.result.complete(record);
		}
		else if (background) {
			// The token has ended since: now callers wait.
			acquire(record);
		}
		else {
			// Meanwhile another instance may have got a token or may be about to.
			this.context.records().read(this.demand.key()).thenAccept((current) -> {
				if (this.context.needsRequest(this.demand, current)) {
					fail(ex);
				}
				else {
					proceed(current);
				}
			}).exceptionally(this::fail);
		}
		return null;
	}

	private void acquire(TokenRecord record, Pass pass) {
		this.context.store()
			.acquire(this.demand.key(), record, this.demand.policy().lease())
			.thenCompose((acquisition) -> this.context.stopPoints()
				.reach(StopPoints.Step.ACQUIRED, this.demand.key())
				.thenApply((go) -> acquisition))
			.whenComplete((acquisition, ex) -> {
				if (ex != null) {
					pass.leave();
				}
			})
			.thenAccept((acquisition) -> acquired(acquisition, record, pass))
			.exceptionally(this::fail);
	}

	private void acquired(Acquisition acquisition, TokenRecord record, Pass pass) {
		if (acquisition instanceof Acquisition.Acquired acquired) {
			send(acquired.lease(), record, pass);
			return;
		}
		pass.leave();
		if (acquisition instanceof Acquisition.Changed) {
			readAgain();
		}
		else if (this.context.decide(this.demand, record).isUsable()) {
			this.result.complete(record);
		}
		else {
			pollLater();
		}
	}

	/**
	 * Take what is stored; if it is newer than what the flight set out from, then another
	 * one has renewed it.
	 */
	private void adopt(TokenRecord record) {
		this.result.complete(record);
		if (record.generation() > this.record.generation()) {
			this.context.publish(TokenEvent.Type.ADOPTED, this.demand.key(), record.generation(), null);
		}
	}

	private void send(Lease lease, TokenRecord record, Pass pass) {
		if (this.context.now().plus(this.demand.policy().callTimeout()).isAfter(lease.until())) {
			// Held up since the lease was asked for: too little is left of it to send.
			pass.leave();
			this.context.store().release(this.demand.key(), lease).thenRun(this::pollLater).exceptionally(this::fail);
			return;
		}
		LeasedRequest request = new LeasedRequest(this.context, this.demand, lease, record, this.result, this::proceed);
		new TokenExchange(this.context.threads(), this.context.clock(), this.demand.policy().callTimeout(), pass,
				request)
			.send(this.demand.source(), record.liveTokens());
	}

	private @Nullable Void fail(Throwable ex) {
		this.result.completeExceptionally(CallerFailures.of(this.demand.key(), ex));
		return null;
	}

}
