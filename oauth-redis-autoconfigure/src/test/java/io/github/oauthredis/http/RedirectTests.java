package io.github.oauthredis.http;

import java.net.URI;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.http.HttpMethod;

import io.github.oauthredis.testkit.FakeResourceServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

/**
 * Hazard 27: no HTTP client carries a token along a redirect, whatever the application
 * asked of it.
 */
class RedirectTests {

	private final FakeResourceServer api = FakeResourceServer.start();

	private final FakeResourceServer other = FakeResourceServer.start();

	private final FakeTokens tokens = new FakeTokens();

	@AfterEach
	void stop() {
		this.api.close();
		this.other.close();
	}

	static Stream<Arguments> clients() {
		return Stream.of(argumentSet("RestClient, JDK", blocking(ClientHttpRequestFactoryBuilder.jdk())),
				argumentSet("RestClient, JDK, customized",
						blocking(ClientHttpRequestFactoryBuilder.jdk()
							.withHttpClientCustomizer((client) -> client.followRedirects(HttpClient.Redirect.ALWAYS)))),
				argumentSet("RestClient, HttpComponents", blocking(ClientHttpRequestFactoryBuilder.httpComponents())),
				argumentSet("RestClient, Jetty", blocking(ClientHttpRequestFactoryBuilder.jetty())),
				argumentSet("RestClient, Reactor Netty", blocking(ClientHttpRequestFactoryBuilder.reactor())),
				argumentSet("RestClient, simple", blocking(ClientHttpRequestFactoryBuilder.simple())),
				argumentSet("WebClient, JDK", reactive(ClientHttpConnectorBuilder.jdk())),
				argumentSet("WebClient, JDK, customized",
						reactive(ClientHttpConnectorBuilder.jdk()
							.withHttpClientCustomizer((client) -> client.followRedirects(HttpClient.Redirect.ALWAYS)))),
				argumentSet("WebClient, HttpComponents", reactive(ClientHttpConnectorBuilder.httpComponents())),
				argumentSet("WebClient, Jetty", reactive(ClientHttpConnectorBuilder.jetty())),
				argumentSet("WebClient, Reactor Netty", reactive(ClientHttpConnectorBuilder.reactor())));
	}

	private static Doors blocking(ClientHttpRequestFactoryBuilder<?> builder) {
		return (tokens, settings) -> Door.restClient(builder, settings,
				new BearerTokenInterceptor(tokens, new RequestTargets(Map.of()), true, true));
	}

	private static Doors reactive(ClientHttpConnectorBuilder<?> builder) {
		return (tokens, settings) -> Door.webClient(builder, settings,
				new BearerTokenExchangeFilter(tokens.reactive(), new RequestTargets(Map.of()), true, true));
	}

	@ParameterizedTest
	@MethodSource("clients")
	void sendWhenRedirectedElsewhereCarriesNoToken(Doors doors) {
		HttpClientSettings settings = BearerTokenContractTests.SETTINGS.withRedirects(HttpRedirects.FOLLOW);
		Door door = doors.with(this.tokens, settings);

		for (String location : List.of(this.other.uri("/to").toString(), "http://localhost:" + this.api.port() + "/to",
				"http://LOCALHOST:" + this.other.port() + "/to", "https://127.0.0.1:" + this.api.port() + "/to")) {
			for (int status : new int[] { 301, 302, 303, 307, 308 }) {
				this.api.redirect("/from", status, location);
				for (HttpMethod method : List.of(HttpMethod.GET, HttpMethod.POST)) {
					byte[] body = method.equals(HttpMethod.POST) ? new byte[] { 1 } : null;

					Door.Reply reply = door.send(Door.Call.of(method, this.api.uri("/from"), body).as("one"));

					assertThat(reply.status()).as("%s %d %s", method, status, location).isEqualTo(status);
				}
			}
		}

		assertThat(this.other.requests()).isEmpty();
		assertThat(this.api.requests("/to")).isEmpty();
		assertThat(this.api.requests("/from")).hasSize(40)
			.allSatisfy((request) -> assertThat(request.bearerToken()).isEqualTo("token-1"));
	}

	@ParameterizedTest
	@MethodSource("clients")
	void sendWhenRedirectedWithinOriginFollows(Doors doors) {
		Door door = doors.with(this.tokens, BearerTokenContractTests.SETTINGS);
		this.api.redirect("/from", 302, "/to").reject("token-1");

		Door.Reply reply = door.getAs("one", this.api.uri("/from"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(this.api.requests().stream().map((request) -> request.path() + " " + request.bearerToken()))
			.containsExactly("/from token-1", "/to token-1", "/from token-2", "/to token-2");
	}

	/**
	 * Jetty's client sometimes aborts a request with a body when it sees a 401, although
	 * all was sent, and reports an I/O error in place of the answer.
	 */
	static Stream<Arguments> clientsThatReportRefusals() {
		return clients().filter((arguments) -> !arguments.toString().contains("Jetty"));
	}

	@ParameterizedTest
	@MethodSource("clientsThatReportRefusals")
	void sendWhenBodyIsRefusedRepeatsIt(Doors doors) {
		Door door = doors.with(this.tokens, BearerTokenContractTests.SETTINGS);
		this.api.reject("token-1");
		byte[] body = new byte[50_000];
		body[7] = 7;

		Door.Reply reply = door.send(Door.Call.of(HttpMethod.PUT, this.api.uri("/x"), body).as("one"));

		assertThat(reply.status()).isEqualTo(200);
		assertThat(reply.body()).isEqualTo(body);
		assertThat(this.api.requests()).hasSize(2).allSatisfy((request) -> assertThat(request.body()).isEqualTo(body));
	}

	@ParameterizedTest
	@MethodSource("clients")
	void sendWhenOthersAreRedirectedClientFollows(Doors doors) {
		Door door = doors.with(this.tokens, BearerTokenContractTests.SETTINGS);
		this.api.redirect("/from", 302, this.other.uri("/to").toString());

		door.get(this.api.uri("/from"));

		assertThat(this.other.requests("/to")).hasSize(1);
	}

	@Test
	void nextWhenLocationIsRelativeResolvesAsRfcSays() {
		assertThat(next("http://h/a/b?x", "c")).isEqualTo("http://h/a/c");
		assertThat(next("http://h/a/b?x", "?y")).isEqualTo("http://h/a/b?y");
		assertThat(next("http://h", "c")).isEqualTo("http://h/c");
		assertThat(next("http://h?x", "?y")).isEqualTo("http://h/?y");
		assertThat(next("http://h/a", "HTTP://H:80/b")).isEqualTo("HTTP://H:80/b");
		assertThat(next("http://h/a", "//h/b")).isEqualTo("http://h/b");
		assertThat(next("http://h/a", "//h2/b")).isNull();
		assertThat(next("http://h/a", "http://h:81/b")).isNull();
		assertThat(next("http://h/a", "https://h/b")).isNull();
		assertThat(next("http://h/a", "http://h@h2/b")).isNull();
		assertThat(next("http://h/a", "a b")).isNull();
		assertThat(next("http://h/a", "mailto:x")).isNull();
		assertThat(next("http://h/a", null)).isNull();
		assertThat(Redirects.next(HttpMethod.GET, URI.create("http://h/a"), 304, "/b")).isNull();
		assertThat(Redirects.next(HttpMethod.DELETE, URI.create("http://h/a"), 302, "/b")).isNull();
		assertThat(Redirects.next(HttpMethod.HEAD, URI.create("http://h/a"), 302, "/b")).isNotNull();
	}

	private static String next(String from, String location) {
		URI next = Redirects.next(HttpMethod.GET, URI.create(from), 302, location);
		return (next != null) ? next.toString() : null;
	}

	@FunctionalInterface
	interface Doors {

		Door with(FakeTokens tokens, HttpClientSettings settings);

	}

}
