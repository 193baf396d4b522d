package io.github.oauthredis.client;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.JwtBearerGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.security.oauth2.core.OAuth2RefreshToken;
import org.springframework.security.oauth2.core.OAuth2Token;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.util.StringUtils;
import reactor.core.scheduler.Schedulers;

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

	static final Set<AuthorizationGrantType> ON_BEHALF = Set.of(AuthorizationGrantType.TOKEN_EXCHANGE,
			AuthorizationGrantType.JWT_BEARER);

	// A reactive provider that has nothing says so on a thread that must not block.
	private static final Executor BLOCKING = (task) -> Schedulers.boundedElastic().schedule(task);

	private final TokenEndpoint endpoint;

	private final TokenCall<OAuth2ClientCredentialsGrantRequest> clientCredentials;

	private final TokenCall<OAuth2RefreshTokenGrantRequest> refreshToken;

	private final TokenCall<TokenExchangeGrantRequest> tokenExchange;

	private final TokenCall<JwtBearerGrantRequest> jwtBearer;

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
		this.tokenExchange = TokenCall.choose(userClients.tokenExchange(), userClients.reactiveTokenExchange(),
				endpoint::send);
		this.jwtBearer = TokenCall.choose(userClients.jwtBearer(), userClients.reactiveJwtBearer(), endpoint::send);
		this.providers = new TokenProviders(userClients.providers(), userClients.reactiveProviders());
	}

	/**
	 * Have a token issued for client credentials.
	 * @param registration the client registration
	 * @param parameters extra parameters of the request
	 * @return a source that needs no current tokens
	 */
	TokenSource clientCredentials(ClientRegistration registration, Map<String, String> parameters) {
		return issue(registration, parameters, this.clientCredentials,
				() -> new ExtendedClientCredentialsRequest(registration, parameters));
	}

	private <R extends AbstractOAuth2AuthorizationGrantRequest> TokenSource issue(ClientRegistration registration,
			Map<String, String> parameters, TokenCall<R> call, Supplier<R> request) {
		Set<String> scopes = requestedScopes(registration, parameters);
		return (current) -> send(registration, false, () -> call.send().apply(request.get()),
				(response) -> answer(call.ours(), scopes, null, response));
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

	/**
	 * Have a token issued on somebody's behalf (RFC 8693, RFC 7523).
	 * @param registration the client registration
	 * @param parameters extra parameters of the request
	 * @param delegation on whose behalf
	 * @return a source that needs no current tokens; null if the grant type is another
	 * one, or the subject has no token of the kind that it needs
	 */
	@Nullable TokenSource onBehalf(ClientRegistration registration, Map<String, String> parameters, Delegation delegation) {
		OAuth2Token subject = delegation.subject();
		AuthorizationGrantType grantType = registration.getAuthorizationGrantType();
		if (AuthorizationGrantType.TOKEN_EXCHANGE.equals(grantType) && subject != null) {
			return issue(registration, parameters, this.tokenExchange,
					() -> new ExtendedTokenExchangeRequest(registration, subject, delegation.actor(), parameters));
		}
		if (AuthorizationGrantType.JWT_BEARER.equals(grantType) && subject instanceof Jwt assertion) {
			return issue(registration, parameters, this.jwtBearer,
					() -> new ExtendedJwtBearerRequest(registration, assertion, parameters));
		}
		return null;
	}

	boolean hasProviders() {
		return !this.providers.isEmpty();
	}

	/**
	 * Have the application's own providers obtain a token.
	 * @param registration the client registration
	 * @param principal for whom
	 * @param attributes attributes of the request that the providers see
	 * @param otherwise asked if none of them answers; null if nobody is
	 * @return a source that needs no current tokens
	 */
	TokenSource provided(ClientRegistration registration, Authentication principal, Map<String, Object> attributes,
			@Nullable TokenSource otherwise) {
		return (current) -> send(registration, false,
				() -> this.providers.authorize(registration, principal, attributes).thenComposeAsync((client) -> {
					if (client != null) {
						return CompletableFuture
							.completedFuture(answers(registration.getScopes(), null).ofTheirs(client));
					}
					return (otherwise != null) ? otherwise.request(current)
							: CompletableFuture.failedFuture(noProvider(registration));
				}, BLOCKING), Function.identity());
	}

	private static TokenRequestException noProvider(ClientRegistration registration) {
		return TokenRequestException.notSent("no_provider",
				"Token request for registration '%s' was not sent: no OAuth2AuthorizedClientProvider bean answered for its grant type and principal"
					.formatted(registration.getRegistrationId()),
				null);
	}

	/**
	 * Ask as another source does, for a token that ends with those it is asked for with.
	 * @param source the other source
	 * @param delegation on whose behalf
	 * @param defaultLifetime what counts where no lifetime is known
	 * @return the source
	 */
	TokenSource bounded(TokenSource source, Delegation delegation, Duration defaultLifetime) {
		return (current) -> source.request(current)
			.thenApply((answer) -> delegation.bounded(answer, defaultLifetime, now()));
	}

	Instant now() {
		return this.endpoint.now();
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
		return new TokenAnswers(requestedScopes, presented, now());
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
		return new TokenRequestFailures(registration.getRegistrationId(), refreshOfGrant, now());
	}

	private static Set<String> requestedScopes(ClientRegistration registration, Map<String, String> parameters) {
		String scope = parameters.get(OAuth2ParameterNames.SCOPE);
		return (scope != null) ? Set.copyOf(Arrays.asList(StringUtils.tokenizeToStringArray(scope, " ")))
				: registration.getScopes();
	}

}
