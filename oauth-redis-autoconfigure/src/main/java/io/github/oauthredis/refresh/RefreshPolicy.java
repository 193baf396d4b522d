package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.refresh.RefreshDecision.Action;
import io.github.oauthredis.resilience.Backoff;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * Settings by which tokens of one registration are renewed, and the decisions that follow
 * from them. Pure; immutable.
 *
 * @param window longest time before the end at which background renewal starts
 * @param windowFraction the same as a fraction of the lifetime; the later start counts
 * @param margin counted as ended this early, at most a tenth of the lifetime
 * @param callTimeout deadline of one token request
 * @param callerWait longest wait of a caller
 * @param minInterval time between token requests after a failure, at most half the
 * lifetime
 * @param maxBackoff longest time between token requests after failures
 * @param rotationGrace how long the server accepts a rotated refresh token
 * @param defaultTokenLifetime for renewable tokens of unknown lifetime
 * @param grantLifetime life of a record after its last write where the server states none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RefreshPolicy(Duration window, double windowFraction, Duration margin, Duration callTimeout,
		Duration callerWait, Duration minInterval, Duration maxBackoff, Duration rotationGrace,
		Duration defaultTokenLifetime, Duration grantLifetime) {

	/**
	 * Reason why nothing is sent while the provider asked to wait.
	 */
	static final String HELD_OFF = "held_off";

	// Time for acquiring, sending and committing around the request itself.
	private static final Duration LEASE_SLACK = Duration.ofSeconds(2);

	// However many attempts a record counts: anybody who can write to Redis may have.
	private static final Duration LONGEST_REST = Duration.ofDays(1);

	Duration lease() {
		return this.callTimeout.plus(LEASE_SLACK);
	}

	/**
	 * Decide what to do with a record.
	 * @param key its key
	 * @param record what was read
	 * @param now local time
	 * @param jitter a number in [0, 1), the same for one generation on one instance
	 * @return the decision
	 */
	RefreshDecision decide(TokenKey key, TokenRecord record, Instant now, double jitter) {
		if (record.state() == State.LOCKED) {
			return key.isGrant() ? new RefreshDecision(Action.DECLINE, "unknown_key", null)
					: RefreshDecision.of(Action.OBTAIN_UNSHARED);
		}
		if (key.isGrant() && record.state() != State.LIVE) {
			String reason = (record.state() == State.DEAD && record.detail() != null) ? record.detail() : "no_grant";
			return new RefreshDecision(Action.LOST, reason, null);
		}
		Freshness freshness = (record.state() == State.LIVE) ? freshness(record, now, jitter) : Freshness.ENDED;
		if (freshness == Freshness.FRESH) {
			return RefreshDecision.of(Action.USE);
		}
		boolean renewable = !key.isGrant() || record.requireTokens().refreshToken() != null;
		boolean leased = isAfter(record.timing().leasedUntil(), now);
		Instant recordAllows = leased ? now : allowedAt(key, record, freshness, now);
		Instant allowedAt = (leased || record.timing().heldUntil() == null) ? recordAllows
				: max(recordAllows, record.timing().heldUntil());
		boolean allowed = !allowedAt.isAfter(now);
		if (freshness == Freshness.NEAR_END) {
			return RefreshDecision.of((renewable && allowed && !leased) ? Action.USE_AND_REFRESH : Action.USE);
		}
		if (!renewable) {
			return new RefreshDecision(Action.LOST, record.timing().refused() ? "token_refused" : "token_ended", null);
		}
		if (allowed) {
			return RefreshDecision.of(Action.REFRESH_FIRST);
		}
		String reason = recordAllows.isAfter(now) ? Objects.requireNonNullElse(record.detail(), "uncertain") : HELD_OFF;
		return new RefreshDecision(Action.DECLINE, reason, allowedAt);
	}

	private Freshness freshness(TokenRecord record, Instant now, double jitter) {
		Timing timing = record.timing();
		if (timing.refused()) {
			return Freshness.ENDED;
		}
		Instant end = timing.expiresAt();
		if (end == null) {
			return Freshness.FRESH;
		}
		Duration lifetime = lifetime(record.requireTokens());
		if (!now.isBefore(end.minus(min(this.margin, lifetime.dividedBy(10))))) {
			return Freshness.ENDED;
		}
		return now.isBefore(freshUntil(record, jitter)) ? Freshness.FRESH : Freshness.NEAR_END;
	}

	/**
	 * Until when a live record needs no decision.
	 * @param record the record
	 * @param jitter a number in [0, 1), the same for one generation on one instance
	 * @return the time; long ago if the token was refused
	 */
	Instant freshUntil(TokenRecord record, double jitter) {
		Instant end = record.timing().expiresAt();
		if (record.timing().refused()) {
			return Instant.EPOCH;
		}
		if (end == null) {
			return Instant.ofEpochMilli(Long.MAX_VALUE);
		}
		Tokens tokens = record.requireTokens();
		return end.minus(scale(windowOf(tokens, lifetime(tokens)), 1 - jitter / 10));
	}

	/**
	 * Time before the end at which background renewal starts. Neither a hint nor a wide
	 * window starts it sooner after the issue than the minimum interval; otherwise each
	 * call would renew what the last one brought.
	 */
	private Duration windowOf(Tokens tokens, Duration lifetime) {
		Duration before = min(this.window, scale(lifetime, this.windowFraction));
		Duration hint = tokens.refreshIn();
		if (hint != null && hint.compareTo(lifetime) < 0) {
			before = lifetime.minus(hint);
		}
		return min(before, lifetime.minus(interval(tokens)));
	}

	/**
	 * Earliest time at which a token request may be sent. The refresh token of a record
	 * with an unresolved attempt may have been used up: if the server rotates, it is
	 * presented again only within the grace, or when there is nothing left to lose. What
	 * can be lost by that is lost with the first repetition; more of them only follow
	 * slowly.
	 */
	private Instant allowedAt(TokenKey key, TokenRecord record, Freshness freshness, Instant now) {
		Timing timing = record.timing();
		Instant allowed = (timing.nextAttemptAt() != null) ? timing.nextAttemptAt() : now;
		Instant attemptedAt = timing.attemptedAt();
		if (!key.isGrant() || timing.attempts() == 0 || attemptedAt == null || !record.requireTokens().rotates()
				|| now.isBefore(attemptedAt.plus(this.rotationGrace))) {
			return allowed;
		}
		if (freshness != Freshness.ENDED) {
			return Instant.MAX;
		}
		return max(allowed, attemptedAt.plus(min(this.maxBackoff.multipliedBy(timing.attempts() - 1L), LONGEST_REST)));
	}

	/**
	 * How long content is good for.
	 * @param key its key
	 * @param tokens the content
	 * @param refreshTokenLifetime what the server stated; null if it stated none
	 * @param since from when lifetimes count
	 * @return its life
	 */
	Life life(TokenKey key, Tokens tokens, @Nullable Duration refreshTokenLifetime, Instant since) {
		boolean renewable = !key.isGrant() || tokens.refreshToken() != null;
		Duration lifetime = (tokens.lifetime() != null) ? tokens.lifetime()
				: renewable ? this.defaultTokenLifetime : null;
		Instant end = (lifetime != null) ? since.plus(lifetime) : null;
		if (end != null && (!key.isGrant() || tokens.refreshToken() == null)) {
			return new Life(end, end);
		}
		Instant keepUntil = since.plus((refreshTokenLifetime != null) ? refreshTokenLifetime : this.grantLifetime);
		return new Life(end, (end != null) ? max(end, keepUntil) : keepUntil);
	}

	/**
	 * Time before the next token request after a failure.
	 * @param record what the request was based on
	 * @param failure how it failed
	 * @param random a number in [0, 1)
	 * @return the time
	 */
	Duration delay(TokenRecord record, TokenRequestException failure, double random) {
		Duration least = (record.tokens() != null) ? interval(record.tokens()) : this.minInterval;
		Duration asked = failure.getRetryAfter();
		if (asked != null && failure.getKind() != Failure.Kind.FATAL) {
			return min(max(asked, least), max(this.maxBackoff, least));
		}
		return new Backoff(least, max(this.maxBackoff, least)).delay(record.timing().failures(), random);
	}

	/**
	 * Least time between two token requests for the same content.
	 * @param tokens the content
	 * @return the minimum interval, but at most half the lifetime
	 */
	Duration interval(Tokens tokens) {
		return min(this.minInterval, lifetime(tokens).dividedBy(2));
	}

	private Duration lifetime(Tokens tokens) {
		return (tokens.lifetime() != null) ? tokens.lifetime() : this.defaultTokenLifetime;
	}

	private static boolean isAfter(@Nullable Instant time, Instant now) {
		return time != null && time.isAfter(now);
	}

	private static Duration scale(Duration duration, double factor) {
		return Duration.ofMillis((long) ((double) duration.toMillis() * factor));
	}

	private static <T extends Comparable<? super T>> T min(T a, T b) {
		return (a.compareTo(b) <= 0) ? a : b;
	}

	private static <T extends Comparable<? super T>> T max(T a, T b) {
		return (a.compareTo(b) >= 0) ? a : b;
	}

	private enum Freshness {

		FRESH, NEAR_END, ENDED

	}

}
