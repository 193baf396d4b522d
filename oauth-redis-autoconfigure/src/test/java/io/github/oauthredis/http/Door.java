package io.github.oauthredis.http;

import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * One of the two doors, as a caller uses it.
 */
@FunctionalInterface
interface Door {

	Reply send(Call call);

	default Reply get(URI uri) {
		return send(Call.get(uri));
	}

	default Reply getAs(String registrationId, URI uri) {
		return send(Call.get(uri).as(registrationId));
	}

	static Door restClient(RestClient client) {
		return (call) -> {
			RestClient.RequestBodySpec spec = client.method(call.method())
				.uri(call.uri())
				.headers(call.headers())
				.attributes(call.attributes());
			if (call.body() != null) {
				spec.body(call.body());
			}
			return spec.exchange((request, response) -> new Reply(response.getStatusCode().value(),
					response.getHeaders(), response.getBody().readAllBytes()));
		};
	}

	static Door webClient(WebClient client) {
		return (call) -> {
			WebClient.RequestBodySpec spec = client.method(call.method())
				.uri(call.uri())
				.headers(call.headers())
				.attributes(call.attributes());
			if (call.body() != null) {
				spec.bodyValue(call.body());
			}
			return spec
				.exchangeToMono((response) -> response.bodyToMono(byte[].class)
					.defaultIfEmpty(new byte[0])
					.map((body) -> new Reply(response.statusCode().value(), response.headers().asHttpHeaders(), body)))
				.block();
		};
	}

	static Door restClient(ClientHttpRequestFactoryBuilder<?> builder, HttpClientSettings settings,
			BearerTokenInterceptor interceptor) {
		return restClient(RedirectGuards.guardRequestFactories(builder).build(settings), interceptor);
	}

	static Door restClient(ClientHttpRequestFactory factory, BearerTokenInterceptor interceptor) {
		return restClient(RestClient.builder()
			.requestFactory(factory)
			.apply(new BearerTokenRestClientCustomizer(interceptor)::customize)
			.build());
	}

	static Door webClient(ClientHttpConnectorBuilder<?> builder, HttpClientSettings settings,
			BearerTokenExchangeFilter filter) {
		return webClient(RedirectGuards.guardConnectors(builder).build(settings), filter);
	}

	static Door webClient(ClientHttpConnector connector, BearerTokenExchangeFilter filter) {
		return webClient(WebClient.builder()
			.clientConnector(connector)
			.apply(new BearerTokenWebClientCustomizer(filter)::customize)
			.build());
	}

	@SuppressWarnings("ArrayRecordComponent")
	record Call(HttpMethod method, URI uri, Consumer<HttpHeaders> headers, Consumer<Map<String, Object>> attributes,
			byte @Nullable [] body) {

		static Call get(URI uri) {
			return of(HttpMethod.GET, uri, null);
		}

		static Call of(HttpMethod method, URI uri, byte @Nullable [] body) {
			return new Call(method, uri, (headers) -> {
			}, (attributes) -> {
			}, body);
		}

		Call with(Consumer<Map<String, Object>> attributes) {
			return new Call(this.method, this.uri, this.headers, this.attributes.andThen(attributes), this.body);
		}

		Call as(String registrationId) {
			return with(ClientAttributes.clientRegistrationId(registrationId));
		}

		Call header(String name, String value) {
			return new Call(this.method, this.uri, this.headers.andThen((headers) -> headers.add(name, value)),
					this.attributes, this.body);
		}

	}

	@SuppressWarnings("ArrayRecordComponent")
	record Reply(int status, HttpHeaders headers, byte[] body) {
	}

}
