package io.github.oauthredis.http;

import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.core.Ordered;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * Adds the {@link BearerTokenExchangeFilter} to a {@code WebClient.Builder}, once however
 * often it is applied. Comes last, so that what other customizers add is around it.
 * Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class BearerTokenWebClientCustomizer implements WebClientCustomizer, Ordered {

	private final BearerTokenExchangeFilter filter;

	/**
	 * Create a customizer.
	 * @param filter what to add
	 */
	public BearerTokenWebClientCustomizer(BearerTokenExchangeFilter filter) {
		this.filter = filter;
	}

	@Override
	public void customize(WebClient.Builder builder) {
		builder.filters((filters) -> {
			if (!filters.contains(this.filter)) {
				filters.add(this.filter);
			}
		});
	}

	@Override
	public int getOrder() {
		return Ordered.LOWEST_PRECEDENCE;
	}

}
