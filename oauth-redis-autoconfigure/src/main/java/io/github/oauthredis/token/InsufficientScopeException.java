package io.github.oauthredis.token;

import java.util.Set;

/**
 * A token lacks scopes: those that {@code required-scopes} names, or those that an API
 * asks for. A renewal brings the same scopes, so nothing is sent again. The user of a
 * grant can consent to more, but is not sent to the provider for it: whoever declines
 * would be sent there again and again.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public class InsufficientScopeException extends TokenUnavailableException {

	private static final long serialVersionUID = 1L;

	private final Set<String> scopes;

	/**
	 * Create an exception.
	 * @param message who asks for more; names no scopes that an API sent
	 * @param registrationId id of the client registration
	 * @param scopes scopes that are missing or asked for; empty if nobody said
	 */
	public InsufficientScopeException(String message, String registrationId, Set<String> scopes) {
		super("insufficient_scope", message, registrationId, false, null, null);
		this.scopes = Set.copyOf(scopes);
	}

	/**
	 * Scopes that {@code required-scopes} names and the token lacks, or else those that
	 * the API asks for, in its own words.
	 * @return the scopes; empty if the API does not say
	 */
	public Set<String> getScopes() {
		return this.scopes;
	}

}
