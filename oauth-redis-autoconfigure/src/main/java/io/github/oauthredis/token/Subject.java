package io.github.oauthredis.token;

/**
 * How a provider names a user: the value of a claim, such as {@code sub}, {@code sid} or
 * {@code email}. Immutable; its string form shows the claim only.
 *
 * @param claim name of the claim
 * @param value what it says
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Subject(String claim, String value) {

	/**
	 * Claim that names the user for good; the only one that is a principal's name, too,
	 * unless the application says otherwise.
	 */
	public static final String SUB = "sub";

	/**
	 * Claim that names one session of the user at the provider.
	 */
	public static final String SID = "sid";

	/**
	 * Claim that holds the user's address for electronic mail.
	 */
	public static final String EMAIL = "email";

	@Override
	public String toString() {
		return "Subject[claim=" + this.claim + "]";
	}

}
