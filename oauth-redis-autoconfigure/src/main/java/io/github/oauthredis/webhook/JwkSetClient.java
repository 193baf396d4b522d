package io.github.oauthredis.webhook;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Fetches JWK Sets with deadlines, bounded answers and without redirects. Thread-safe;
 * blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class JwkSetClient {

	private static final int LONGEST_SET = 256 * 1024;

	private static final Duration DEADLINE = Duration.ofSeconds(5);

	private final ClientHttpRequestFactory requests;

	/**
	 * Create a client.
	 * @param connectTimeout longest time to connect
	 * @param sslBundle what to trust and to show; null for the default of the platform
	 */
	public JwkSetClient(Duration connectTimeout, @Nullable SslBundle sslBundle) {
		this.requests = ClientHttpRequestFactoryBuilder.jdk()
			.withCustomizer((factory) -> factory.enableCompression(false))
			.build(HttpClientSettings.defaults()
				.withRedirects(HttpRedirects.DONT_FOLLOW)
				.withTimeouts(connectTimeout, DEADLINE)
				.withSslBundle(sslBundle));
	}

	/**
	 * Fetch a set.
	 * @param uri where it is
	 * @return the set, unchecked
	 * @throws IllegalStateException if it cannot be had
	 */
	public String fetch(String uri) {
		try (ClientHttpResponse response = this.requests.createRequest(URI.create(uri), HttpMethod.GET).execute()) {
			byte[] body = response.getBody().readNBytes(LONGEST_SET + 1);
			if (!response.getStatusCode().is2xxSuccessful() || body.length > LONGEST_SET) {
				response.getBody().close();
				throw new IllegalStateException("JWK Set was not served: status %d, %s".formatted(
						response.getStatusCode().value(), (body.length > LONGEST_SET) ? "too long" : "not too long"));
			}
			return new String(body, StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new IllegalStateException("JWK Set cannot be fetched", ex);
		}
	}

}
