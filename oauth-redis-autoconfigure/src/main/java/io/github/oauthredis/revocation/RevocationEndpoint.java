package io.github.oauthredis.revocation;

import io.github.oauthredis.token.Tokens;

/**
 * Tells a provider that tokens are revoked. Thread-safe; blocks, never longer than a
 * bound.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface RevocationEndpoint {

	/**
	 * Revoke the refresh token, if there is one, and the access token, unless it has
	 * ended. Repeating it does no harm.
	 * @param registrationId registration that got them
	 * @param tokens the tokens
	 * @return what the provider said
	 */
	RevocationAnswer revoke(String registrationId, Tokens tokens);

}
