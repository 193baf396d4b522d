package io.github.oauthredis.client;

import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.util.MultiValueMap;
import org.springframework.web.client.RestClient;

/**
 * Spring Security's token response clients over one HTTP client of ours. Thread-safe if
 * its parts are.
 *
 * @param authorizationCode for logins
 * @param clientCredentials for client credentials
 * @param refreshToken for refreshes
 */
record TokenClients(RestClientAuthorizationCodeTokenResponseClient authorizationCode,
		RestClientClientCredentialsTokenResponseClient clientCredentials,
		RestClientRefreshTokenTokenResponseClient refreshToken) {

	/**
	 * Far more than any token answer needs.
	 */
	static final int ANSWER_LIMIT = 256 * 1024;

	static TokenClients create(Duration connectTimeout, Duration deadline, @Nullable SslBundle sslBundle, Clock clock) {
		RestClient restClient = restClient(connectTimeout, deadline, sslBundle, clock);
		RestClientAuthorizationCodeTokenResponseClient authorizationCode = new RestClientAuthorizationCodeTokenResponseClient();
		authorizationCode.setRestClient(restClient);
		RestClientClientCredentialsTokenResponseClient clientCredentials = new RestClientClientCredentialsTokenResponseClient();
		clientCredentials.setRestClient(restClient);
		clientCredentials.setParametersConverter(TokenClients::extraParameters);
		RestClientRefreshTokenTokenResponseClient refreshToken = new RestClientRefreshTokenTokenResponseClient();
		refreshToken.setRestClient(restClient);
		refreshToken.setParametersConverter(TokenClients::extraParameters);
		return new TokenClients(authorizationCode, clientCredentials, refreshToken);
	}

	private static MultiValueMap<String, String> extraParameters(AbstractOAuth2AuthorizationGrantRequest request) {
		Map<String, String> parameters = (request instanceof ExtraParameters extended) ? extended.getExtraParameters()
				: Map.of();
		return MultiValueMap.fromSingleValue(parameters);
	}

	private static RestClient restClient(Duration connectTimeout, Duration deadline, @Nullable SslBundle sslBundle,
			Clock clock) {
		// Nothing of the application's own HTTP clients takes part: their interceptors
		// may
		// ask for tokens. Without compression no small answer unfolds into a large one;
		// HTTP
		// 1.1 spares servers an upgrade header on a request that must not be repeated.
		HttpClientSettings settings = HttpClientSettings.defaults()
			.withRedirects(HttpRedirects.DONT_FOLLOW)
			.withTimeouts(connectTimeout, deadline)
			.withSslBundle(sslBundle);
		ClientHttpRequestFactory requestFactory = ClientHttpRequestFactoryBuilder.jdk()
			.withHttpClientCustomizer((client) -> client.version(HttpClient.Version.HTTP_1_1))
			.withCustomizer((factory) -> factory.enableCompression(false))
			.build(settings);
		OAuth2AccessTokenResponseHttpMessageConverter answers = new OAuth2AccessTokenResponseHttpMessageConverter();
		answers.setAccessTokenResponseConverter(new AnswerConverter());
		return RestClient.builder()
			.requestFactory(requestFactory)
			.requestInterceptor(BoundedAnswer.interceptor(ANSWER_LIMIT))
			.configureMessageConverters((converters) -> {
				converters.addCustomConverter(new FormHttpMessageConverter());
				converters.addCustomConverter(answers);
			})
			.defaultStatusHandler(new AnswerErrorHandler(clock))
			.build();
	}

}
