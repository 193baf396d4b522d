package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * The one token request that a flight sends under one lease: stores what it brings, or
 * notes how it failed.
 * <p>
 * Redis decides by comparing generation and owner, so it does no harm to hear of an
 * outcome however late. The result of the flight completes once; an answer that comes
 * after that is still committed.
 */
final class LeasedRequest implements TokenExchange.Listener {

	private final EngineContext context;

	private final TokenDemand demand;

	private final Lease lease;

	private final TokenRecord before;

	private final CompletableFuture<TokenRecord> result;

	private final Consumer<TokenRecord> proceed;

	/**
	 * Create a request.
	 * @param context what the parts of the engine share
	 * @param demand what is wanted
	 * @param lease the right to send
	 * @param before what the lease is based on
	 * @param result outcome of the flight
	 * @param proceed lets the flight go on from another reading
	 */
	LeasedRequest(EngineContext context, TokenDemand demand, Lease lease, TokenRecord before,
			CompletableFuture<TokenRecord> result, Consumer<TokenRecord> proceed) {
		this.context = context;
		this.demand = demand;
		this.lease = lease;
		this.before = before;
		this.result = result;
		this.proceed = proceed;
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
		Tokens tokens = Renewal.apply(this.demand.key(), this.before, answer, sentAt);
		Life life = this.demand.policy().life(this.demand.key(), tokens, answer.refreshTokenExpiresIn(), sentAt);
		this.context.stopPoints()
			.reach(StopPoints.Step.ANSWERED, this.demand.key())
			.thenCompose((go) -> this.context.store().commit(this.demand.key(), this.lease, tokens, life))
			.whenComplete((written, ex) -> {
				if (ex == null) {
					committed(written, tokens, life);
				}
				else {
					keep(tokens, life);
				}
			});
	}

	private void committed(Written written, Tokens tokens, Life life) {
		if (!written.accepted()) {
			overtaken(written.record(), tokens, Duration.ZERO);
			readAgain();
			discarded(written);
			return;
		}
		TokenRecord record = written.record();
		handReplaced();
		boolean unmarked = this.context.records().isUnmarked(this.demand.key(), this.before.marks());
		CompletionStage<@Nullable Void> replicated = this.context.recent()
			.stored(this.demand.key(), record.generation(), tokens, life);
		this.context.records().written(this.demand.key(), record);
		// Without an answer those of the reading count: they are as old as the flight.
		replicated
			.thenCompose((done) -> unmarked ? CompletableFuture.completedFuture(this.before.marks())
					: this.context.store().marks(this.demand.key()))
			.whenComplete((marks, ex) -> {
				if (ex != null) {
					// Good enough for callers who wait, but not to be kept.
					this.context.records().forget(this.demand.key());
				}
				serve(record, (ex != null) ? this.before.marks() : marks);
			});
	}

	/**
	 * What was removed during the request must not live on at the server. A newer record
	 * may be of the same grant, so then nothing is revoked.
	 */
	private void overtaken(TokenRecord present, Tokens tokens, Duration waited) {
		boolean forgotten = waited.compareTo(TokenStore.TOMBSTONE) >= 0;
		if (present.state() == State.ABSENT && (forgotten || present.generation() > this.lease.baseGeneration())) {
			this.context.discarded().hand(this.demand.key(), this.lease.nextGeneration(), tokens);
		}
	}

	/**
	 * Revoked tokens that nobody granted are overwritten when the next ones are issued.
	 */
	private void handReplaced() {
		Tokens replaced = this.before.tokens();
		if (!this.demand.key().isGrant() && replaced != null && TokenRecord.REVOKED.equals(this.before.detail())) {
			this.context.discarded().hand(this.demand.key(), this.before.generation(), replaced);
		}
	}

	/**
	 * A grant that was revoked meanwhile; what nobody granted is soon replaced.
	 */
	private void handIfRevoked(TokenRecord record, Tokens tokens) {
		if (this.demand.key().isGrant() && TokenRecord.REVOKED.equals(record.detail())
				&& tokens.equals(record.tokens())) {
			this.context.discarded().hand(this.demand.key(), record.generation(), tokens);
		}
	}

	/**
	 * Hand out what was stored, unless it was revoked while it was asked for: then the
	 * flight goes on, with a grant to its end and with an issued token to another one. It
	 * does so once: whoever keeps raising marks must not make us send without end.
	 */
	private void serve(TokenRecord stored, Marks marks) {
		TokenRecord record = stored.checked(marks, null);
		if (record.state() != State.LIVE) {
			this.context.records().forget(this.demand.key());
			handIfRevoked(record, record.requireTokens());
		}
		if (record.state() == State.LIVE) {
			this.result.complete(record);
		}
		else if (TokenRecord.REVOKED.equals(this.before.detail())) {
			this.result.completeExceptionally(CallerFailures.revoked(this.demand));
		}
		else {
			readAgain();
		}
		this.context.publishRenewed(this.demand.key(), this.before.liveTokens(), record);
	}

	private void discarded(Written written) {
		this.context.publish(TokenEvent.Type.DISCARDED, this.demand.key(), written.record().generation(), null);
	}

	private void readAgain() {
		this.context.records().read(this.demand.key()).thenAccept(this.proceed).exceptionally(this::fail);
	}

	/**
	 * Redis did not say whether it stored the tokens. They are the only ones there are,
	 * so they are served from here until it does.
	 */
	private void keep(Tokens tokens, Life life) {
		Instant receivedAt = this.context.now();
		TokenRecord record = new TokenRecord(State.LIVE, this.lease.nextGeneration(), this.lease.nextGeneration() + 1,
				tokens, null, new Timing(life.expiresAt(), receivedAt, false, 0, null, 0, null, null, null),
				this.before.marks());
		PendingCommits.Pending waiting = new PendingCommits.Pending(this.demand.key(), record, life.keepUntil(),
				() -> this.context.store().commit(this.demand.key(), this.lease, tokens, life));
		waiting.settled().thenAccept((written) -> {
			if (written != null && !written.accepted()) {
				overtaken(written.record(), tokens, Duration.between(receivedAt, this.context.now()));
				discarded(written);
			}
			else if (written != null) {
				// It may have been revoked while it waited.
				this.context.records().forget(this.demand.key());
				CompletionStage<Void> unused = this.context.recent()
					.stored(this.demand.key(), written.record().generation(), tokens, life)
					.thenCompose((done) -> this.context.records().read(this.demand.key()))
					.thenAccept((stored) -> handIfRevoked(stored, tokens));
				this.context.publishRenewed(this.demand.key(), this.before.liveTokens(), written.record());
			}
		});
		boolean kept = this.context.pending().add(waiting);
		this.result.complete(record);
		this.context.publish(kept ? TokenEvent.Type.PENDING : TokenEvent.Type.DISCARDED, this.demand.key(),
				this.lease.nextGeneration(), null);
	}

	@Override
	public void notSent(RejectedExecutionException ex) {
		this.context.store().release(this.demand.key(), this.lease).whenComplete((released, failure) -> fail(ex));
	}

	@Override
	public void failed(TokenRequestException failure) {
		Duration delay = this.demand.policy().delay(this.before, failure, this.context.random());
		this.context.store()
			.fail(this.demand.key(), this.lease, new Failure(failure.getKind(), failure.getCode(), delay))
			.whenComplete((noted, ex) -> {
				boolean fatal = failure.getKind() == Failure.Kind.FATAL;
				if (ex == null && !noted) {
					overruled(fatal ? null : CallerFailures.of(this.demand, failure, this.context.now().plus(delay)));
				}
				else if (!fatal) {
					this.result
						.completeExceptionally(CallerFailures.of(this.demand, failure, this.context.now().plus(delay)));
				}
				else if (ex != null) {
					fail(ex);
				}
				else {
					this.result.completeExceptionally(CallerFailures.lost(this.demand, failure.getCode()));
					tell(TokenEvent.Type.DEAD, failure);
					this.context.publishLost(this.demand.key(), failure.getCode());
					tellOfTheft(failure);
				}
				if (!fatal) {
					tell(TokenEvent.Type.FAILED, failure);
				}
			});
	}

	/**
	 * Another one holds the lease or has renewed: its word counts, not this failure.
	 * @param failure what to tell if there is no other one after all; null to try again
	 */
	private void overruled(@Nullable RuntimeException failure) {
		this.context.records().read(this.demand.key()).thenAccept((current) -> {
			if (failure == null || current.timing().leasedUntil() != null
					|| current.generation() != this.before.generation()) {
				this.proceed.accept(current);
			}
			else {
				this.result.completeExceptionally(failure);
			}
		}).exceptionally(this::fail);
	}

	private void tell(TokenEvent.Type type, TokenRequestException failure) {
		this.context.publish(type, this.demand.key(), this.before.generation(), failure.getCode());
	}

	private void tellOfTheft(TokenRequestException failure) {
		TokenEvent.Type signal = TheftSignal.of(this.before, this.context.now());
		if (signal != null) {
			tell(signal, failure);
		}
	}

	private @Nullable Void fail(Throwable ex) {
		this.result.completeExceptionally(CallerFailures.of(this.demand.key(), ex));
		return null;
	}

}
