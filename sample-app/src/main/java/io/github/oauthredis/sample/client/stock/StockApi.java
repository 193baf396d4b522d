package io.github.oauthredis.sample.client.stock;

import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.AuthorizedClientServiceOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProviderBuilder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;

import io.github.oauthredis.sample.client.DemoApi;

/**
 * Calls the protected API as Spring Security does without OAuth Redis. It is put together
 * by hand, with a login of its own at a client of its own, so that it neither replaces a
 * bean of the starter nor costs the user the real login.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@Component
public class StockApi {

	static final String REGISTRATION = "demo-stock";

	/**
	 * By default Spring Security refreshes 60 seconds early, which is the whole life of
	 * the tokens of this demo: it would refresh on each call.
	 */
	private static final Duration CLOCK_SKEW = Duration.ofSeconds(1);

	private final ClientRegistrationRepository registrations;

	private final OAuth2AuthorizedClientService clients;

	private final RestClient api;

	StockApi(ClientRegistrationRepository configured, @Value("http://localhost:${sample.api.port}") String api) {
		this.registrations = new InMemoryClientRegistrationRepository(registration(configured));
		this.clients = new InMemoryOAuth2AuthorizedClientService(this.registrations);
		AuthorizedClientServiceOAuth2AuthorizedClientManager manager = new AuthorizedClientServiceOAuth2AuthorizedClientManager(
				this.registrations, this.clients);
		manager.setAuthorizedClientProvider(OAuth2AuthorizedClientProviderBuilder.builder()
			.authorizationCode()
			.refreshToken((refresh) -> refresh.clockSkew(CLOCK_SKEW))
			.build());
		// Not Boot's builder: that one brings the starter's interceptor.
		this.api = RestClient.builder()
			.baseUrl(api)
			.requestInterceptor(new OAuth2ClientHttpRequestInterceptor(manager))
			.build();
	}

	private static ClientRegistration registration(ClientRegistrationRepository configured) {
		return ClientRegistration
			.withClientRegistration(Objects.requireNonNull(configured.findByRegistrationId("demo-web")))
			.registrationId(REGISTRATION)
			.clientId(REGISTRATION)
			.clientSecret("demo-stock-secret")
			.redirectUri("{baseUrl}/stock/authorized")
			.scope("profile")
			.build();
	}

	/**
	 * Call as the user who is logged in.
	 * @return the API's answer
	 */
	public DemoApi.Answer asUser() {
		DemoApi.Answer answer = this.api.get()
			.uri("/user/hello")
			.attributes(RequestAttributeClientRegistrationIdResolver.clientRegistrationId(REGISTRATION))
			.retrieve()
			.body(DemoApi.Answer.class);
		return Objects.requireNonNull(answer);
	}

	/**
	 * Tell Spring Security when the user's token really ends. It would not learn from an
	 * answer 401: each call would fail until the end that it was told first.
	 * @param user the user
	 * @param end when the server lets the token end
	 */
	public void endToken(Authentication user, Instant end) {
		OAuth2AuthorizedClient client = this.clients.loadAuthorizedClient(REGISTRATION, user.getName());
		if (client == null) {
			throw new ClientAuthorizationRequiredException(REGISTRATION);
		}
		OAuth2AccessToken token = client.getAccessToken();
		OAuth2AccessToken shorter = new OAuth2AccessToken(token.getTokenType(), token.getTokenValue(),
				token.getIssuedAt(), end, token.getScopes());
		this.clients.saveAuthorizedClient(new OAuth2AuthorizedClient(client.getClientRegistration(), user.getName(),
				shorter, client.getRefreshToken()), user);
	}

	ClientRegistrationRepository registrations() {
		return this.registrations;
	}

	OAuth2AuthorizedClientService clients() {
		return this.clients;
	}

}
