package io.github.oauthredis.http;

import java.io.IOException;
import java.net.URI;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.StreamingHttpOutputMessage;
import org.springframework.http.client.AbstractStreamingClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends requests that bear a {@link RedirectMarker} through a client that follows no
 * redirects. The choice is made when the request is executed, for only then its
 * attributes are known. Streaming bodies stay streams. Thread-safe.
 */
final class GuardedRequestFactory extends RedirectGuard<ClientHttpRequestFactory> implements ClientHttpRequestFactory {

	GuardedRequestFactory(ClientHttpRequestFactory factory, Supplier<ClientHttpRequestFactory> nonFollowing,
			boolean following) {
		super(factory, nonFollowing, following);
	}

	@Override
	public ClientHttpRequest createRequest(URI uri, HttpMethod httpMethod) {
		return new GuardedRequest(uri, httpMethod);
	}

	private final class GuardedRequest extends AbstractStreamingClientHttpRequest {

		private final URI uri;

		private final HttpMethod method;

		GuardedRequest(URI uri, HttpMethod method) {
			this.uri = uri;
			this.method = method;
		}

		@Override
		public HttpMethod getMethod() {
			return this.method;
		}

		@Override
		public URI getURI() {
			return this.uri;
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers, @Nullable Body body) throws IOException {
			ClientHttpRequest request = factory().createRequest(this.uri, this.method);
			request.getHeaders().putAll(headers);
			request.getAttributes().putAll(getAttributes());
			if (request instanceof StreamingHttpOutputMessage streaming && body != null) {
				streaming.setBody(body);
			}
			else if (body != null) {
				body.writeTo(request.getBody());
			}
			return request.execute();
		}

		private ClientHttpRequestFactory factory() {
			try {
				return clientFor(getAttributes().get(RedirectMarker.NAME)).join();
			}
			catch (CompletionException ex) {
				throw (ex.getCause() instanceof IllegalStateException refused) ? refused : ex;
			}
		}

	}

}
