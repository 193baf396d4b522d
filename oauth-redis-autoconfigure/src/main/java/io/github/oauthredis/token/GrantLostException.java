package io.github.oauthredis.token;

import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;

/**
 * A user's grant is absent, dead, or ended and not renewable: only the user can give a
 * new one. Spring Security sends the browser to the provider when it sees this.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class GrantLostException extends ClientAuthorizationRequiredException {

	private static final long serialVersionUID = 1L;

	private final String reason;

	/**
	 * Create an exception.
	 * @param registrationId id of the client registration
	 * @param reason why the grant cannot be used, such as {@code invalid_grant}
	 */
	public GrantLostException(String registrationId, String reason) {
		super(registrationId);
		this.reason = reason;
	}

	/**
	 * Why the grant cannot be used.
	 * @return a short code, such as {@code invalid_grant} or {@code no_grant}
	 */
	public String getReason() {
		return this.reason;
	}

	@Override
	public String getMessage() {
		return super.getMessage() + " (" + this.reason + ")";
	}

}
