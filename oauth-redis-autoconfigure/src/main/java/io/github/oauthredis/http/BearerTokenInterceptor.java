package io.github.oauthredis.http;

import java.io.IOException;

import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;

/**
 * Sends requests of a {@code RestClient} with a bearer token. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BearerTokenInterceptor implements ClientHttpRequestInterceptor {

	/**
	 * Create an interceptor.
	 * @param manager where tokens come from
	 * @param targets which requests get which token
	 * @param retryOnUnauthorized whether a refused token is renewed and the request
	 * repeated once
	 */
	public BearerTokenInterceptor(OAuth2AuthorizedClientManager manager, RequestTargets targets,
			boolean retryOnUnauthorized) {
	}

	@Override
	public ClientHttpResponse intercept(HttpRequest request, byte[] body, ClientHttpRequestExecution execution)
			throws IOException {
		throw new IllegalStateException();
	}

}
