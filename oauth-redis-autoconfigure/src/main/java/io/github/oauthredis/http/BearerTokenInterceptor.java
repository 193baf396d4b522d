package io.github.oauthredis.http;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.HttpStatus;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.StepUpRequiredException;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Sends requests of a {@code RestClient} with a bearer token. Thread-safe.
 * <p>
 * A request with an {@code Authorization} header, and one that neither selects a
 * registration nor matches the {@code uris} of one, is left alone. Without token no
 * request is sent. When the API answers 401, the manager is told which token was refused;
 * if it has another one the request is repeated once, byte for byte, else the 401 is the
 * answer. A dead grant is reported by {@link ClientAuthorizationRequiredException} even
 * then, so that the browser is sent to the provider. An API that asks for more scopes, or
 * for another kind of authentication, is not helped by another token: that is told by
 * {@link InsufficientScopeException} or {@link StepUpRequiredException}. Any other 403
 * changes nothing.
 * <p>
 * As with every interceptor, request bodies are held in memory.
 *
 * @author OAuth Redis
 * @since 0.1.0
 * @see RedirectGuards
 */
public final class BearerTokenInterceptor implements ClientHttpRequestInterceptor {

	private static final Log logger = LogFactory.getLog(BearerTokenInterceptor.class);

	private final OAuth2AuthorizedClientManager manager;

	private final TokenSelector selector;

	private final boolean retryOnUnauthorized;

	private final boolean challengeExceptions;

	private final AtomicBoolean warned = new AtomicBoolean();

	/**
	 * Create an interceptor.
	 * @param manager where tokens come from
	 * @param targets which requests get which token
	 * @param retryOnUnauthorized whether a refused token is renewed and the request
	 * repeated once
	 * @param challengeExceptions whether an exception tells that an API asks for more
	 * than the token has; otherwise its answer is passed on
	 */
	public BearerTokenInterceptor(OAuth2AuthorizedClientManager manager, RequestTargets targets,
			boolean retryOnUnauthorized, boolean challengeExceptions) {
		this.manager = manager;
		this.selector = new TokenSelector(targets);
		this.retryOnUnauthorized = retryOnUnauthorized;
		this.challengeExceptions = challengeExceptions;
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		Selection selection = this.selector.select(request.getURI(), request.getHeaders(), request.getAttributes());
		if (selection == null) {
			return execution.execute(request, body);
		}
		Authentication principal = Principals.current(request.getAttributes());
		String token = token(selection, principal, null);
		if (token == null) {
			throw selection.noToken();
		}
		Sent sent = send(request, body, execution, selection, token);
		ClientHttpResponse response = sent.response();
		if (asksForMore(sent, selection) || !sent.ours() || !this.retryOnUnauthorized
				|| status(response) != HttpStatus.UNAUTHORIZED.value()) {
			return response;
		}
		String renewed = renew(selection, principal, token, response);
		if (renewed == null || renewed.equals(token)) {
			return response;
		}
		response.close();
		Sent repeated = send(request, body, execution, selection, renewed);
		asksForMore(repeated, selection);
		return repeated.response();
	}

	/** Whether another token would be refused as well. */
	private boolean asksForMore(Sent sent, Selection selection) throws IOException {
		ClientHttpResponse response = sent.response();
		if (!sent.ours()) {
			return false;
		}
		TokenUnavailableException exception = BearerChallenge.exception(status(response), response.getHeaders(),
				selection.registrationId());
		if (exception != null && this.challengeExceptions) {
			response.close();
			throw exception;
		}
		return exception != null;
	}

	/** Follows what may be followed; the client beneath does not. */
	private Sent send(HttpRequest request, byte[] body, ClientHttpRequestExecution execution, Selection selection,
			String token) throws IOException {
		URI uri = request.getURI();
		for (int hops = 0;; hops++) {
			RedirectMarker marker = new RedirectMarker();
			BearerRequest bearer = new BearerRequest(request, uri, token, marker);
			ClientHttpResponse response = execution.execute(bearer, body);
			if (!marker.isGuarded()) {
				warn(selection);
			}
			URI next = (marker.isFollowing() && hops < Redirects.MAX_HOPS) ? Redirects.next(request.getMethod(), uri,
					status(response), response.getHeaders().getFirst(HttpHeaders.LOCATION)) : null;
			if (next == null) {
				return new Sent(response, bearer.bears(token));
			}
			response.close();
			uri = next;
		}
	}

	private @Nullable String renew(Selection selection, Authentication principal, String refused,
			ClientHttpResponse response) {
		try {
			return token(selection, principal, refused);
		}
		catch (ClientAuthorizationRequiredException ex) {
			response.close();
			throw ex;
		}
		catch (RuntimeException ex) {
			logger.debug("Refused token of registration '%s' was not renewed; the answer 401 is passed on"
				.formatted(selection.registrationId()), ex);
			return null;
		}
	}

	private @Nullable String token(Selection selection, Authentication principal, @Nullable String refused) {
		OAuth2AuthorizedClient client = this.manager.authorize(selection.authorizeRequest(principal, refused));
		return (client != null) ? selection.sendable(client.getAccessToken().getTokenValue()) : null;
	}

	private static int status(ClientHttpResponse response) throws IOException {
		try {
			return response.getStatusCode().value();
		}
		catch (IOException | RuntimeException ex) {
			response.close();
			throw ex;
		}
	}

	private void warn(Selection selection) {
		if (this.warned.compareAndSet(false, true)) {
			logger
				.warn(("A request with a token of registration '%s' went through a request factory that is not guarded "
						+ "against redirects; if that factory follows them, the token may reach another host. Build it "
						+ "with the ClientHttpRequestFactoryBuilder bean or declare it with "
						+ "RedirectGuards.nonFollowing(..). A mock server, or an interceptor that answers by "
						+ "itself, is harmless. This is logged once")
					.formatted(selection.registrationId()));
		}
	}

	/**
	 * An answer, and whether it is about our token: an interceptor that comes later may
	 * have put its own header in.
	 */
	private record Sent(ClientHttpResponse response, boolean ours) {
	}

}
