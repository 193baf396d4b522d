package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.nearcache.NearRecord;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;
import io.github.oauthredis.token.Tokens;

/**
 * Hands out tokens and renews each once for the whole fleet. Thread-safe; never blocks a
 * caller. Cancelling a returned stage stops nothing but the wait of its owner.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenRefresher implements AutoCloseable {

	private static final Duration DRAIN = Duration.ofSeconds(10);

	private static final Log logger = LogFactory.getLog(TokenRefresher.class);

	private final SingleFlight flights = new SingleFlight();

	private final EngineThreads threads;

	private final EngineContext context;

	private final SharedTokens shared;

	private final StoredTokens stored;

	/**
	 * Create an engine.
	 * @param store the shared records
	 * @param near records in memory; null to ask Redis each time
	 * @param events hears what happened
	 * @param clock local clock
	 * @param limits how many token requests may be sent
	 * @param guard says whether a provider works
	 * @param virtualThreads whether token requests are sent on virtual threads
	 */
	public TokenRefresher(TokenStore store, @Nullable NearCache near, TokenEvents events, Clock clock,
			RequestLimits limits, CallGuard guard, boolean virtualThreads) {
		this(store, null, near, events, clock, limits, guard, virtualThreads, StopPoints.NONE);
	}

	/**
	 * Create an engine that has tokens revoked at their provider, too.
	 * @param store the shared records
	 * @param outbox takes tokens that were removed or revoked; null if providers are not
	 * told
	 * @param near records in memory; null to ask Redis each time
	 * @param events hears what happened
	 * @param clock local clock
	 * @param limits how many token requests may be sent
	 * @param guard says whether a provider works
	 * @param virtualThreads whether token requests are sent on virtual threads
	 */
	public TokenRefresher(TokenStore store, @Nullable RevocationOutbox outbox, @Nullable NearCache near,
			TokenEvents events, Clock clock, RequestLimits limits, CallGuard guard, boolean virtualThreads) {
		this(store, outbox, near, events, clock, limits, guard, virtualThreads, StopPoints.NONE);
	}

	TokenRefresher(TokenStore store, @Nullable RevocationOutbox outbox, @Nullable NearCache near, TokenEvents events,
			Clock clock, RequestLimits limits, CallGuard guard, boolean virtualThreads, StopPoints stopPoints) {
		this.threads = new EngineThreads(limits.concurrency(), virtualThreads);
		this.context = new EngineContext(store, outbox, near, events, clock, this.threads, stopPoints, limits, guard);
		this.shared = new SharedTokens(this.context, this.flights);
		this.stored = new StoredTokens(this.context);
	}

	/**
	 * Get a token that may be sent now, renewing it if need be.
	 * @param demand what is wanted
	 * @return a record with tokens; fails with
	 * {@link io.github.oauthredis.token.GrantLostException} or
	 * {@link TokenUnavailableException}, at the latest after
	 * {@link RefreshPolicy#callerWait()} and the time of a few calls to Redis
	 */
	public CompletionStage<TokenRecord> obtain(TokenDemand demand) {
		return this.shared.obtain(demand);
	}

	/**
	 * What is in memory of a record and is as good as asking Redis.
	 * @param key the record
	 * @return the record, or null if Redis has to be asked
	 */
	public @Nullable NearRecord near(TokenKey key) {
		return this.context.records().confirmedNear(key);
	}

	/**
	 * Until when a record may be handed out without a decision.
	 * @param demand what is wanted
	 * @param record the record
	 * @return the time by the clock of this instance
	 */
	public Instant freshUntil(TokenDemand demand, TokenRecord record) {
		return this.context.freshUntil(demand, record);
	}

	/**
	 * Get another token after an API refused one: the stored one if it is another,
	 * otherwise a renewed one; the refused one again if it is too young to be renewed.
	 * @param demand what is wanted
	 * @param refused value of the refused access token
	 * @return as {@link #obtain}
	 */
	public CompletionStage<TokenRecord> replace(TokenDemand demand, String refused) {
		return this.shared.replace(demand, refused);
	}

	/**
	 * Tell that somebody may not have a token.
	 * @param key the record that was asked for
	 * @param principalName name of the caller, of which a digest is told
	 * @param rule which rule says so
	 */
	public void denied(TokenKey key, String principalName, String rule) {
		this.context.publishDenied(key, principalName, rule);
	}

	/**
	 * Read what is stored, without any call to the server. Serves received tokens that
	 * could not be stored yet.
	 * @param key the record
	 * @param policy settings of the registration
	 * @return the tokens, or null if there are none that are usable or renewable without
	 * the user; fails with {@link TokenUnavailableException} if Redis does not answer or
	 * the record is sealed with an unknown key
	 */
	public CompletionStage<@Nullable Tokens> load(TokenKey key, RefreshPolicy policy) {
		return CallerFailures.translated(key, this.stored.load(key, policy));
	}

	/**
	 * Store tokens that came from a login. A copy of the stored or of the previous access
	 * token is stale and ignored, unless it was issued later.
	 * @param key the record
	 * @param policy settings of the registration
	 * @param tokens the tokens
	 * @return completes when stored, or, if Redis does not answer, when a grant is kept
	 * in memory until it can be
	 */
	public CompletionStage<@Nullable Void> save(TokenKey key, RefreshPolicy policy, Tokens tokens) {
		return CallerFailures.translated(key, this.stored.save(key, policy, tokens));
	}

	/**
	 * Remove a record and have what it held revoked at the provider. What a refresh in
	 * flight brings is refused and revoked, too.
	 * @param key the record
	 * @return completes when a tombstone stands in its place; fails, and removes nothing,
	 * if Redis does not answer
	 */
	public CompletionStage<@Nullable Void> remove(TokenKey key) {
		return CallerFailures.translated(key, this.stored.remove(key, TokenEvent.Type.REMOVED, null));
	}

	/**
	 * The same, because somebody revoked it.
	 * @param key the record
	 * @param cause who or why, for listeners
	 * @return as {@link #remove}
	 */
	public CompletionStage<@Nullable Void> revoke(TokenKey key, String cause) {
		return CallerFailures.translated(key, this.stored.remove(key, TokenEvent.Type.REVOKED, cause));
	}

	/**
	 * Revoke everything in a scope that is stored or being requested now, however much it
	 * is: no instance that hears of changes uses it any more.
	 * @param scope what to revoke
	 * @param cause who or why, for listeners
	 * @return completes when Redis has noted it; fails with
	 * {@link TokenUnavailableException} if it does not answer
	 */
	public CompletionStage<@Nullable Void> revoke(MarkScope scope, String cause) {
		return this.stored.revoke(scope, cause);
	}

	/**
	 * Wait, at most 10 seconds, for refreshes under way and for tokens that are not
	 * stored, or not in the outbox, yet; then stop the threads and fail callers who still
	 * wait.
	 */
	@Override
	public void close() {
		try {
			CompletableFuture.allOf(this.flights.drained(), this.context.unshared().drained())
				.thenCompose((ended) -> this.context.pending().drained())
				.thenCompose((stored) -> this.context.discarded().drained())
				.get(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (TimeoutException | ExecutionException ex) {
			logger.warn("Stopped while a refresh was under way or a received token was not stored yet");
		}
		this.threads.close();
		// The timer that bounds their wait is gone.
		RejectedExecutionException stopped = new RejectedExecutionException("The application stops");
		this.flights.abandon(stopped);
		this.context.unshared().abandon(stopped);
	}

}
