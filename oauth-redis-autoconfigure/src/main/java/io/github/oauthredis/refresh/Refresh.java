package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.Acquisition;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * One flight of one record: decide, take the lease, send, commit; or wait for whoever
 * holds the lease.
 * <p>
 * Every step starts from a fresh reading and ends in a comparison inside Redis, so a
 * flight that was paused anywhere does no harm when it goes on: acquire compares
 * generation and attempts, commit compares the generation, fail compares generation and
 * owner. The result completes once; an answer that comes after that is still committed.
 */
final class Refresh implements TokenExchange.Listener {

	private static final Duration FIRST_POLL = Duration.ofMillis(25);

	private static final Duration LONGEST_POLL = Duration.ofMillis(250);

	private final EngineContext context;

	private final TokenDemand demand;

	// What the caller read who started the flight.
	private final TokenRecord record;

	private final Instant giveUpAt;

	private final CompletableFuture<TokenRecord> result = new CompletableFuture<>();

	// Written before the request is sent, read by whoever hears its outcome.
	private volatile @Nullable Lease lease;

	private volatile @Nullable TokenRecord basedOn;

	private Duration poll = FIRST_POLL;

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
			.schedule(() -> this.result.completeExceptionally(this.context.timedOut(this.demand)), bound);
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
		boolean leased = record.timing().leasedUntil() != null
				&& record.timing().leasedUntil().isAfter(this.context.now());
		switch (decision.action()) {
			case USE -> adopt(record);
			case USE_AND_REFRESH -> acquire(record);
			case REFRESH_FIRST -> {
				if (leased) {
					pollLater();
				}
				else {
					acquire(record);
				}
			}
			case OBTAIN_UNSHARED -> this.context.unshared().obtain(this.demand).whenComplete((own, ex) -> {
				if (ex != null) {
					fail(ex);
				}
				else {
					this.result.complete(own);
				}
			});
			case DECLINE, LOST ->
				this.result.completeExceptionally(this.context.failure(this.demand, decision, record));
		}
	}

	/**
	 * Redis still shows what was renewed here already: to present that refresh token
	 * again could cost the whole grant.
	 */
	private void settle(TokenRecord waiting) {
		if (this.context.decide(this.demand, waiting).isUsable()) {
			this.result.complete(waiting);
		}
		else {
			this.context.pending().settle(this.demand.key()).thenRun(this::readAgain).exceptionally(this::fail);
		}
	}

	private void pollLater() {
		if (!this.context.now().isBefore(this.giveUpAt)) {
			this.result.completeExceptionally(this.context.timedOut(this.demand));
			return;
		}
		Duration delay = this.poll.plusMillis((long) (this.context.random() * this.poll.toMillis() / 4));
		Duration doubled = this.poll.multipliedBy(2);
		this.poll = (doubled.compareTo(LONGEST_POLL) < 0) ? doubled : LONGEST_POLL;
		try {
			Future<?> unused = this.context.threads().schedule(this::readAgain, delay);
		}
		catch (RejectedExecutionException ex) {
			fail(ex);
		}
	}

	private void readAgain() {
		this.context.store().find(this.demand.key()).thenAccept(this::proceed).exceptionally(this::fail);
	}

	private void acquire(TokenRecord record) {
		if (!this.context.now().isBefore(this.giveUpAt)) {
			this.result.completeExceptionally(this.context.timedOut(this.demand));
			return;
		}
		this.context.threads()
			.takeSlot()
			.thenCompose((slot) -> this.result.isDone() ? endedInTheQueue() : acquireWithSlot(record))
			.exceptionally(this::fail);
	}

	/**
	 * The flight took too long to get here; the next one waits behind it.
	 */
	private CompletionStage<@Nullable Void> endedInTheQueue() {
		this.context.threads().returnSlot();
		return CompletableFuture.completedFuture(null);
	}

	private CompletionStage<@Nullable Void> acquireWithSlot(TokenRecord record) {
		return this.context.store()
			.acquire(this.demand.key(), record, this.demand.policy().lease())
			.thenCompose((acquisition) -> this.context.stopPoints()
				.reach(StopPoints.Step.ACQUIRED, this.demand.key())
				.thenApply((go) -> acquisition))
			.whenComplete((acquisition, ex) -> {
				if (ex != null) {
					this.context.threads().returnSlot();
				}
			})
			.thenAccept((acquisition) -> acquired(acquisition, record));
	}

	private void acquired(Acquisition acquisition, TokenRecord record) {
		if (acquisition instanceof Acquisition.Acquired acquired) {
			send(acquired.lease(), record);
			return;
		}
		this.context.threads().returnSlot();
		if (acquisition instanceof Acquisition.Changed changed) {
			proceed(changed.current());
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

	private void send(Lease lease, TokenRecord record) {
		if (this.context.now().plus(this.demand.policy().callTimeout()).isAfter(lease.until())) {
			// Held up since the lease was asked for: too little is left of it to send.
			this.context.threads().returnSlot();
			this.context.store().release(this.demand.key(), lease).thenRun(this::pollLater).exceptionally(this::fail);
			return;
		}
		this.lease = lease;
		this.basedOn = record;
		new TokenExchange(this.context.threads(), this.context.clock(), this.demand.policy().callTimeout(), this)
			.send(this.demand.source(), record.tokens());
	}

	@Override
	public void answered(TokenAnswer answer, Instant sentAt) {
		try {
			commit(answer, sentAt);
		}
		catch (RuntimeException ex) {
			fail(ex);
		}
	}

	private void commit(TokenAnswer answer, Instant sentAt) {
		Lease lease = Objects.requireNonNull(this.lease);
		TokenRecord before = Objects.requireNonNull(this.basedOn);
		Tokens tokens = Renewal.apply(before.tokens(), answer, sentAt);
		Life life = this.demand.policy().life(this.demand.key(), tokens, answer.refreshTokenExpiresIn(), sentAt);
		this.context.stopPoints()
			.reach(StopPoints.Step.ANSWERED, this.demand.key())
			.thenCompose((go) -> this.context.store().commit(this.demand.key(), lease, tokens, life))
			.whenComplete((written, ex) -> {
				if (ex == null) {
					committed(written, before);
				}
				else {
					keep(lease, tokens, life, before);
				}
			});
	}

	private void committed(Written written, TokenRecord before) {
		TokenRecord record = written.record();
		if (!written.accepted()) {
			proceed(record);
			return;
		}
		this.result.complete(record);
		this.context.publishRenewed(this.demand.key(), before.tokens(), record);
	}

	/**
	 * Redis did not say whether it stored the tokens. They are the only ones there are,
	 * so they are served from here until it does.
	 */
	private void keep(Lease lease, Tokens tokens, Life life, TokenRecord before) {
		TokenRecord record = new TokenRecord(State.LIVE, lease.nextGeneration(), lease.nextGeneration() + 1, tokens,
				null, new Timing(life.expiresAt(), this.context.now(), false, 0, null, 0, null, null));
		PendingCommits.Pending waiting = new PendingCommits.Pending(this.demand.key(), lease, tokens, life, record);
		waiting.settled().thenAccept((written) -> {
			if (written != null && written.accepted()) {
				this.context.publishRenewed(this.demand.key(), before.tokens(), written.record());
			}
		});
		boolean kept = this.context.pending().add(waiting);
		this.result.complete(record);
		if (kept) {
			this.context.publish(TokenEvent.Type.PENDING, this.demand.key(), lease.nextGeneration(), null);
		}
	}

	@Override
	public void notSent(RejectedExecutionException ex) {
		this.context.store()
			.release(this.demand.key(), Objects.requireNonNull(this.lease))
			.whenComplete((released, failure) -> fail(ex));
	}

	@Override
	public void failed(TokenRequestException failure) {
		Lease lease = Objects.requireNonNull(this.lease);
		TokenRecord before = Objects.requireNonNull(this.basedOn);
		Duration delay = this.demand.policy().delay(before, failure, this.context.random());
		this.context.store()
			.fail(this.demand.key(), lease, new Failure(failure.getKind(), failure.getCode(), delay))
			.whenComplete((noted, ex) -> {
				boolean fatal = failure.getKind() == Failure.Kind.FATAL;
				if (ex == null && !noted) {
					overruled(before, fatal ? null : this.context.failure(this.demand, failure, delay));
				}
				else if (!fatal) {
					this.result.completeExceptionally(this.context.failure(this.demand, failure, delay));
				}
				else if (ex != null) {
					fail(ex);
				}
				else {
					this.result.completeExceptionally(this.context.lost(this.demand, failure.getCode()));
					tell(TokenEvent.Type.DEAD, before, failure);
				}
				if (!fatal) {
					tell(TokenEvent.Type.FAILED, before, failure);
				}
			});
	}

	/**
	 * Another one holds the lease or has renewed: its word counts, not this failure.
	 * @param failure what to tell if there is no other one after all; null to try again
	 */
	private void overruled(TokenRecord before, @Nullable RuntimeException failure) {
		this.context.store().find(this.demand.key()).thenAccept((current) -> {
			if (failure == null || current.timing().leasedUntil() != null
					|| current.generation() != before.generation()) {
				proceed(current);
			}
			else {
				this.result.completeExceptionally(failure);
			}
		}).exceptionally(this::fail);
	}

	private void tell(TokenEvent.Type type, TokenRecord before, TokenRequestException failure) {
		this.context.publish(type, this.demand.key(), before.generation(), failure.getCode());
	}

	private @Nullable Void fail(Throwable ex) {
		Throwable cause = (ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex;
		this.result.completeExceptionally(this.context.failure(this.demand.key(), cause));
		return null;
	}

}
