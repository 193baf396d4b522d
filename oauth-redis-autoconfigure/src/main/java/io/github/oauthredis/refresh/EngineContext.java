package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * What the parts of the engine share: its collaborators, and the words in which it tells
 * callers and listeners what happened. Thread-safe.
 */
final class EngineContext {

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

}
