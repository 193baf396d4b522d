package io.github.oauthredis.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.support.HttpRequestWrapper;

/**
 * A request with a token. The request beneath, which the caller, errors and observations
 * see, stays without. Not thread-safe, like every request.
 */
final class BearerRequest extends HttpRequestWrapper {

	private final URI uri;

	private final HttpHeaders headers = new HttpHeaders();

	private final Map<String, Object> attributes;

	BearerRequest(HttpRequest request, URI uri, String token, RedirectMarker marker) {
		super(request);
		this.uri = uri;
		this.headers.putAll(request.getHeaders());
		this.headers.setBearerAuth(token);
		this.attributes = new LinkedHashMap<>(request.getAttributes());
		this.attributes.put(RedirectMarker.NAME, marker);
	}

	boolean bears(String token) {
		return ("Bearer " + token).equals(this.headers.getFirst(HttpHeaders.AUTHORIZATION));
	}

	@Override
	public URI getURI() {
		return this.uri;
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.headers;
	}

	@Override
	public Map<String, Object> getAttributes() {
		return this.attributes;
	}

}
