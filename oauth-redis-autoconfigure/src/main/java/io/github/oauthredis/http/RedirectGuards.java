package io.github.oauthredis.http;

import java.net.http.HttpClient;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.JdkClientHttpConnectorBuilder;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;

/**
 * Keeps HTTP clients from carrying a token along a redirect. What is guarded sends
 * requests with a token of ours through a client that follows no redirects, and all
 * others as configured. The builder beans of Spring Boot are guarded already; this is for
 * applications that make their own.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedirectGuards {

	private RedirectGuards() {
	}

	/**
	 * Guard what a builder builds.
	 * @param builder the builder
	 * @return a builder of guarded request factories; the same if it is one
	 */
	public static ClientHttpRequestFactoryBuilder<?> guardRequestFactories(ClientHttpRequestFactoryBuilder<?> builder) {
		return (builder instanceof GuardedRequestFactoryBuilder) ? builder : new GuardedRequestFactoryBuilder(builder);
	}

	/**
	 * Guard what a builder builds.
	 * @param builder the builder
	 * @return a builder of guarded connectors; the same if it is one
	 */
	public static ClientHttpConnectorBuilder<?> guardConnectors(ClientHttpConnectorBuilder<?> builder) {
		return (builder instanceof GuardedConnectorBuilder) ? builder : new GuardedConnectorBuilder(builder);
	}

	/**
	 * Declare that a request factory follows no redirects by itself, so that requests
	 * with a token may go through it.
	 * @param factory a request factory that follows none
	 * @return the factory to use
	 */
	public static ClientHttpRequestFactory nonFollowing(ClientHttpRequestFactory factory) {
		return new GuardedRequestFactory(factory, () -> factory, false);
	}

	/**
	 * Declare that a connector follows no redirects by itself, so that requests with a
	 * token may go through it.
	 * @param connector a connector that follows none
	 * @return the connector to use
	 */
	public static ClientHttpConnector nonFollowing(ClientHttpConnector connector) {
		return new GuardedConnector(connector, () -> connector, false);
	}

	private static HttpClientSettings withoutRedirects(HttpClientSettings settings) {
		return settings.withRedirects(HttpRedirects.DONT_FOLLOW);
	}

	private static void never(HttpClient.Builder builder) {
		builder.followRedirects(HttpClient.Redirect.NEVER);
	}

	private record GuardedRequestFactoryBuilder(ClientHttpRequestFactoryBuilder<?> builder)
			implements
				ClientHttpRequestFactoryBuilder<GuardedRequestFactory> {

		@Override
		public GuardedRequestFactory build(@Nullable HttpClientSettings settings) {
			HttpClientSettings own = (settings != null) ? settings : HttpClientSettings.defaults();
			return new GuardedRequestFactory(this.builder.build(own), () -> nonFollowing(own),
					RedirectGuard.isFollowing(own));
		}

		private ClientHttpRequestFactory nonFollowing(HttpClientSettings settings) {
			// The JDK's client carries tokens along: not even a customizer may switch it
			// on.
			ClientHttpRequestFactoryBuilder<?> builder = (this.builder instanceof JdkClientHttpRequestFactoryBuilder jdk)
					? jdk.withHttpClientCustomizer(RedirectGuards::never) : this.builder;
			return builder.build(withoutRedirects(settings));
		}

	}

	private record GuardedConnectorBuilder(
			ClientHttpConnectorBuilder<?> builder) implements ClientHttpConnectorBuilder<GuardedConnector> {

		@Override
		public GuardedConnector build(@Nullable HttpClientSettings settings) {
			HttpClientSettings own = (settings != null) ? settings : HttpClientSettings.defaults();
			return new GuardedConnector(this.builder.build(own), () -> nonFollowing(own),
					RedirectGuard.isFollowing(own));
		}

		private ClientHttpConnector nonFollowing(HttpClientSettings settings) {
			ClientHttpConnectorBuilder<?> builder = (this.builder instanceof JdkClientHttpConnectorBuilder jdk)
					? jdk.withHttpClientCustomizer(RedirectGuards::never) : this.builder;
			return builder.build(withoutRedirects(settings));
		}

	}

}
