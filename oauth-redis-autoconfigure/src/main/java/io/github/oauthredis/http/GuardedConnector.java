package io.github.oauthredis.http;

import java.net.URI;
import java.util.function.Function;
import java.util.function.Supplier;

import org.springframework.http.HttpMethod;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.ClientHttpResponse;
import reactor.core.publisher.Mono;

/**
 * Sends requests whose Reactor context holds a {@link RedirectMarker} through a client
 * that follows no redirects. The marker goes no further, so that a request made while
 * this one's body is written is not taken for it. Thread-safe.
 */
final class GuardedConnector extends RedirectGuard<ClientHttpConnector> implements ClientHttpConnector {

	GuardedConnector(ClientHttpConnector connector, Supplier<ClientHttpConnector> nonFollowing, boolean following) {
		super(connector, nonFollowing, following);
	}

	@Override
	public Mono<ClientHttpResponse> connect(HttpMethod method, URI uri,
			Function<? super ClientHttpRequest, Mono<Void>> requestCallback) {
		return Mono.deferContextual((context) -> {
			Object marker = context.getOrDefault(RedirectMarker.NAME, null);
			Mono<ClientHttpResponse> response = Mono.fromFuture(clientFor(marker), true)
				.flatMap((client) -> client.connect(method, uri, requestCallback));
			return (marker != null) ? response.contextWrite((inner) -> inner.delete(RedirectMarker.NAME)) : response;
		});
	}

}
