package io.github.oauthredis.client;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.client.endpoint.AbstractOAuth2AuthorizationGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;
import org.springframework.security.oauth2.core.OAuth2Error;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import io.github.oauthredis.refresh.TokenRequestException;

/**
 * Sends token requests with deadlines, the SSL bundle of the registration, bounded
 * answers and without redirects. Thread-safe; blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenEndpoint {

	private static final Set<ClientAuthenticationMethod> SUPPORTED = Set.of(
			ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST,
			ClientAuthenticationMethod.NONE);

	private final Function<String, ClientSettings> settings;

	private final Duration connectTimeout;

	private final @Nullable SslBundles sslBundles;

	private final Clock clock;

	private final ClientSecretRollover secrets;

	private final Map<Transport, TokenClient> clients = new ConcurrentHashMap<>();

	private final Set<String> watchedBundles = ConcurrentHashMap.newKeySet();

	/**
	 * Create an endpoint that only sends the own secrets of registrations.
	 * @param settings settings by registration id
	 * @param connectTimeout longest time to connect
	 * @param sslBundles bundles that the settings name; null if there are none
	 * @param clock time by which a {@code Retry-After} date is read
	 */
	public TokenEndpoint(Function<String, ClientSettings> settings, Duration connectTimeout,
			@Nullable SslBundles sslBundles, Clock clock) {
		this(settings, connectTimeout, sslBundles, clock, ClientSecretRollover.NONE);
	}

	/**
	 * Create an endpoint.
	 * @param settings settings by registration id
	 * @param connectTimeout longest time to connect
	 * @param sslBundles bundles that the settings name; null if there are none
	 * @param clock time by which a {@code Retry-After} date is read
	 * @param secrets chooses the client secret of each request
	 */
	public TokenEndpoint(Function<String, ClientSettings> settings, Duration connectTimeout,
			@Nullable SslBundles sslBundles, Clock clock, ClientSecretRollover secrets) {
		this.settings = settings;
		this.connectTimeout = connectTimeout;
		this.sslBundles = sslBundles;
		this.clock = clock;
		this.secrets = secrets;
	}

	/**
	 * Exchange authorization codes of logins in the same way.
	 * @return a client whose failures quote nothing of an answer
	 */
	public OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> authorizationCode() {
		return (request) -> {
			ClientRegistration registration = request.getClientRegistration();
			try {
				return send(request);
			}
			catch (TokenEndpointException ex) {
				throw ex;
			}
			catch (RuntimeException ex) {
				TokenRequestException safe = new TokenRequestFailures(registration.getRegistrationId(), false, now())
					.of(ex);
				throw new OAuth2AuthorizationException(
						new OAuth2Error("invalid_token_response", safe.getMessage(), null), safe);
			}
		};
	}

	/**
	 * Send one token request.
	 * @param request the request; may be an {@link ExtraParameters}
	 * @return the answer, as {@link AnswerConverter} reads it
	 * @throws RuntimeException for {@link TokenRequestFailures} to judge
	 */
	OAuth2AccessTokenResponse send(AbstractOAuth2AuthorizationGrantRequest request) {
		ClientRegistration registration = request.getClientRegistration();
		TokenClient client = clientFor(registration);
		Duration time = this.settings.apply(registration.getRegistrationId()).policy().callTimeout();
		return this.secrets.send(registration, time, (secret) -> client.send(request, secret));
	}

	/**
	 * Ask for a token to be revoked (RFC 7009), authenticated as a token request is.
	 * @param registration the client registration
	 * @param uri the revocation endpoint
	 * @param token the token
	 * @param hint what kind of token it is
	 * @throws RuntimeException unless the answer is a success
	 */
	void revoke(ClientRegistration registration, URI uri, String token, String hint) {
		TokenClient client = clientFor(registration);
		Duration time = this.settings.apply(registration.getRegistrationId()).policy().callTimeout();
		this.secrets.send(registration, time, (secret) -> {
			client.revoke(registration, uri, token, hint, secret);
			return true;
		});
	}

	Instant now() {
		return this.clock.instant();
	}

	private TokenClient clientFor(ClientRegistration registration) {
		// The engine gives up on an answer at the call deadline, but still stores one
		// that
		// comes later: so the connection lives some time longer.
		String registrationId = registration.getRegistrationId();
		if (!SUPPORTED.contains(registration.getClientAuthenticationMethod())) {
			throw TokenRequestException.notSent("unsupported_client_authentication",
					"Token request for registration '%s' was not sent: authentication method '%s' needs an OAuth2AccessTokenResponseClient bean"
						.formatted(registrationId, registration.getClientAuthenticationMethod().getValue()),
					null);
		}
		ClientSettings clientSettings = this.settings.apply(registrationId);
		Duration deadline = clientSettings.policy().callTimeout().multipliedBy(3).plusSeconds(1);
		try {
			return this.clients.computeIfAbsent(new Transport(clientSettings.sslBundle(), deadline), this::create);
		}
		catch (RuntimeException ex) {
			throw TokenRequestException.notSent("no_http_client",
					"Token request for registration '%s' was not sent: no HTTP client could be made"
						.formatted(registrationId),
					ex);
		}
	}

	private TokenClient create(Transport transport) {
		return new TokenClient(this.connectTimeout, transport.deadline(), bundle(transport.sslBundle()), this.clock);
	}

	private @Nullable SslBundle bundle(@Nullable String name) {
		if (name == null) {
			return null;
		}
		if (this.sslBundles == null) {
			throw new IllegalArgumentException("There is no SSL bundle named '%s'".formatted(name));
		}
		if (this.watchedBundles.add(name)) {
			this.sslBundles.addBundleUpdateHandler(name,
					(bundle) -> this.clients.keySet().removeIf((transport) -> name.equals(transport.sslBundle())));
		}
		return this.sslBundles.getBundle(name);
	}

	private record Transport(@Nullable String sslBundle, Duration deadline) {
		// What needs an HTTP client of its own; as many as the configuration names.
	}

}
