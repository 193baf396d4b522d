package io.github.oauthredis.http;

import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Sends requests of a {@code WebClient} with a bearer token. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BearerTokenExchangeFilter implements ExchangeFilterFunction {

	/**
	 * Create a filter.
	 * @param manager where tokens come from
	 * @param targets which requests get which token
	 * @param retryOnUnauthorized whether a refused token is renewed and the request
	 * repeated once
	 */
	public BearerTokenExchangeFilter(ReactiveOAuth2AuthorizedClientManager manager, RequestTargets targets,
			boolean retryOnUnauthorized) {
	}

	@Override
	public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
		throw new IllegalStateException();
	}

}
