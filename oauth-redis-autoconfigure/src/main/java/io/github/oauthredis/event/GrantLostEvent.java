package io.github.oauthredis.event;

/**
 * A user's grant ended for good, and not by what the user did here: ask the user to
 * connect again. Published as an application event by the one instance that found out;
 * never logged or audited, because it names the principal. Its string form does not. A
 * later login revives the grant, and so does another instance that had renewed it and
 * stores that late.
 *
 * @param registrationId id of the client registration
 * @param principalName name of the principal whose grant it was
 * @param cause why it ended, such as {@code invalid_grant}
 * @author OAuth Redis
 * @since 0.1.0
 */
public record GrantLostEvent(String registrationId, String principalName, String cause) {

	/**
	 * Cause of a revocation that the user asked for here, which is never told.
	 */
	public static final String LOGOUT = "logout";

	@Override
	public String toString() {
		return "GrantLostEvent[registrationId=" + this.registrationId + ", cause=" + this.cause + "]";
	}

}
