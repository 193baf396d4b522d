package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

/**
 * A record for tests of decisions, described by how it differs from a fresh one with a
 * lifetime of an hour. All times are relative to {@link #NOW}.
 */
final class Given {

	static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

	private State state = State.LIVE;

	private @Nullable String detail;

	private @Nullable Duration lifetime = Duration.ofHours(1);

	private @Nullable Duration remaining = Duration.ofHours(1);

	private @Nullable String refreshToken = "refresh-1";

	private @Nullable Duration hint;

	private boolean rotates;

	private List<Rotation> lineage = List.of();

	// Before the access token was issued; null if nobody said when.
	private @Nullable Duration refreshTokenAge = Duration.ZERO;

	private boolean refused;

	private int attempts;

	private @Nullable Instant attemptedAt;

	private int failures;

	private @Nullable Instant nextAttemptAt;

	private @Nullable Instant leasedUntil;

	private Set<String> scopes = Set.of("read");

	private Set<String> requestedScopes = Set.of("read");

	static final TokenKey GRANT = EngineInstance.grantKey("alice");

	static final TokenKey ISSUED = EngineInstance.issuedKey("read");

	static Given tokens() {
		return new Given();
	}

	static TokenRecord absent() {
		return new TokenRecord(State.ABSENT, 0, 1, null, null, Timing.NONE, Marks.NONE);
	}

	Given state(State state, @Nullable String detail) {
		this.state = state;
		this.detail = detail;
		return this;
	}

	Given lifetime(@Nullable Duration lifetime) {
		this.lifetime = lifetime;
		this.remaining = lifetime;
		return this;
	}

	Given remaining(@Nullable Duration remaining) {
		this.remaining = remaining;
		return this;
	}

	Given nearEnd() {
		return remaining(Duration.ofMinutes(1));
	}

	Given ended() {
		return remaining(Duration.ofMinutes(-1));
	}

	Given withoutRefreshToken() {
		this.refreshToken = null;
		return this;
	}

	Given hint(Duration hint) {
		this.hint = hint;
		return this;
	}

	Given rotates() {
		this.rotates = true;
		return this;
	}

	/**
	 * The refresh token is that of a rotation, not that of the login.
	 */
	Given rotated() {
		this.lineage = List.of(Rotation.of("refresh-0", NOW.minus(Duration.ofHours(1))));
		return rotates();
	}

	Given refreshTokenReceived(@Nullable Duration before) {
		this.refreshTokenAge = before;
		return this;
	}

	Given refused() {
		this.refused = true;
		return this;
	}

	Given attempts(int attempts, Duration ago) {
		this.attempts = attempts;
		this.attemptedAt = NOW.minus(ago);
		return this;
	}

	Given failures(int failures) {
		this.failures = failures;
		return this;
	}

	Given nextAttemptIn(Duration delay) {
		this.nextAttemptAt = NOW.plus(delay);
		return this;
	}

	Given leasedFor(Duration left) {
		this.leasedUntil = NOW.plus(left);
		return this;
	}

	Given scopes(Set<String> requested, Set<String> granted) {
		this.requestedScopes = requested;
		this.scopes = granted;
		return this;
	}

	Tokens content() {
		Instant end = (this.remaining != null) ? NOW.plus(this.remaining) : null;
		Instant issuedAt = (end != null && this.lifetime != null) ? end.minus(this.lifetime) : NOW;
		return new Tokens("access-1", "Bearer", this.refreshToken, this.scopes, this.requestedScopes, "alice", issuedAt,
				end, (this.refreshTokenAge != null) ? issuedAt.minus(this.refreshTokenAge) : null, this.lifetime,
				this.hint, null, this.rotates, Marks.NONE, this.lineage);
	}

	TokenRecord record() {
		boolean opened = this.state == State.LIVE || this.state == State.DEAD;
		Instant end = (this.remaining != null) ? NOW.plus(this.remaining) : null;
		return new TokenRecord(
				this.state, 7, 8, opened ? content() : null, this.detail, new Timing(end, NOW, this.refused,
						this.attempts, this.attemptedAt, this.failures, this.nextAttemptAt, this.leasedUntil, null),
				Marks.NONE);
	}

	RefreshDecision decision(TokenKey key) {
		return EngineInstance.POLICY.decide(key, record(), NOW, 0);
	}

	RefreshDecision.Action action(TokenKey key) {
		return decision(key).action();
	}

}
