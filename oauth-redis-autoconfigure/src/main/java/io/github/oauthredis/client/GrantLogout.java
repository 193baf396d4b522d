package io.github.oauthredis.client;

import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.authentication.OAuth2AuthenticationToken;
import org.springframework.util.StringUtils;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Digests;

/**
 * Revokes what a principal granted, to whichever registration, when the principal logs
 * out. A logout neither fails nor waits longer than a bound because of it. Thread-safe;
 * never blocks, unless the repository of client registrations does.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class GrantLogout {

	private static final Log logger = LogFactory.getLog(GrantLogout.class);

	private final GrantRevocations revocations;

	private final Registrations registrations;

	private final Supplier<Collection<String>> registrationIds;

	private final TokenEvents events;

	private final Duration bound;

	/**
	 * Create a logout.
	 * @param revocations revokes one grant
	 * @param registrations where client registrations are found
	 * @param registrationIds ids of the registrations there are, as far as they are
	 * known; that of the login is tried in any case
	 * @param events hears of what could not be revoked
	 * @param bound longest time that a logout waits
	 */
	public GrantLogout(GrantRevocations revocations, Registrations registrations,
			Supplier<Collection<String>> registrationIds, TokenEvents events, Duration bound) {
		this.revocations = revocations;
		this.registrations = registrations;
		this.registrationIds = registrationIds;
		this.events = events;
		this.bound = bound;
	}

	/**
	 * Revoke the grants of a principal.
	 * @param authentication who logs out; null if nobody was logged in
	 * @return completes when they are revoked, at the latest after the bound; never fails
	 */
	public CompletionStage<@Nullable Void> logout(@Nullable Authentication authentication) {
		if (authentication == null || !StringUtils.hasText(authentication.getName())) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		return CompletableFuture
			.allOf(ids(authentication).stream()
				.map((id) -> revoke(id, authentication.getName()).toCompletableFuture())
				.toArray(CompletableFuture<?>[]::new))
			.completeOnTimeout(null, this.bound.toMillis(), TimeUnit.MILLISECONDS)
			.thenApply((done) -> null);
	}

	private Set<String> ids(Authentication authentication) {
		Set<String> ids = new LinkedHashSet<>();
		if (authentication instanceof OAuth2AuthenticationToken login) {
			ids.add(login.getAuthorizedClientRegistrationId());
		}
		try {
			ids.addAll(this.registrationIds.get());
		}
		catch (RuntimeException ex) {
			logger.warn("A logout may have left grants in place: the registrations cannot be listed", ex);
		}
		return ids;
	}

	private CompletionStage<@Nullable Void> revoke(String registrationId, String principalName) {
		return this.registrations.find(registrationId)
			.thenCompose((registration) -> (registration != null && TokenKeys.isGrant(registration))
					? this.revocations.revokeGrant(registrationId, principalName, GrantLostEvent.LOGOUT)
					: CompletableFuture.<@Nullable Void>completedFuture(null))
			.exceptionally((ex) -> {
				logger.debug("A logout left a grant of registration '%s' in place".formatted(registrationId), ex);
				this.events.publish(new TokenEvent(TokenEvent.Type.REVOCATION_FAILED, registrationId, null,
						Digests.sha256(principalName), 0, "given_up:logout"));
				return null;
			});
	}

}
