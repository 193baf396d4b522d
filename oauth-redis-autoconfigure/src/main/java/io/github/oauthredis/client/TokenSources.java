package io.github.oauthredis.client;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.util.StringUtils;

import io.github.oauthredis.refresh.TokenAnswer;
import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.refresh.TokenSource;
import io.github.oauthredis.token.Tokens;

/**
 * Chooses who sends the token request of a registration: ours or the application's own
 * part. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenSources {

	private final TokenEndpoint endpoint;

	private final TokenCall<OAuth2ClientCredentialsGrantRequest> clientCredentials;

	private final TokenCall<OAuth2RefreshTokenGrantRequest> refreshToken;

	private final TokenProviders providers;

	/**
	 * Create sources.
	 * @param endpoint our own way to the token endpoint
	 * @param userClients what the application brings
	 */
	public TokenSources(TokenEndpoint endpoint, UserTokenClients userClients) {
		this.endpoint = endpoint;
		this.clientCredentials = TokenCall.choose(userClients.clientCredentials(),
				userClients.reactiveClientCredentials(), endpoint::send);
		this.refreshToken = TokenCall.choose(userClients.refreshToken(), userClients.reactiveRefreshToken(),
				endpoint::send);
		this.providers = new TokenProviders(userClients.providers(), userClients.reactiveProviders());
	}

	/**
	 * Have a token issued for client credentials.
	 * @param registration the client registration
	 * @param parameters extra parameters of the request
	 * @return a source that needs no current tokens
	 */
	TokenSource clientCredentials(ClientRegistration registration, Map<String, String> parameters) {
		Set<String> scopes = requestedScopes(registration, parameters);
		return (current) -> send(registration, false,
				() -> this.clientCredentials.send()
					.apply(new ExtendedClientCredentialsRequest(registration, parameters)),
				(response) -> answer(this.clientCredentials.ours(), scopes, null, response));
	}

	/**
	 * Present the refresh token of a grant.
	 * @param registration the client registration
	 * @param parameters extra parameters of the request; a scope among them is left out
	 * @param received takes every response in the form that Spring Security's listeners
	 * know
	 * @return a source that needs current tokens
	 */
	TokenSource refreshToken(ClientRegistration registration, Map<String, String> parameters,
			Consumer<OAuth2AccessTokenResponse> received) {
		Map<String, String> withoutScope = new LinkedHashMap<>(parameters);
		withoutScope.remove(OAuth2ParameterNames.SCOPE);
		return (current) -> send(registration, true,
				() -> this.refreshToken.send().apply(refreshRequest(registration, withoutScope, current)),
				(response) -> {
					received.accept(completed(response, current));
					return answer(this.refreshToken.ours(), Set.of(), (current != null) ? current.refreshToken() : null,
							response);
				});
	}

	private static OAuth2AccessTokenResponse completed(OAuth2AccessTokenResponse response, @Nullable Tokens current) {
		// What the answer leaves out stays as it was, and listeners look at the scopes.
		if (current == null || !response.getAccessToken().getScopes().isEmpty()) {
			return response;
		}
		return OAuth2AccessTokenResponse.withResponse(response).scopes(current.scopes()).build();
	}

	boolean hasProviders() {
		return !this.providers.isEmpty();
	}

	/**
	 * Have the application's own providers obtain a token.
	 * @param registration the client registration
	 * @param principal for whom
	 * @param attributes attributes of the request that the providers see
	 * @return a source that needs no current tokens
	 */
	TokenSource provided(ClientRegistration registration, Authentication principal, Map<String, Object> attributes) {
		return (current) -> send(registration, false,
				() -> this.providers.authorize(registration, principal, attributes),
				(client) -> answers(registration.getScopes(), null).ofTheirs(client));
	}

	private static ExtendedRefreshTokenRequest refreshRequest(ClientRegistration registration,
			Map<String, String> parameters, @Nullable Tokens current) {
		if (current == null || current.refreshToken() == null) {
			throw TokenRequestException.notSent("no_refresh_token",
					"Token request for registration '%s' was not sent, there is no refresh token"
						.formatted(registration.getRegistrationId()),
					null);
		}
		return new ExtendedRefreshTokenRequest(registration, ClientMapping.accessToken(current),
				new OAuth2RefreshToken(current.refreshToken(), current.refreshTokenIssuedAt()), parameters);
	}

	private TokenAnswer answer(boolean ours, Set<String> requestedScopes, @Nullable String presented,
			OAuth2AccessTokenResponse response) {
		TokenAnswers answers = answers(requestedScopes, presented);
		return ours ? answers.ofOurs(response) : answers.ofTheirs(response);
	}

	private TokenAnswers answers(Set<String> requestedScopes, @Nullable String presented) {
		return new TokenAnswers(requestedScopes, presented, this.endpoint.now());
	}

	private <T> CompletionStage<TokenAnswer> send(ClientRegistration registration, boolean refreshOfGrant,
			Supplier<CompletionStage<T>> call, Function<T, TokenAnswer> reading) {
		try {
			return call.get().handle((response, ex) -> {
				if (ex == null && response != null) {
					return reading.apply(response);
				}
				Throwable cause = (ex instanceof CompletionException && ex.getCause() != null) ? ex.getCause() : ex;
				throw failures(registration, refreshOfGrant)
					.of((cause != null) ? cause : new TokenEndpointException(200, null, null));
			});
		}
		catch (RuntimeException ex) {
			return CompletableFuture.failedFuture(failures(registration, refreshOfGrant).of(ex));
		}
	}

	private TokenRequestFailures failures(ClientRegistration registration, boolean refreshOfGrant) {
		return new TokenRequestFailures(registration.getRegistrationId(), refreshOfGrant, this.endpoint.now());
	}

	private static Set<String> requestedScopes(ClientRegistration registration, Map<String, String> parameters) {
		String scope = parameters.get(OAuth2ParameterNames.SCOPE);
		return (scope != null) ? Set.copyOf(Arrays.asList(StringUtils.tokenizeToStringArray(scope, " ")))
				: registration.getScopes();
	}

}
