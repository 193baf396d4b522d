package io.github.oauthredis.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.token.TokenKey;

/**
 * Names the record that a request is about. Everything that reaches a token request is
 * part of the name. Pure if the customizer is.
 *
 * @param customizer names further attributes of issued tokens; null if nobody does
 */
record TokenKeys(@Nullable TokenKeyCustomizer customizer) {

	private static final Set<String> OWN_PARAMETERS = Set.of("grant_type", "client_id", "client_secret",
			"refresh_token", "client_assertion", "client_assertion_type", "assertion", "subject_token", "actor_token");

	static boolean isGrant(ClientRegistration registration) {
		return AuthorizationGrantType.AUTHORIZATION_CODE.equals(registration.getAuthorizationGrantType());
	}

	static boolean isClientCredentials(ClientRegistration registration) {
		return AuthorizationGrantType.CLIENT_CREDENTIALS.equals(registration.getAuthorizationGrantType());
	}

	TokenKey of(ClientRegistration registration, String principalName, Map<String, String> parameters) {
		// Name the record of a principal by name, as the authorized client service does.
		if (isGrant(registration)) {
			return grant(registration, principalName);
		}
		OAuth2AuthorizeRequest request = OAuth2AuthorizeRequest
			.withClientRegistrationId(registration.getRegistrationId())
			.principal(principalName)
			.build();
		return of(registration, request, parameters);
	}

	/**
	 * Name the record that a request is about.
	 * @param registration the client registration
	 * @param request what the caller asked for
	 * @param parameters all extra parameters of the token request
	 * @return the key
	 */
	TokenKey of(ClientRegistration registration, OAuth2AuthorizeRequest request, Map<String, String> parameters) {
		if (isGrant(registration)) {
			return grant(registration, request.getPrincipal().getName());
		}
		List<String> subjects = isClientCredentials(registration) ? null : subjects(request);
		TokenKey key = TokenKey.issued(registration.getRegistrationId(), registration.getClientId(),
				registration.getProviderDetails().getTokenUri(), registration.getAuthorizationGrantType().getValue(),
				registration.getScopes(), parameters, subjects);
		return (this.customizer != null) ? key.with(this.customizer.attributes(registration, request)) : key;
	}

	/**
	 * Gather the extra parameters of a token request.
	 * @param constants those of the registration
	 * @param attributes attributes of the request; those that name a parameter win
	 * @return names and values
	 * @throws IllegalArgumentException if one is a parameter of the protocol itself
	 */
	static Map<String, String> parameters(Map<String, String> constants, Map<String, Object> attributes) {
		Map<String, String> parameters = new LinkedHashMap<>(constants);
		attributes.forEach((name, value) -> {
			if (name.startsWith(RequestAttributes.PARAMETER_PREFIX)) {
				parameters.put(name.substring(RequestAttributes.PARAMETER_PREFIX.length()), String.valueOf(value));
			}
		});
		for (String name : parameters.keySet()) {
			if (OWN_PARAMETERS.contains(name)) {
				throw new IllegalArgumentException("'%s' must not be an extra parameter".formatted(name));
			}
		}
		return parameters;
	}

	private static TokenKey grant(ClientRegistration registration, String principalName) {
		return TokenKey.grant(registration.getRegistrationId(), registration.getClientId(),
				registration.getProviderDetails().getTokenUri(), principalName);
	}

	private static List<String> subjects(OAuth2AuthorizeRequest request) {
		List<String> subjects = new ArrayList<>();
		subjects.add(request.getPrincipal().getName());
		subjects.addAll(Delegation.of(request).digests());
		return subjects;
	}

}
