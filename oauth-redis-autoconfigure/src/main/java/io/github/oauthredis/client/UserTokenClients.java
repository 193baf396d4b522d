package io.github.oauthredis.client;

import java.util.List;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.JwtBearerGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;

/**
 * The application's own parts that send token requests. A blocking one goes before its
 * reactive twin. Immutable.
 *
 * @param clientCredentials replaces ours; null if there is none
 * @param reactiveClientCredentials replaces ours; null if there is none
 * @param refreshToken replaces ours; null if there is none
 * @param reactiveRefreshToken replaces ours; null if there is none
 * @param tokenExchange replaces ours; null if there is none
 * @param reactiveTokenExchange replaces ours; null if there is none
 * @param jwtBearer replaces ours; null if there is none
 * @param reactiveJwtBearer replaces ours; null if there is none
 * @param providers serve grants of issued tokens but client credentials, before us; the
 * first that answers
 * @param reactiveProviders the same; asked after the blocking ones
 * @author OAuth Redis
 * @since 0.1.0
 */
public record UserTokenClients(
		@Nullable OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> clientCredentials,
		@Nullable ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> reactiveClientCredentials,
		@Nullable OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> refreshToken,
		@Nullable ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest> reactiveRefreshToken,
		@Nullable OAuth2AccessTokenResponseClient<TokenExchangeGrantRequest> tokenExchange,
		@Nullable ReactiveOAuth2AccessTokenResponseClient<TokenExchangeGrantRequest> reactiveTokenExchange,
		@Nullable OAuth2AccessTokenResponseClient<JwtBearerGrantRequest> jwtBearer,
		@Nullable ReactiveOAuth2AccessTokenResponseClient<JwtBearerGrantRequest> reactiveJwtBearer,
		List<OAuth2AuthorizedClientProvider> providers,
		List<ReactiveOAuth2AuthorizedClientProvider> reactiveProviders) {

	/**
	 * The application brings nothing.
	 */
	public static final UserTokenClients NONE = new UserTokenClients(null, null, null, null, null, null, null, null,
			List.of(), List.of());

	public UserTokenClients {
		providers = List.copyOf(providers);
		reactiveProviders = List.copyOf(reactiveProviders);
	}

}
