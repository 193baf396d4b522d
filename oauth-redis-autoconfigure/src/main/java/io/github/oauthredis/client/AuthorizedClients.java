package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.nearcache.NearRecord;
import io.github.oauthredis.refresh.RefreshPolicy;
import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.refresh.TokenDemand;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * What the blocking and the reactive faces have in common: translates between Spring
 * Security's authorized clients and the engine's records. Thread-safe; never blocks,
 * unless the repository of client registrations does.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class AuthorizedClients {

	private final Registrations registrations;

	private final Function<String, ClientSettings> settings;

	private final TokenRefresher refresher;

	private final TokenKeys keys;

	private final TokenDemands demands;

	private final Clock clock;

	private final @Nullable FinishedClients finished;

	private final @Nullable LoginSubjects subjects;

	private final RefreshedResponses refreshed = new RefreshedResponses(1000);

	/**
	 * Create the common part.
	 * @param registrations where client registrations are found
	 * @param settings settings by registration id
	 * @param refresher the engine
	 * @param sources who sends token requests
	 * @param customizer names further attributes of issued tokens; null if nobody does
	 * @param near records in memory; null if there are none
	 * @param subjects remembers who logged in; null if nobody wants to know
	 * @param clock time at which a saved client without issue time counts as issued
	 */
	public AuthorizedClients(Registrations registrations, Function<String, ClientSettings> settings,
			TokenRefresher refresher, TokenSources sources, @Nullable TokenKeyCustomizer customizer,
			@Nullable NearCache near, @Nullable LoginSubjects subjects, Clock clock) {
		this.registrations = registrations;
		this.settings = settings;
		this.refresher = refresher;
		this.keys = new TokenKeys(customizer);
		this.demands = new TokenDemands(sources, this.keys, this.refreshed);
		this.finished = (near != null) ? new FinishedClients(near, registrations, customizer != null, clock) : null;
		this.subjects = subjects;
		this.clock = clock;
	}

	/**
	 * Get a client with a token that may be sent now. What the request says about an
	 * authorized client is ignored; what is stored counts.
	 * @param request what the caller asked for
	 * @return the client; fails with {@link IllegalArgumentException} if the registration
	 * is unknown, else as the engine does
	 */
	CompletionStage<Authorized> authorize(OAuth2AuthorizeRequest request) {
		return this.registrations.find(request.getClientRegistrationId()).thenCompose((registration) -> {
			if (registration == null) {
				throw new IllegalArgumentException(
						"Could not find ClientRegistration with id '%s'".formatted(request.getClientRegistrationId()));
			}
			ClientSettings own = this.settings.apply(registration.getRegistrationId());
			requireAllowed(registration, own.access(), request.getPrincipal());
			return withActor(registration, own, request)
				.thenCompose((complete) -> authorize(registration, own, complete));
		});
	}

	/**
	 * A request on somebody's behalf also says who acts, where its settings know.
	 */
	private CompletionStage<OAuth2AuthorizeRequest> withActor(ClientRegistration registration, ClientSettings own,
			OAuth2AuthorizeRequest request) {
		String actorId = own.actorRegistration();
		if (actorId == null || !TokenSources.ON_BEHALF.contains(registration.getAuthorizationGrantType())
				|| request.getAttribute(RequestAttributes.ACTOR_TOKEN) != null) {
			return CompletableFuture.completedFuture(request);
		}
		return this.registrations.find(actorId).thenCompose((actor) -> {
			if (actor == null || !TokenKeys.isClientCredentials(actor)) {
				throw TokenDemands.unavailable(registration, "invalid_configuration",
						"its actor '%s' is no registration for client credentials".formatted(actorId));
			}
			return authorize(
					OAuth2AuthorizeRequest.withClientRegistrationId(actorId).principal(request.getPrincipal()).build());
		})
			.thenApply((acting) -> OAuth2AuthorizeRequest.withClientRegistrationId(registration.getRegistrationId())
				.principal(request.getPrincipal())
				.attributes((attributes) -> {
					attributes.putAll(request.getAttributes());
					attributes.put(RequestAttributes.ACTOR_TOKEN, acting.client().getAccessToken());
				})
				.build());
	}

	private CompletionStage<Authorized> authorize(ClientRegistration registration, ClientSettings own,
			OAuth2AuthorizeRequest request) {
		TokenDemand demand = this.demands.of(registration, own, request);
		CompletionStage<TokenRecord> record = (request
			.getAttribute(RequestAttributes.REFUSED_TOKEN) instanceof String refused)
					? this.refresher.replace(demand, refused) : this.refresher.obtain(demand);
		String name = clientName(registration, request.getPrincipal().getName());
		return record.thenApply((found) -> {
			requireScopes(registration, own.access(), found.requireTokens());
			Authorized client = new Authorized(demand.key(),
					ClientMapping.client(registration, name, found.requireTokens()));
			if (!own.access().asksForAuthorities()) {
				keep(registration, request, demand, found, client);
			}
			return client;
		});
	}

	private void requireAllowed(ClientRegistration registration, AccessPolicy access, Authentication principal) {
		String rule = access.denial(principal);
		if (rule != null) {
			this.refresher.denied(key(registration, principal.getName()), principal.getName(), rule);
			throw TokenDemands.unavailable(registration, "access_denied",
					"the caller has none of the authorities of '%s'; nothing was sent".formatted(rule));
		}
	}

	private static void requireScopes(ClientRegistration registration, AccessPolicy access, Tokens tokens) {
		Set<String> missing = tokens.missing(access.requiredScopes());
		if (!missing.isEmpty()) {
			throw new InsufficientScopeException(
					"The token of registration '%s' lacks the required scopes %s; it was kept".formatted(
							registration.getRegistrationId(), missing),
					registration.getRegistrationId(), missing);
		}
	}

	private void keep(ClientRegistration registration, OAuth2AuthorizeRequest request, TokenDemand demand,
			TokenRecord found, Authorized client) {
		NearRecord near = (this.finished != null) ? this.refresher.near(demand.key()) : null;
		if (this.finished != null && near != null && near.record().generation() == found.generation()) {
			this.finished.put(registration, request, client, near, this.refresher.freshUntil(demand, near.record()));
		}
	}

	/**
	 * Look for a client that was made before and is as good as a new one.
	 * @param request what the caller asked for
	 * @return the client, or null if it has to be authorized
	 */
	@Nullable Authorized find(OAuth2AuthorizeRequest request) {
		return (this.finished != null) ? this.finished.find(request) : null;
	}

	CompletionStage<@Nullable OAuth2AuthorizedClient> load(String registrationId, String principalName) {
		return this.registrations.find(registrationId).thenCompose((registration) -> {
			if (registration == null) {
				return CompletableFuture.completedFuture(null);
			}
			return this.refresher.load(key(registration, principalName), policy(registrationId))
				.thenApply((tokens) -> (tokens != null)
						? ClientMapping.client(registration, clientName(registration, principalName), tokens) : null);
		});
	}

	CompletionStage<@Nullable Void> save(OAuth2AuthorizedClient client, Authentication principal) {
		ClientRegistration registration = client.getClientRegistration();
		boolean grant = TokenKeys.isGrant(registration);
		if (grant) {
			TokenDemands.requirePrincipal(registration, principal);
		}
		CompletionStage<@Nullable Void> saved = this.refresher.save(key(registration, principal.getName()),
				policy(registration.getRegistrationId()),
				ClientMapping.tokens(client, grant ? principal.getName() : null, this.clock.instant()));
		return (this.subjects != null && grant)
				? saved.thenCombine(this.subjects.remember(registration, principal), (done, remembered) -> null)
				: saved;
	}

	CompletionStage<@Nullable Void> remove(String registrationId, String principalName) {
		return withKey(registrationId, principalName, this.refresher::remove);
	}

	CompletionStage<@Nullable Void> revoke(String registrationId, String principalName, String cause) {
		return this.registrations.find(registrationId).thenCompose((registration) -> {
			if (registration == null) {
				return CompletableFuture.completedFuture(null);
			}
			if (TokenSources.ON_BEHALF.contains(registration.getAuthorizationGrantType())) {
				throw new IllegalArgumentException(
						"Tokens of registration '%s' are also named by those they were asked for with; revoke the principal, the request or the registration"
							.formatted(registrationId));
			}
			return this.refresher.revoke(key(registration, principalName), cause);
		});
	}

	CompletionStage<@Nullable Void> revoke(OAuth2AuthorizeRequest request, String cause) {
		return this.registrations.find(request.getClientRegistrationId()).thenCompose((registration) -> {
			if (registration == null) {
				return CompletableFuture.completedFuture(null);
			}
			ClientSettings own = this.settings.apply(registration.getRegistrationId());
			return withActor(registration, own, request).thenCompose(
					(complete) -> this.refresher.revoke(this.demands.of(registration, own, complete).key(), cause));
		});
	}

	/**
	 * Act on a record. Nobody has one of a registration that there is not.
	 */
	private CompletionStage<@Nullable Void> withKey(String registrationId, String principalName,
			Function<TokenKey, CompletionStage<@Nullable Void>> act) {
		return this.registrations.find(registrationId)
			.thenCompose((registration) -> (registration != null) ? act.apply(key(registration, principalName))
					: CompletableFuture.completedFuture(null));
	}

	private TokenKey key(ClientRegistration registration, String principalName) {
		return this.keys.of(registration, principalName,
				this.settings.apply(registration.getRegistrationId()).parameters());
	}

	private RefreshPolicy policy(String registrationId) {
		return this.settings.apply(registrationId).policy();
	}

	Duration callerWait(String registrationId) {
		// Longest time that a caller of a registration waits.
		return policy(registrationId).callerWait();
	}

	private static String clientName(ClientRegistration registration, String principalName) {
		// One token serves all callers of client credentials, so it bears none of their
		// names.
		return TokenKeys.isClientCredentials(registration) ? registration.getRegistrationId() : principalName;
	}

	/**
	 * Begin to keep the answers of refreshes for {@link #takeRefreshed}.
	 */
	void keepRefreshed() {
		this.refreshed.want();
	}

	@Nullable OAuth2AccessTokenResponse takeRefreshed(Authorized authorized) {
		return this.refreshed.take(authorized.key(), authorized.client().getAccessToken().getTokenValue());
	}

	/**
	 * A client and the record it came from.
	 *
	 * @param key the record
	 * @param client the client
	 */
	record Authorized(TokenKey key, OAuth2AuthorizedClient client) {
	}

}
