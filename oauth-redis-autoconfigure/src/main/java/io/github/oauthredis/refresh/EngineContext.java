package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.crypto.SealingKeyException;
import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.TokenStoreException;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;
import io.github.oauthredis.token.Tokens;

/**
 * What the parts of the engine share: its collaborators, and the words in which it tells
 * callers and listeners what happened. Thread-safe.
 */
final class EngineContext {

	// RFC 6749 section 5.2: nothing but a change of configuration mends these.
	private static final Set<String> PERMANENT = Set.of("invalid_request", "invalid_client", "invalid_grant",
			"unauthorized_client", "unsupported_grant_type", "invalid_scope");

	private static final Log logger = LogFactory.getLog(EngineContext.class);

	private final TokenStore store;

	private final TokenEvents events;

	private final Clock clock;

	private final EngineThreads threads;

	private final StopPoints stopPoints;

	private final PendingCommits pending;

	private final UnsharedTokens unshared;

	private final RecentWrites recent;

	private final DiscardedTokens discarded;

	private final RecordReader records;

	private final ProviderGate gate;

	// The second in which each denial was told last, by record and principal.
	private final BoundedMap<String, Long> denied = new BoundedMap<>(1000);

	private volatile boolean listenerFails;

	private final long instance = ThreadLocalRandom.current().nextLong();

	EngineContext(TokenStore store, @Nullable RevocationOutbox outbox, @Nullable NearCache near, TokenEvents events,
			Clock clock, EngineThreads threads, StopPoints stopPoints, RequestLimits limits, CallGuard guard) {
		this.store = store;
		this.events = events;
		this.clock = clock;
		this.threads = threads;
		this.stopPoints = stopPoints;
		this.pending = new PendingCommits(threads, clock);
		this.unshared = new UnsharedTokens(this);
		this.recent = new RecentWrites(this);
		this.discarded = new DiscardedTokens(this, outbox);
		this.records = new RecordReader(this, near);
		this.gate = new ProviderGate(this, limits, guard);
	}

	TokenStore store() {
		return this.store;
	}

	Clock clock() {
		return this.clock;
	}

	EngineThreads threads() {
		return this.threads;
	}

	StopPoints stopPoints() {
		return this.stopPoints;
	}

	PendingCommits pending() {
		return this.pending;
	}

	RecentWrites recent() {
		return this.recent;
	}

	DiscardedTokens discarded() {
		return this.discarded;
	}

	RecordReader records() {
		return this.records;
	}

	UnsharedTokens unshared() {
		return this.unshared;
	}

	ProviderGate gate() {
		return this.gate;
	}

	Instant now() {
		return this.clock.instant();
	}

	double random() {
		return ThreadLocalRandom.current().nextDouble();
	}

	RefreshDecision decide(TokenDemand demand, TokenRecord record) {
		return demand.policy().decide(demand.key(), record, now(), jitter(record.generation()));
	}

	/**
	 * Whether there is no token and nobody fetches one.
	 */
	boolean needsRequest(TokenDemand demand, TokenRecord record) {
		RefreshDecision.Action action = decide(demand, record).action();
		return action == RefreshDecision.Action.OBTAIN_UNSHARED
				|| (action == RefreshDecision.Action.REFRESH_FIRST && !isLeased(record));
	}

	boolean isLeased(TokenRecord record) {
		Instant until = record.timing().leasedUntil();
		return until != null && until.isAfter(now());
	}

	Instant freshUntil(TokenDemand demand, TokenRecord record) {
		return demand.policy().freshUntil(record, jitter(record.generation()));
	}

	/**
	 * Drawn once per instance and generation, without being stored.
	 */
	private double jitter(long generation) {
		long mixed = (this.instance ^ generation) * 0x9E3779B97F4A7C15L;
		return (double) (mixed >>> 11) / (double) (1L << 53);
	}

	/**
	 * Tell what happened. Whoever listens is not worth a token: a failure is logged, once
	 * until a listener succeeds again, and goes no further.
	 */
	void publish(TokenEvent.Type type, TokenKey key, long generation, @Nullable String detail) {
		publish(TokenEvent.of(type, key, generation, detail));
	}

	void publish(TokenEvent event) {
		tell(event.registrationId(), event.type().name(), () -> this.events.publish(event));
	}

	/**
	 * Tell that somebody may not have a token; of each once a second, for whoever is
	 * refused may ask as often as wanted.
	 */
	void publishDenied(TokenKey key, String principalName, String rule) {
		String principal = Digests.sha256(principalName);
		long second = now().getEpochSecond();
		Long before = this.denied.update(key.digest() + principal, (any) -> second);
		if (before == null || before != second) {
			publish(new TokenEvent(TokenEvent.Type.DENIED, key.registrationId(), key.digest(), principal, 0, rule));
		}
	}

	/**
	 * Tell the application that it has to ask a user for a new grant.
	 */
	void publishLost(TokenKey key, String cause) {
		String principalName = key.principalName();
		if (key.isGrant() && principalName != null) {
			tell(key.registrationId(), "GrantLostEvent",
					() -> this.events.grantLost(new GrantLostEvent(key.registrationId(), principalName, cause)));
		}
	}

	private void tell(@Nullable String registrationId, String what, Runnable telling) {
		try {
			telling.run();
			this.listenerFails = false;
		}
		catch (RuntimeException ex) {
			if (!this.listenerFails) {
				logger.warn("A listener failed on event %s of registration '%s'; tokens are not affected"
					.formatted(what, registrationId), ex);
			}
			this.listenerFails = true;
		}
	}

	void publishRenewed(TokenKey key, @Nullable Tokens before, TokenRecord record) {
		publish((before != null) ? TokenEvent.Type.REFRESHED : TokenEvent.Type.OBTAINED, key, record.generation(),
				null);
		if (record.tokens() != null) {
			publishNarrowed(key, before, record.tokens(), record.generation());
		}
	}

	void publishNarrowed(TokenKey key, @Nullable Tokens before, Tokens after, long generation) {
		if (Renewal.isNarrowed(before, after)) {
			publish(TokenEvent.Type.NARROWED, key, generation, null);
		}
	}

	RuntimeException failure(TokenDemand demand, RefreshDecision decision, TokenRecord record) {
		if (decision.action() == RefreshDecision.Action.LOST) {
			return lost(demand, decision.reason());
		}
		if (record.state() == TokenRecord.State.LOCKED) {
			return locked(demand.key(), record);
		}
		if (decision.reason().equals(RefreshPolicy.HELD_OFF)) {
			return refused(demand.key(), decision.reason(), decision.retryAt());
		}
		return unavailable(demand.key(), decision.reason(),
				"No token request is sent now, because the last one ended with '%s'; the stored record was kept"
					.formatted(decision.reason()),
				!PERMANENT.contains(decision.reason()), decision.retryAt(), null);
	}

	RuntimeException failure(TokenDemand demand, TokenRequestException failure, Duration delay) {
		boolean permanent = failure.getKind() == Failure.Kind.CLEAR && PERMANENT.contains(failure.getCode());
		return unavailable(demand.key(), failure.getCode(),
				"The token request failed with '%s'; the stored record was kept".formatted(failure.getCode()),
				!permanent, now().plus(delay), failure);
	}

	/**
	 * A stage for callers, who get to see no failure but those that are meant for them.
	 */
	<T extends @Nullable Object> CompletionStage<T> translated(TokenKey key, CompletionStage<T> stage) {
		CompletableFuture<T> translated = new CompletableFuture<>();
		stage.whenComplete((value, ex) -> {
			if (ex == null) {
				translated.complete(value);
			}
			else {
				translated.completeExceptionally(failure(key, ex));
			}
		});
		return translated;
	}

	RuntimeException failure(TokenKey key, Throwable failure) {
		Throwable cause = (failure instanceof CompletionException && failure.getCause() != null) ? failure.getCause()
				: failure;
		if (cause instanceof TokenUnavailableException || cause instanceof GrantLostException) {
			return (RuntimeException) cause;
		}
		if (cause instanceof TokenStoreException) {
			return unavailable(key, "redis_unavailable", "Redis did not answer; nothing was changed", true, null,
					cause);
		}
		if (cause instanceof SealingKeyException) {
			return unavailable(key, "no_key", cause.getMessage(), false, null, cause);
		}
		if (cause instanceof RejectedExecutionException) {
			return unavailable(key, "busy", "Too many token requests wait already, or the application stops", true,
					null, cause);
		}
		return unavailable(key, "token_unavailable", "Unexpected " + cause.getClass().getName(), false, null, cause);
	}

	RuntimeException locked(TokenKey key, TokenRecord record) {
		return unavailable(key, "unknown_key",
				"The record is sealed with key '%s', which this instance does not know; nothing was changed"
					.formatted(record.detail()),
				true, null, null);
	}

	/**
	 * The provider gets no token request now, whatever record it would be for.
	 */
	RuntimeException refused(TokenKey key, String code, @Nullable Instant retryAt) {
		String why = switch (code) {
			case "circuit_open" -> "the provider failed repeatedly";
			case RefreshPolicy.HELD_OFF -> "the provider asked to wait";
			default -> "the provider's budget of token requests is used up";
		};
		return unavailable(key, code,
				"No token request is sent now, because %s; the stored record was kept".formatted(why), true, retryAt,
				null);
	}

	RuntimeException timedOut(TokenDemand demand) {
		return unavailable(demand.key(), "timeout", "No token arrived within %s; the refresh goes on without this call"
			.formatted(demand.policy().callerWait()), true, null, null);
	}

	RuntimeException revoked(TokenDemand demand) {
		return unavailable(demand.key(), TokenRecord.REVOKED,
				"It was revoked while it was requested, and so was the last", true, null, null);
	}

	RuntimeException contended(TokenKey key) {
		return unavailable(key, "contended", "Others kept changing the record; nothing was changed", true, null, null);
	}

	RuntimeException lost(TokenDemand demand, String reason) {
		return new GrantLostException(demand.key().registrationId(), reason);
	}

	private static TokenUnavailableException unavailable(TokenKey key, String code, @Nullable String what,
			boolean retryable, @Nullable Instant retryAt, @Nullable Throwable cause) {
		String hint = (retryAt != null) ? "; next attempt at " + retryAt : "";
		return new TokenUnavailableException(code,
				"No token for registration '%s': %s%s".formatted(key.registrationId(), what, hint),
				key.registrationId(), retryable, retryAt, cause);
	}

}
