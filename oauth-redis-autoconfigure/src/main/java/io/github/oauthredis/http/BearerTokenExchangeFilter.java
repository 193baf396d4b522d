package io.github.oauthredis.http;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.ClientAuthorizationRequiredException;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Sends requests of a {@code WebClient} with a bearer token. Thread-safe; never blocks.
 * <p>
 * Behaves as {@link BearerTokenInterceptor} does, with these differences. A request is
 * repeated only if its body is empty or was written as one buffer of at most 1 MiB
 * (values, forms, JSON documents); after a 401 to a streamed body the manager is told of
 * the refused token and the 401 is passed on. The token is added when the request is
 * written, so other filters do not see it. If the connector is not guarded against
 * redirects, nothing is sent. A client passed by {@code oauth2AuthorizedClient(..)}
 * selects its registration and its principal; its token is not taken as it is, for it may
 * have been renewed since.
 * <p>
 * The principal comes from the request's attributes, the Reactor context, or the thread
 * that subscribes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 * @see RedirectGuards
 */
public final class BearerTokenExchangeFilter implements ExchangeFilterFunction {

	private static final Log logger = LogFactory.getLog(BearerTokenExchangeFilter.class);

	private static final Duration BODY = Duration.ofSeconds(1);

	private final ReactiveOAuth2AuthorizedClientManager manager;

	private final TokenSelector selector;

	private final boolean retryOnUnauthorized;

	private final boolean challengeExceptions;

	/**
	 * Create a filter.
	 * @param manager where tokens come from
	 * @param targets which requests get which token
	 * @param retryOnUnauthorized whether a refused token is renewed and the request
	 * repeated once
	 * @param challengeExceptions whether an exception tells that an API asks for more
	 * than the token has; otherwise its answer is passed on
	 */
	public BearerTokenExchangeFilter(ReactiveOAuth2AuthorizedClientManager manager, RequestTargets targets,
			boolean retryOnUnauthorized, boolean challengeExceptions) {
		this.manager = manager;
		this.selector = new TokenSelector(targets);
		this.retryOnUnauthorized = retryOnUnauthorized;
		this.challengeExceptions = challengeExceptions;
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		Selection selection;
		try {
			selection = this.selector.select(request.url(), request.headers(), request.attributes());
		}
		catch (TokenUnavailableException ex) {
			return Mono.error(ex);
		}
		if (selection == null) {
			return next.exchange(request);
		}
		return Principals.reactive(request.attributes())
			.flatMap((principal) -> token(selection, principal, null).switchIfEmpty(Mono.error(selection::noToken))
				.flatMap((token) -> exchange(selection, principal, token,
						new BearerExchange(request, next, selection.registrationId()))));
	}

	private Mono<ClientResponse> exchange(Selection selection, Authentication principal, String token,
			BearerExchange exchange) {
		return exchange.send(token).flatMap((response) -> {
			TokenUnavailableException asksForMore = exchange.hasForeignHeader() ? null : challenge(selection, response);
			if (asksForMore != null) {
				return passedOn(response, asksForMore);
			}
			boolean refused = response.statusCode().value() == HttpStatus.UNAUTHORIZED.value();
			if (!this.retryOnUnauthorized || !refused || exchange.hasForeignHeader()) {
				return Mono.just(response);
			}
			return renewed(selection, principal, token, response).defaultIfEmpty(token)
				.flatMap((renewed) -> (renewed.equals(token) || !exchange.isRepeatable()) ? Mono.just(response)
						: response.releaseBody().then(Mono.defer(() -> repeat(selection, renewed, exchange))));
		});
	}

	private Mono<ClientResponse> repeat(Selection selection, String renewed, BearerExchange exchange) {
		return exchange.repeat(renewed).flatMap((response) -> {
			TokenUnavailableException asksForMore = challenge(selection, response);
			return (asksForMore != null) ? passedOn(response, asksForMore) : Mono.just(response);
		});
	}

	private static @Nullable TokenUnavailableException challenge(Selection selection, ClientResponse response) {
		return BearerChallenge.exception(response.statusCode().value(), response.headers().asHttpHeaders(),
				selection.registrationId());
	}

	private Mono<ClientResponse> passedOn(ClientResponse response, TokenUnavailableException asksForMore) {
		return this.challengeExceptions ? read(response).then(Mono.error(asksForMore)) : Mono.just(response);
	}

	/** A body that does not end soon is given up, and its connection with it. */
	private static Mono<Void> read(ClientResponse response) {
		return response.releaseBody().timeout(BODY, Mono.empty()).onErrorComplete();
	}

	/**
	 * The response stays open, for it is the answer if there is no other token; if the
	 * caller goes away or has to log in, it is released.
	 */
	private Mono<String> renewed(Selection selection, Authentication principal, String refused,
			ClientResponse response) {
		return Mono.usingWhen(Mono.just(response),
				(open) -> token(selection, principal, refused).onErrorResume(
						(ex) -> !(ex instanceof ClientAuthorizationRequiredException),
						(ex) -> notRenewed(selection, ex)),
				(open) -> Mono.empty(), (open, ex) -> open.releaseBody(), ClientResponse::releaseBody);
	}

	private static Mono<String> notRenewed(Selection selection, Throwable ex) {
		logger.debug("Refused token of registration '%s' was not renewed; the answer 401 is passed on"
			.formatted(selection.registrationId()), ex);
		return Mono.empty();
	}

	private Mono<String> token(Selection selection, Authentication principal, @Nullable String refused) {
		return Mono.defer(() -> this.manager.authorize(selection.authorizeRequest(principal, refused)))
			.map((client) -> selection.sendable(client.getAccessToken().getTokenValue()));
	}

}
