package io.github.oauthredis.client;

import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;

import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.store.MarkScope;

/**
 * What the blocking and the reactive face of revocation have in common, and what reports
 * of providers are mapped to. A cause is for listeners: it names no person and holds no
 * secret. Stages fail with {@link io.github.oauthredis.token.TokenUnavailableException}
 * if Redis does not answer. Thread-safe; never blocks, unless the repository of client
 * registrations does.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class GrantRevocations {

	private final AuthorizedClients clients;

	private final TokenRefresher refresher;

	/**
	 * Create the common part.
	 * @param clients names the records
	 * @param refresher the engine
	 */
	public GrantRevocations(AuthorizedClients clients, TokenRefresher refresher) {
		this.clients = clients;
		this.refresher = refresher;
	}

	/**
	 * Revoke what a principal granted to one registration; of a registration for client
	 * credentials, its token.
	 * @param registrationId id of the client registration; not one for tokens on behalf
	 * of others, which are more than one
	 * @param principalName name of the principal
	 * @param cause who or why
	 * @return completes when no instance uses it any more; nothing happens where there is
	 * no such registration
	 */
	public CompletionStage<@Nullable Void> revokeGrant(String registrationId, String principalName, String cause) {
		return this.clients.revoke(registrationId, principalName, cause);
	}

	/**
	 * Revoke the token that a request would get.
	 * @param request the request; its authorized client does not count
	 * @param cause who or why
	 * @return as {@link #revokeGrant}
	 */
	public CompletionStage<@Nullable Void> revokeGrant(OAuth2AuthorizeRequest request, String cause) {
		return this.clients.revoke(request, cause);
	}

	/**
	 * Revoke all grants of a principal and all tokens on the principal's behalf, whatever
	 * the registration.
	 * @param principalName name of the principal
	 * @param cause who or why
	 * @return completes when Redis has noted it
	 */
	public CompletionStage<@Nullable Void> revokePrincipal(String principalName, String cause) {
		return this.refresher.revoke(new MarkScope.Principal(principalName), cause);
	}

	/**
	 * Revoke all tokens of a registration.
	 * @param registrationId id of the client registration
	 * @param cause who or why
	 * @return completes when Redis has noted it
	 */
	public CompletionStage<@Nullable Void> revokeRegistration(String registrationId, String cause) {
		return this.refresher.revoke(new MarkScope.Registration(registrationId), cause);
	}

	/**
	 * Revoke all tokens under the key prefix.
	 * @param cause who or why
	 * @return completes when Redis has noted it
	 */
	public CompletionStage<@Nullable Void> revokeAll(String cause) {
		return this.refresher.revoke(new MarkScope.All(), cause);
	}

}
