package io.github.oauthredis.client;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.converter.FormHttpMessageConverter;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.DefaultOAuth2TokenRequestHeadersConverter;
import org.springframework.security.oauth2.client.endpoint.DefaultOAuth2TokenRequestParametersConverter;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.security.oauth2.core.endpoint.OAuth2ParameterNames;
import org.springframework.security.oauth2.core.http.converter.OAuth2AccessTokenResponseHttpMessageConverter;
import org.springframework.web.client.RestClient;

/**
 * Sends token requests of every grant type over one HTTP client. Headers and parameters
 * are Spring Security's. Thread-safe; blocks.
 */
final class TokenClient {

	/**
	 * Far more than any token answer needs.
	 */
	static final int ANSWER_LIMIT = 256 * 1024;

	private final DefaultOAuth2TokenRequestHeadersConverter<AbstractOAuth2AuthorizationGrantRequest> headers = new DefaultOAuth2TokenRequestHeadersConverter<>();

	private final DefaultOAuth2TokenRequestParametersConverter<AbstractOAuth2AuthorizationGrantRequest> parameters = new DefaultOAuth2TokenRequestParametersConverter<>();

	private final RestClient restClient;

	/**
	 * Create a client. Nothing of the application's own HTTP clients takes part: their
	 * interceptors may ask for tokens. Without compression no small answer unfolds into a
	 * large one; HTTP 1.1 spares servers an upgrade header on a request that must not be
	 * repeated.
	 * @param connectTimeout longest time to connect
	 * @param deadline longest time for the whole exchange, the body included
	 * @param sslBundle what to trust and to show; null for the default of the platform
	 * @param clock time by which a {@code Retry-After} date is read
	 */
	TokenClient(Duration connectTimeout, Duration deadline, @Nullable SslBundle sslBundle, Clock clock) {
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
		this.restClient = RestClient.builder()
			.requestFactory(requestFactory)
			.requestInterceptor(BoundedAnswer.interceptor(ANSWER_LIMIT))
			.configureMessageConverters((converters) -> {
				converters.addCustomConverter(new FormHttpMessageConverter());
				converters.addCustomConverter(answers);
			})
			.defaultStatusHandler(new AnswerErrorHandler(clock))
			.build();
	}

	/**
	 * Send a request.
	 * @param request the request
	 * @param secret client secret to send in place of the registration's own; null for
	 * that one
	 */
	OAuth2AccessTokenResponse send(AbstractOAuth2AuthorizationGrantRequest request, @Nullable String secret) {
		ClientRegistration registration = request.getClientRegistration();
		TokenForm form = new TokenForm(this.parameters.convert(request));
		if (request instanceof ExtraParameters extended) {
			extended.getExtraParameters().forEach(form::set);
		}
		OAuth2AccessTokenResponse response = post(URI.create(registration.getProviderDetails().getTokenUri()), request,
				form, secret)
			.body(OAuth2AccessTokenResponse.class);
		if (response == null) {
			throw new TokenEndpointException(200, null, null);
		}
		return response;
	}

	/**
	 * Ask for a token to be revoked (RFC 7009).
	 * @param secret as for a token request
	 */
	void revoke(ClientRegistration registration, URI uri, String token, String hint, @Nullable String secret) {
		RevocationRequest request = new RevocationRequest(registration);
		TokenForm form = new TokenForm(this.parameters.convert(request));
		form.remove(OAuth2ParameterNames.GRANT_TYPE);
		form.set(OAuth2ParameterNames.TOKEN, token);
		form.set(OAuth2ParameterNames.TOKEN_TYPE_HINT, hint);
		post(uri, request, form, secret).toBodilessEntity();
	}

	private RestClient.ResponseSpec post(URI uri, AbstractOAuth2AuthorizationGrantRequest request, TokenForm form,
			@Nullable String secret) {
		ClientRegistration registration = request.getClientRegistration();
		ClientAuthenticationMethod method = registration.getClientAuthenticationMethod();
		if (secret != null && ClientAuthenticationMethod.CLIENT_SECRET_POST.equals(method)) {
			form.set(OAuth2ParameterNames.CLIENT_SECRET, secret);
		}
		return this.restClient.post().uri(uri).headers((target) -> {
			target.addAll(this.headers.convert(request));
			if (secret != null && ClientAuthenticationMethod.CLIENT_SECRET_BASIC.equals(method)) {
				target.setBasicAuth(encode(registration.getClientId()), encode(secret));
			}
		}).body(form).retrieve();
	}

	private static String encode(String value) {
		return URLEncoder.encode(value, StandardCharsets.UTF_8);
	}

	private static final class RevocationRequest extends AbstractOAuth2AuthorizationGrantRequest {

		// No grant; what Spring Security asks for to authenticate a client.
		private RevocationRequest(ClientRegistration registration) {
			super(registration.getAuthorizationGrantType(), registration);
		}

	}

}
