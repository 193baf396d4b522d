package io.github.oauthredis.token;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * What Redis held under one {@link TokenKey} at one moment; also says so when it held
 * nothing. Times are by the clock of this instance. Immutable; its string form shows no
 * secret.
 *
 * @param state what was found
 * @param generation generation of the stored record, or of its tombstone; 0 without
 * either
 * @param nextGeneration generation that a write based on this reading may use
 * @param tokens opened content; non-null exactly if the state is {@link State#LIVE} or
 * {@link State#DEAD}
 * @param detail cause of death if dead, key id if locked, cause of the last failure or
 * null otherwise
 * @param timing when things happened and may happen again
 * @param marks marks that were current at the time of the reading; {@link Marks#NONE}
 * where they were not read
 * @author OAuth Redis
 * @since 0.1.0
 */
public record TokenRecord(State state, long generation, long nextGeneration, @Nullable Tokens tokens,
		@Nullable String detail, Timing timing, Marks marks) {

	/**
	 * Cause of death of a record that was revoked by a mark.
	 */
	public static final String REVOKED = "revoked";

	/**
	 * Detail of a record that is older than what this instance has seen.
	 */
	public static final String STALE = "stale";

	/**
	 * Tokens of a record whose state promises them.
	 * @return the tokens
	 * @throws IllegalStateException if the record is absent or locked
	 */
	public Tokens requireTokens() {
		if (this.tokens == null) {
			throw new IllegalStateException("A record in state " + this.state + " has no tokens");
		}
		return this.tokens;
	}

	/**
	 * Tokens that may be renewed.
	 * @return the tokens of a live record; null of any other, whose tokens are only kept
	 * to be recognised
	 */
	public @Nullable Tokens liveTokens() {
		return (this.state == State.LIVE) ? this.tokens : null;
	}

	/**
	 * The same reading together with what was read beside it. A live record that the
	 * marks revoke is dead.
	 * @param marks current marks
	 * @param heldUntil before when nobody sends token requests to this provider; null if
	 * any time
	 * @return the whole reading
	 */
	public TokenRecord checked(Marks marks, @Nullable Instant heldUntil) {
		boolean revoked = this.state == State.LIVE && marks.revoke(requireTokens().marks());
		return new TokenRecord(revoked ? State.DEAD : this.state, this.generation, this.nextGeneration, this.tokens,
				revoked ? REVOKED : this.detail, this.timing.heldUntil(heldUntil), marks);
	}

	/**
	 * What can be found under a key.
	 */
	public enum State {

		/**
		 * No record, or the tombstone of one.
		 */
		ABSENT,

		/**
		 * A record that opened.
		 */
		LIVE,

		/**
		 * A record whose grant the server refused for good, one that was revoked by a
		 * mark, or one that is older than what this instance has seen.
		 */
		DEAD,

		/**
		 * A record that is sealed with a key this instance does not know.
		 */
		LOCKED

	}

	/**
	 * Times of a record.
	 *
	 * @param expiresAt when the access token ends; null if nobody knows or there is no
	 * record
	 * @param writtenAt when the record was written; null if there is none
	 * @param refused whether an API refused the access token
	 * @param attempts token requests for this generation whose outcome is unknown
	 * @param attemptedAt when the first of these was about to be sent; null if there is
	 * none
	 * @param failures failures in a row since the last success
	 * @param nextAttemptAt before when no token request may be sent; null if any time
	 * @param leasedUntil when the lease of the current holder ends; null if there is none
	 * @param heldUntil before when nobody sends token requests to this provider; null if
	 * any time
	 */
	public record Timing(@Nullable Instant expiresAt, @Nullable Instant writtenAt, boolean refused, int attempts,
			@Nullable Instant attemptedAt, int failures, @Nullable Instant nextAttemptAt, @Nullable Instant leasedUntil,
			@Nullable Instant heldUntil) {

		/**
		 * Nothing is known and nothing is in the way.
		 */
		public static final Timing NONE = new Timing(null, null, false, 0, null, 0, null, null, null);

		private Timing heldUntil(@Nullable Instant heldUntil) {
			return new Timing(this.expiresAt, this.writtenAt, this.refused, this.attempts, this.attemptedAt,
					this.failures, this.nextAttemptAt, this.leasedUntil, heldUntil);
		}

	}

}
