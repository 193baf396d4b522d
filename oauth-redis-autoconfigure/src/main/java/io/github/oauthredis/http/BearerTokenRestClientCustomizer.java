package io.github.oauthredis.http;

import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.core.Ordered;
import org.springframework.web.client.RestClient;

/**
 * Adds the {@link BearerTokenInterceptor} to a {@code RestClient.Builder}, once however
 * often it is applied. Comes last, so that what other customizers add is around it.
 * Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BearerTokenRestClientCustomizer implements RestClientCustomizer, Ordered {

	private final BearerTokenInterceptor interceptor;

	/**
	 * Create a customizer.
	 * @param interceptor what to add
	 */
	public BearerTokenRestClientCustomizer(BearerTokenInterceptor interceptor) {
		this.interceptor = interceptor;
	}

	@Override
	public void customize(RestClient.Builder builder) {
		builder.requestInterceptors((interceptors) -> {
			if (!interceptors.contains(this.interceptor)) {
				interceptors.add(this.interceptor);
			}
		});
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
