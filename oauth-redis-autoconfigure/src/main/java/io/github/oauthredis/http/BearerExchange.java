package io.github.oauthredis.http;

import java.net.URI;

import org.springframework.http.HttpHeaders;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import reactor.core.publisher.Mono;

import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Sends one request with a token, as often as redirects and a refused token ask for. The
 * token goes into the header when the request is written and not before: so the request
 * that errors, logs and observations hold has none, and if by then no guard has seen the
 * marker, nothing is sent. One instance serves one subscription.
 */
final class BearerExchange {

	private final ClientRequest request;

	private final ExchangeFunction next;

	private final String registrationId;

	private final RecordedBody body;

	/** Whether another filter has put its own header in. */
	private volatile boolean foreignHeader;

	BearerExchange(ClientRequest request, ExchangeFunction next, String registrationId) {
		this.request = request;
		this.next = next;
		this.registrationId = registrationId;
		this.body = new RecordedBody(request.body());
	}

	/**
	 * Tell whether an answer 401 is none of ours.
	 * @return whether the last attempt bore another header than ours
	 */
	boolean hasForeignHeader() {
		return this.foreignHeader;
	}

	/**
	 * Tell whether {@link #repeat} can be called.
	 * @return whether the whole body of the first attempt is known
	 */
	boolean isRepeatable() {
		return this.body.isReplayable();
	}

	Mono<ClientResponse> send(String token) {
		return send(this.request.url(), token, 0, false);
	}

	Mono<ClientResponse> repeat(String token) {
		return send(this.request.url(), token, 0, true);
	}

	private Mono<ClientResponse> send(URI uri, String token, int hops, boolean replay) {
		RedirectMarker marker = new RedirectMarker();
		BodyInserter<Void, ClientHttpRequest> inserter = (message, context) -> {
			if (!marker.isGuarded()) {
				return Mono.error(this::unguarded);
			}
			this.foreignHeader = message.getHeaders().containsHeader(HttpHeaders.AUTHORIZATION);
			if (!this.foreignHeader) {
				message.getHeaders().setBearerAuth(token);
			}
			return replay ? this.body.replay(message) : this.body.record(message, context);
		};
		return this.next.exchange(ClientRequest.from(this.request).url(uri).body(inserter).build())
			.contextWrite((context) -> context.put(RedirectMarker.NAME, marker))
			.onErrorMap(WebClientRequestException.class,
					(ex) -> (ex.getCause() instanceof TokenUnavailableException cause) ? cause : ex)
			.flatMap((response) -> {
				URI target = (marker.isFollowing() && hops < Redirects.MAX_HOPS && isRepeatable())
						? Redirects.next(this.request.method(), uri, response.statusCode().value(),
								response.headers().asHttpHeaders().getFirst(HttpHeaders.LOCATION))
						: null;
				return (target != null)
						? response.releaseBody().then(Mono.defer(() -> send(target, token, hops + 1, true)))
						: Mono.just(response);
			});
	}

	private TokenUnavailableException unguarded() {
		return new TokenUnavailableException("redirects_not_guarded",
				("The connector of a WebClient is not guarded against redirects, so a request with a token of registration "
						+ "'%s' was not sent. Build the connector with the ClientHttpConnectorBuilder bean, or declare it "
						+ "with RedirectGuards.nonFollowing(..) if it follows none")
					.formatted(this.registrationId),
				this.registrationId, false, null, null);
	}

}
