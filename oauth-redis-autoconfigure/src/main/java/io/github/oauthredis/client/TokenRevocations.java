package io.github.oauthredis.client;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.util.Assert;

/**
 * Takes tokens out of use on every instance, and has them revoked at their provider where
 * that has a revocation endpoint. What a refresh in flight brings back is revoked, too; a
 * login afterwards is a new grant. Revoking one token removes it. Revoking many takes one
 * write to Redis, however many they are.
 * <p>
 * Fails with {@link io.github.oauthredis.token.TokenUnavailableException} if Redis does
 * not answer. Thread-safe; blocks, never longer than a bound.
 *
 * @author OAuth Redis
 * @since 0.1.0
 * @see ReactiveTokenRevocations
 */
public final class TokenRevocations {

	static final String CAUSE = "application";

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final GrantRevocations revocations;

	/**
	 * Create revocations.
	 * @param revocations what all faces have in common
	 */
	public TokenRevocations(GrantRevocations revocations) {
		this.revocations = revocations;
	}

	/**
	 * Revoke what a principal granted to one registration; of a registration for client
	 * credentials, its token, whoever the principal is. Where requests ask for tokens of
	 * their own, by parameters or by authority, these stay.
	 * @param clientRegistrationId id of the client registration; not one for tokens on
	 * behalf of others, which are more than one
	 * @param principalName name of the principal
	 */
	public void revokeToken(String clientRegistrationId, String principalName) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		Assert.hasText(principalName, "'principalName' must not be empty");
		await(clientRegistrationId, this.revocations.revokeGrant(clientRegistrationId, principalName, CAUSE));
	}

	/**
	 * Revoke the token that a request would get, such as one with parameters of its own.
	 * Where a registration says who acts for the subject, a token of the actor may be
	 * obtained meanwhile, for the record is named by it.
	 * @param request the request
	 */
	public void revokeToken(OAuth2AuthorizeRequest request) {
		Assert.notNull(request, "'request' must not be null");
		await(request.getClientRegistrationId(), this.revocations.revokeGrant(request, CAUSE));
	}

	/**
	 * Revoke all grants of a principal and all tokens on the principal's behalf, whatever
	 * the registration.
	 * @param principalName name of the principal
	 */
	public void revokePrincipal(String principalName) {
		Assert.hasText(principalName, "'principalName' must not be empty");
		await("*", this.revocations.revokePrincipal(principalName, CAUSE));
	}

	/**
	 * Revoke all tokens of a registration.
	 * @param clientRegistrationId id of the client registration
	 */
	public void revokeRegistration(String clientRegistrationId) {
		Assert.hasText(clientRegistrationId, "'clientRegistrationId' must not be empty");
		await(clientRegistrationId, this.revocations.revokeRegistration(clientRegistrationId, CAUSE));
	}

	/**
	 * Revoke all tokens of all registrations.
	 */
	public void revokeAll() {
		await("*", this.revocations.revokeAll(CAUSE));
	}

	private static void await(String registrationId, CompletionStage<@Nullable Void> stage) {
		CallerWait.await(registrationId, stage, BOUND);
	}

}
