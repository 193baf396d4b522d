package io.github.oauthredis.token;

/**
 * Marks by which many records are revoked at once: numbers in Redis that only grow. A
 * record keeps the marks that were current before its grant was requested, and a refresh
 * copies them unchanged; a record is dead if a current mark is greater than its own. So
 * no clocks are compared, and a refresh in flight cannot bring back what was revoked.
 * Immutable.
 *
 * @param all mark of all records; 0 if there is none
 * @param registration mark of all records of one registration; 0 if there is none
 * @param principal mark of all grants of one principal and tokens on the principal's
 * behalf; 0 if there is none, and for tokens that are issued to the client itself
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Marks(long all, long registration, long principal) {

	/**
	 * Nothing was ever revoked.
	 */
	public static final Marks NONE = new Marks(0, 0, 0);

	/**
	 * Whether these, as the current marks, revoke a record.
	 * @param own marks that the record keeps
	 * @return {@code true} if one of these is greater than the record's own
	 */
	public boolean revoke(Marks own) {
		return this.all > own.all || this.registration > own.registration || this.principal > own.principal;
	}

}
