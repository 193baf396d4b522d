package io.github.oauthredis.client;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.refresh.TokenRequestException;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.revocation.RevocationAnswer;
import io.github.oauthredis.revocation.RevocationAnswer.Outcome;
import io.github.oauthredis.revocation.RevocationEndpoint;
import io.github.oauthredis.token.Tokens;

/**
 * Sends RFC 7009 requests to the endpoint that a setting names or the provider's
 * discovery document does, with the client authentication, deadlines and trust of token
 * requests. The refresh token goes first: with it, most providers end the whole grant.
 * Thread-safe; blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class HttpRevocationEndpoint implements RevocationEndpoint {

	private static final Duration LOOKUP = Duration.ofSeconds(10);

	// For what somebody has to mend first.
	private static final Duration SLOWLY = Duration.ofMinutes(5);

	private static final Log logger = LogFactory.getLog(HttpRevocationEndpoint.class);

	private final Registrations registrations;

	private final Function<String, @Nullable String> uris;

	private final TokenEndpoint endpoint;

	private final BoundedMap<String, Boolean> without = new BoundedMap<>(1_000);

	/**
	 * Create an endpoint.
	 * @param registrations where client registrations are found
	 * @param uris configured endpoints by registration id; null for the one that the
	 * provider names
	 * @param endpoint how requests are sent
	 */
	public HttpRevocationEndpoint(Registrations registrations, Function<String, @Nullable String> uris,
			TokenEndpoint endpoint) {
		this.registrations = registrations;
		this.uris = uris;
		this.endpoint = endpoint;
	}

	@Override
	public RevocationAnswer revoke(String registrationId, Tokens tokens) {
		ClientRegistration registration = find(registrationId);
		if (registration == null) {
			return new RevocationAnswer(Outcome.RETRY, "unknown_registration", null);
		}
		String uri = uri(registration);
		if (uri == null) {
			if (this.without.update(registrationId, (told) -> true) == null) {
				logger.debug("The provider of registration '%s' has no revocation endpoint".formatted(registrationId));
			}
			return RevocationAnswer.NOTHING;
		}
		RevocationAnswer refresh = RevocationAnswer.NOTHING;
		if (tokens.refreshToken() != null) {
			refresh = send(registration, uri, tokens.refreshToken(), "refresh_token");
			if (refresh.outcome() == Outcome.RETRY) {
				return refresh;
			}
		}
		RevocationAnswer access = hasEnded(tokens) ? RevocationAnswer.NOTHING
				: send(registration, uri, tokens.accessToken(), "access_token");
		return (refresh.outcome() == Outcome.NOTHING || access.outcome() == Outcome.RETRY) ? access : refresh;
	}

	private @Nullable ClientRegistration find(String registrationId) {
		try {
			return this.registrations.find(registrationId)
				.toCompletableFuture()
				.get(LOOKUP.toMillis(), TimeUnit.MILLISECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return null;
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("Registration '%s' cannot be looked up now".formatted(registrationId), ex);
			return null;
		}
	}

	private @Nullable String uri(ClientRegistration registration) {
		String configured = this.uris.apply(registration.getRegistrationId());
		Object discovered = registration.getProviderDetails().getConfigurationMetadata().get("revocation_endpoint");
		return (configured != null) ? configured : (discovered instanceof String text) ? text : null;
	}

	private boolean hasEnded(Tokens tokens) {
		return tokens.expiresAt() != null && tokens.expiresAt().isBefore(this.endpoint.now());
	}

	private RevocationAnswer send(ClientRegistration registration, String uri, String token, String hint) {
		try {
			this.endpoint.revoke(registration, URI.create(uri), token, hint);
			return RevocationAnswer.DONE;
		}
		catch (TokenEndpointException ex) {
			return answered(ex.status(), ex.code(), ex.retryAfter());
		}
		catch (RuntimeException ex) {
			TokenRequestException failure = new TokenRequestFailures(registration.getRegistrationId(), false,
					this.endpoint.now())
				.of(ex);
			boolean hopeless = "unsupported_client_authentication".equals(failure.getCode())
					|| "invalid_argument".equals(failure.getCode());
			return new RevocationAnswer(hopeless ? Outcome.REFUSED : Outcome.RETRY, failure.getCode(), null);
		}
	}

	private static RevocationAnswer answered(int status, @Nullable String code, @Nullable Duration retryAfter) {
		String shown = (code != null) ? code : "http_" + status;
		if (status == 400 && "invalid_token".equals(code)) {
			// RFC 7009 wants a success here; some providers do not know that.
			return RevocationAnswer.DONE;
		}
		if (status == 401 || "invalid_client".equals(code)) {
			return new RevocationAnswer(Outcome.RETRY, shown, SLOWLY);
		}
		if (status == 408 || status == 429 || status >= 500) {
			return new RevocationAnswer(Outcome.RETRY, shown, retryAfter);
		}
		return new RevocationAnswer(Outcome.REFUSED, shown, null);
	}

}
