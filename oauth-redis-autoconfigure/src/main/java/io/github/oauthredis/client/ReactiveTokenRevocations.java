package io.github.oauthredis.client;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.util.Assert;
import reactor.core.publisher.Mono;

/**
 * Takes tokens out of use, as {@link TokenRevocations} does. Thread-safe; never blocks.
 * Nothing happens before subscription; cancelling does not undo what was begun.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ReactiveTokenRevocations {

	private final GrantRevocations revocations;

	/**
	 * Create revocations.
	 * @param revocations what all faces have in common
	 */
	public ReactiveTokenRevocations(GrantRevocations revocations) {
		this.revocations = revocations;
	}

	/**
	 * Revoke what a principal granted to one registration; of a registration for client
	 * credentials, its token, whoever the principal is.
	 * @param clientRegistrationId id of the client registration; not one for tokens on
	 * behalf of others, which are more than one
	 * @param principalName name of the principal
	 * @return completes when no instance uses it any more
	 */
	public Mono<Void> revokeToken(String clientRegistrationId, String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		return StageMono
			.of(() -> this.revocations.revokeGrant(clientRegistrationId, principalName, TokenRevocations.CAUSE));
	}

	/**
	 * Revoke the token that a request would get, such as one with parameters of its own.
	 * Where a registration says who acts for the subject, a token of the actor may be
	 * obtained meanwhile, for the record is named by it.
	 * @param request the request
	 * @return completes when no instance uses it any more
	 */
	public Mono<Void> revokeToken(OAuth2AuthorizeRequest request) {
		Assert.notNull(request, "'request' must not be null");
		return StageMono.of(() -> this.revocations.revokeGrant(request, TokenRevocations.CAUSE));
	}

	/**
	 * Revoke all grants of a principal and all tokens on the principal's behalf, whatever
	 * the registration.
	 * @param principalName name of the principal
	 * @return completes when Redis has noted it
	 */
	public Mono<Void> revokePrincipal(String principalName) {
		Assert.hasText(principalName, "'principalName' must not be empty");
		return StageMono.of(() -> this.revocations.revokePrincipal(principalName, TokenRevocations.CAUSE));
	}

	/**
	 * Revoke all tokens of a registration.
	 * @param clientRegistrationId id of the client registration
	 * @return completes when Redis has noted it
	 */
	public Mono<Void> revokeRegistration(String clientRegistrationId) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		return StageMono.of(() -> this.revocations.revokeRegistration(clientRegistrationId, TokenRevocations.CAUSE));
	}

	/**
	 * Revoke all tokens of all registrations.
	 * @return completes when Redis has noted it
	 */
	public Mono<Void> revokeAll() {
		return StageMono.of(() -> this.revocations.revokeAll(TokenRevocations.CAUSE));
	}

}
