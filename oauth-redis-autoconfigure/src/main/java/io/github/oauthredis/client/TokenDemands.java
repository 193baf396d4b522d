package io.github.oauthredis.client;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.StringUtils;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.refresh.TokenDemand;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Turns what a caller asks for into what the engine is asked for. Thread-safe.
 *
 * @param sources who sends token requests
 * @param keys names records
 * @param refreshed takes the answers of refreshes
 */
record TokenDemands(TokenSources sources, TokenKeys keys, RefreshedResponses refreshed) {

	private static final AuthenticationTrustResolver trust = new AuthenticationTrustResolverImpl();

	/**
	 * Decide what to ask for.
	 * @param registration the client registration
	 * @param own its settings
	 * @param request what the caller asked for, who is allowed to
	 * @return the demand
	 * @throws TokenUnavailableException if it cannot be met
	 * @throws IllegalArgumentException if a parameter is not for the caller to set
	 */
	TokenDemand of(ClientRegistration registration, ClientSettings own, OAuth2AuthorizeRequest request) {
		if (TokenKeys.isGrant(registration)) {
			return grant(registration, own, request);
		}
		Map<String, String> parameters = TokenKeys.parameters(own.parameters(), request.getAttributes());
		ClientRegistration scoped = scoped(registration, own.access(), request.getPrincipal(), parameters);
		TokenKey key = this.keys.of(scoped, request, parameters);
		return new TokenDemand(key, own.policy(), source(scoped, own, request, parameters));
	}

	private TokenDemand grant(ClientRegistration registration, ClientSettings own, OAuth2AuthorizeRequest request) {
		requirePrincipal(registration, request.getPrincipal());
		if (!own.access().scopesByAuthority().isEmpty()) {
			throw unavailable(registration, "invalid_configuration",
					"'scopes-by-authority' is for issued tokens, and a user's grant has one token");
		}
		TokenKey key = this.keys.of(registration, request, own.parameters());
		return new TokenDemand(key, own.policy(), this.sources.refreshToken(registration, own.parameters(),
				(response) -> this.refreshed.put(key, response)));
	}

	/**
	 * The registration as far as a token request is concerned: with the scopes that the
	 * caller's authorities stand for.
	 */
	private static ClientRegistration scoped(ClientRegistration registration, AccessPolicy access,
			Authentication principal, Map<String, String> parameters) {
		if (access.scopesByAuthority().isEmpty()) {
			return registration;
		}
		if (parameters.containsKey(OAuth2ParameterNames.SCOPE)) {
			throw new IllegalArgumentException(
					"'scope' must not be an extra parameter where the caller's authorities decide about scopes");
		}
		Set<String> scopes = access.scopes(principal);
		return ClientRegistration.withClientRegistration(registration).scope(scopes).build();
	}

	private TokenSource source(ClientRegistration registration, ClientSettings own, OAuth2AuthorizeRequest request,
			Map<String, String> parameters) {
		if (TokenKeys.isClientCredentials(registration)) {
			return this.sources.clientCredentials(registration, parameters);
		}
		Delegation delegation = Delegation.of(request);
		if (delegation.actor() != null && !isTokenExchange(registration)) {
			throw unavailable(registration, "invalid_configuration",
					"only a token exchange says who acts for the subject; nothing was sent");
		}
		if (delegation.hasEnded(this.sources.now())) {
			throw unavailable(registration, "subject_token_ended",
					"the token of the subject or the actor has ended; nothing was sent");
		}
		TokenSource source = this.sources.onBehalf(registration, parameters, delegation);
		boolean onlyOurs = TokenSources.ON_BEHALF.contains(registration.getAuthorizationGrantType())
				&& Delegation.isNamed(request);
		if (this.sources.hasProviders() && !onlyOurs) {
			Map<String, Object> attributes = new LinkedHashMap<>();
			parameters.forEach((name, value) -> attributes.put(RequestAttributes.PARAMETER_PREFIX + name, value));
			source = this.sources.provided(registration, request.getPrincipal(), attributes, source);
		}
		if (source == null) {
			throw noSource(registration);
		}
		return this.sources.bounded(source, delegation, own.policy().defaultTokenLifetime());
	}

	private static boolean isTokenExchange(ClientRegistration registration) {
		return AuthorizationGrantType.TOKEN_EXCHANGE.equals(registration.getAuthorizationGrantType());
	}

	private static TokenUnavailableException noSource(ClientRegistration registration) {
		String grantType = registration.getAuthorizationGrantType().getValue();
		if (TokenSources.ON_BEHALF.contains(registration.getAuthorizationGrantType())) {
			return unavailable(registration, "no_subject_token",
					"the caller has no token that stands for it, as its grant type '%s' needs".formatted(grantType));
		}
		return unavailable(registration, "no_provider",
				"its grant type '%s' needs an OAuth2AuthorizedClientProvider bean".formatted(grantType));
	}

	static void requirePrincipal(ClientRegistration registration, @Nullable Authentication principal) {
		// Sending an anonymous visitor to the provider leads nowhere, and one record for
		// all of them would mix them up.
		if (principal == null || trust.isAnonymous(principal) || !StringUtils.hasText(principal.getName())) {
			throw unavailable(registration, "no_principal", "the grant of a user needs to know which user");
		}
	}

	static TokenUnavailableException unavailable(ClientRegistration registration, String code, String why) {
		return new TokenUnavailableException(code,
				"No token for registration '%s': %s".formatted(registration.getRegistrationId(), why),
				registration.getRegistrationId(), false, null, null);
	}

}
