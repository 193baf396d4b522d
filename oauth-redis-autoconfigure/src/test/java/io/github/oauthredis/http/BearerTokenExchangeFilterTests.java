package io.github.oauthredis.http;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.core.ParameterizedTypeReference;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DefaultDataBufferFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.http.client.reactive.ClientHttpRequest;
import org.springframework.http.client.reactive.JdkClientHttpConnector;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.mock.http.client.reactive.MockClientHttpRequest;
import org.springframework.mock.http.client.reactive.MockClientHttpResponse;
import org.springframework.security.authentication.TestingAuthenticationToken;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.ReactiveSecurityContextHolder;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.web.reactive.function.BodyInserter;
import org.springframework.web.reactive.function.BodyInserters;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunctions;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.test.StepVerifier;
import reactor.util.context.Context;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RecordedRequest;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BearerTokenExchangeFilter}.
 */
class BearerTokenExchangeFilterTests extends BearerTokenContractTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	@Override
	Door door(FakeTokens tokens, RequestTargets targets, boolean retryOnUnauthorized, boolean challengeExceptions,
			HttpClientSettings settings) {
		return Door.webClient(ClientHttpConnectorBuilder.jdk(), settings,
				new BearerTokenExchangeFilter(tokens.reactive(), targets, retryOnUnauthorized, challengeExceptions));
	}

	private BearerTokenExchangeFilter filter(ReactiveOAuth2AuthorizedClientManager manager) {
		return new BearerTokenExchangeFilter(manager, new RequestTargets(Map.of()), true, true);
	}

	private WebClient.Builder builder(ClientHttpConnectorBuilder<?> connectors) {
		return WebClient.builder()
			.clientConnector(RedirectGuards.guardConnectors(connectors).build(SETTINGS))
			.apply(new BearerTokenWebClientCustomizer(filter(this.tokens.reactive()))::customize);
	}

	private int post(BodyInserter<?, ? super ClientHttpRequest> body) {
		// Reactor Netty's requests can send files without copying, the JDK's cannot.
		return post(builder(ClientHttpConnectorBuilder.reactor()).build(), body);
	}

	private int post(WebClient client, BodyInserter<?, ? super ClientHttpRequest> body) {
		return client.post()
			.uri(this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.body(body)
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.block(BOUND);
	}

	private static Flux<DataBuffer> buffers(String... parts) {
		return Flux.just(parts)
			.map((part) -> DefaultDataBufferFactory.sharedInstance.wrap(part.getBytes(StandardCharsets.UTF_8)));
	}

	private List<String> bodies() {
		return this.api.requests().stream().map(RecordedRequest::bodyText).toList();
	}

	/** Hazard 17. */
	@Test
	void sendWhenStreamIsRefusedReportsAndPassesOnRefusal() {
		this.api.reject("token-1");
		AtomicInteger subscriptions = new AtomicInteger();
		Flux<DataBuffer> once = buffers("a", "b").doOnSubscribe((subscription) -> subscriptions.incrementAndGet());

		int status = post(BodyInserters.fromDataBuffers(once));

		assertThat(status).isEqualTo(401);
		assertThat(subscriptions).hasValue(1);
		assertThat(bodies()).containsExactly("ab");
		assertThat(this.tokens.refused()).containsExactly("token-1");
		assertThat(this.tokens.generation()).isEqualTo(2);
	}

	@Test
	void sendWhenGetWithStreamIsRedirectedReturnsRedirect() {
		this.api.redirect("/from", 302, "/to");

		Integer status = builder(ClientHttpConnectorBuilder.reactor()).build()
			.method(HttpMethod.GET)
			.uri(this.api.uri("/from"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.body(BodyInserters.fromDataBuffers(buffers("a", "b")))
			.exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value()))
			.block(BOUND);

		assertThat(status).isEqualTo(302);
		assertThat(this.api.requests()).hasSize(1);
	}

	/** Hazard 17. */
	@Test
	void sendWhenMultipartOrResourceIsRefusedPassesOnRefusal() {
		this.api.rejectAlways();

		assertThat(post(BodyInserters.fromMultipartData("part", "value"))).isEqualTo(401);
		assertThat(post(BodyInserters.fromResource(new ByteArrayResource(new byte[100_000])))).isEqualTo(401);
		assertThat(this.api.requests()).hasSize(2);
	}

	/** Hazard 17. */
	@Test
	void sendWhenBodyIsTooLargeToKeepPassesOnRefusal() {
		this.api.reject("token-1");

		assertThat(post(BodyInserters.fromValue("x".repeat(RecordedBody.LIMIT + 1)))).isEqualTo(401);
		assertThat(this.api.requests()).hasSize(1);
	}

	@Test
	void sendWhenBodyIsAsLargeAsCanBeKeptRepeats() {
		this.api.reject("token-1");

		assertThat(post(BodyInserters.fromValue("x".repeat(RecordedBody.LIMIT)))).isEqualTo(200);
	}

	/** Hazard 17. */
	@Test
	void sendWhenSingleBufferIsRefusedRepeatsWithoutAskingItsSourceAgain() {
		this.api.reject("token-1");
		AtomicInteger calls = new AtomicInteger();
		Mono<Map<String, Integer>> source = Mono.fromSupplier(() -> Map.of("call", calls.incrementAndGet()));

		int status = post(BodyInserters.fromPublisher(source, new ParameterizedTypeReference<Map<String, Integer>>() {
		}));

		assertThat(status).isEqualTo(200);
		assertThat(calls).hasValue(1);
		assertThat(bodies()).containsExactly("{\"call\":1}", "{\"call\":1}");
		assertThat(this.api.requests()).allSatisfy((request) -> {
			assertThat(request.header("Content-Type")).isEqualTo("application/json");
			assertThat(request.header("Content-Length")).isEqualTo("10");
		});
	}

	@Test
	void sendWhenFormIsRefusedRepeats() {
		this.api.reject("token-1");

		assertThat(post(BodyInserters.fromFormData("a", "b"))).isEqualTo(200);
		assertThat(bodies()).containsExactly("a=b", "a=b");
	}

	@Test
	void sendWhenEmptyBodyIsRefusedRepeats() {
		this.api.reject("token-1");

		assertThat(post(BodyInserters.fromPublisher(Mono.empty(), String.class))).isEqualTo(200);
		assertThat(this.api.requests()).hasSize(2);
	}

	@ParameterizedTest
	@ValueSource(booleans = { true, false })
	void sendWhenConnectorIsNotGuardedSendsNothing(boolean jdk) {
		ClientHttpConnector connector = jdk ? new JdkClientHttpConnector() : new ReactorClientHttpConnector();
		Door door = Door.webClient(connector, filter(this.tokens.reactive()));

		assertThatExceptionOfType(TokenUnavailableException.class)
			.isThrownBy(() -> door.getAs("one", this.api.uri("/x")))
			.withMessageContaining("'one'")
			.withMessageContaining("RedirectGuards.nonFollowing");
		assertThat(this.api.requests()).isEmpty();
		assertThat(door.get(this.api.uri("/x")).status()).isEqualTo(401);
	}

	@Test
	void sendWhenConnectorIsDeclaredNonFollowingSends() {
		this.api.redirect("/from", 302, "/to");
		Door door = Door.webClient(RedirectGuards.nonFollowing(new ReactorClientHttpConnector()),
				filter(this.tokens.reactive()));

		assertThat(door.getAs("one", this.api.uri("/x")).status()).isEqualTo(200);
		assertThat(door.getAs("one", this.api.uri("/from")).status()).isEqualTo(302);
	}

	@Test
	void sendLeavesTokenOutOfRequestsAndErrors() {
		AtomicReference<ClientRequest> seen = new AtomicReference<>();
		WebClient client = builder(ClientHttpConnectorBuilder.jdk()).filter((request, next) -> {
			seen.set(request);
			return next.exchange(request);
		}).defaultHeader("X-Mine", "a").build();
		this.api.refuse("token-1", 403, "Bearer");
		int port = this.other.port();
		this.other.close();

		assertThatExceptionOfType(WebClientResponseException.class)
			.isThrownBy(() -> get(client, this.api.uri("/x").toString()))
			.satisfies((ex) -> assertThat(withoutToken(ex.getRequest().getHeaders())).isTrue());
		assertThatExceptionOfType(WebClientRequestException.class)
			.isThrownBy(() -> get(client, "http://127.0.0.1:" + port + "/x"))
			.satisfies((ex) -> assertThat(withoutToken(ex.getHeaders())).isTrue());
		assertThat(withoutToken(seen.get().headers())).isTrue();
		assertThat(seen.get().attributes().toString()).doesNotContain("token-1");
	}

	private static boolean withoutToken(HttpHeaders headers) {
		return headers.containsHeader("X-Mine") && !headers.containsHeader("Authorization");
	}

	private static String get(WebClient client, String uri) {
		return client.get()
			.uri(uri)
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.retrieve()
			.bodyToMono(String.class)
			.block(BOUND);
	}

	@ParameterizedTest
	@ValueSource(strings = { "invalid_token", "insufficient_scope" })
	void sendWhenAnotherFilterAddsAuthorizationLeavesItAlone(String error) {
		this.api.refuse("theirs", 401, "Bearer error=\"" + error + "\"");
		WebClient client = builder(ClientHttpConnectorBuilder.jdk())
			.filter((request, next) -> next
				.exchange(ClientRequest.from(request).headers((headers) -> headers.setBearerAuth("theirs")).build()))
			.build();

		assertThat(Door.webClient(client).getAs("one", this.api.uri("/x")).status()).isEqualTo(401);
		assertThat(this.api.requests()).singleElement()
			.satisfies((request) -> assertThat(request.bearerToken()).isEqualTo("theirs"));
		assertThat(this.tokens.refused()).isEmpty();
	}

	@Test
	void sendWhenBodyCallsAnotherApiLeavesThatCallAlone() {
		this.other.redirect("/from", 302, "/to");
		WebClient client = builder(ClientHttpConnectorBuilder.jdk()).build();
		Mono<String> nested = client.get()
			.uri(this.other.uri("/from"))
			.exchangeToMono(
					(response) -> response.releaseBody().thenReturn(String.valueOf(response.statusCode().value())));

		assertThat(post(client, BodyInserters.fromPublisher(nested, String.class))).isEqualTo(200);
		assertThat(this.other.requests("/to")).hasSize(1);
		assertThat(this.other.requests()).allSatisfy((request) -> assertThat(request.bearerToken()).isNull());
	}

	@Test
	void sendWhenContextHasUserAsksAsUser() {
		Authentication alice = new TestingAuthenticationToken("alice", null);
		SecurityContextHolder.getContext().setAuthentication(new TestingAuthenticationToken("bob", null));

		call(builder(ClientHttpConnectorBuilder.jdk()).build())
			.contextWrite(ReactiveSecurityContextHolder.withAuthentication(alice))
			.block(BOUND);

		assertThat(this.tokens.principal()).isSameAs(alice);
	}

	@Test
	void sendWhenServletThreadHandsOverAsksAsUser() {
		Authentication alice = new TestingAuthenticationToken("alice", null);

		call(builder(ClientHttpConnectorBuilder.jdk()).build()).subscribeOn(Schedulers.boundedElastic())
			.contextWrite(Context.of("org.springframework.security.SECURITY_CONTEXT_ATTRIBUTES",
					Map.of(Authentication.class, alice)))
			.block(BOUND);

		assertThat(this.tokens.principal()).isSameAs(alice);
	}

	private Mono<HttpStatus> call(WebClient client) {
		return client.get()
			.uri(this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.exchangeToMono((response) -> response.releaseBody().thenReturn(HttpStatus.OK));
	}

	@Test
	void sendAsksManagerOncePerRequest() {
		AtomicInteger subscriptions = new AtomicInteger();
		WebClient client = WebClient.builder()
			.clientConnector(RedirectGuards.guardConnectors(ClientHttpConnectorBuilder.jdk()).build(SETTINGS))
			.filter(filter((request) -> this.tokens.reactive()
				.authorize(request)
				.doOnSubscribe((subscription) -> subscriptions.incrementAndGet())))
			.build();

		call(client).block(BOUND);

		assertThat(this.tokens.requests()).hasSize(1);
		assertThat(subscriptions).hasValue(1);
	}

	/** Hazard 12. */
	@Test
	void sendWhenCancelledWhileAskingSendsNothing() {
		AtomicBoolean cancelled = new AtomicBoolean();
		WebClient client = WebClient.builder()
			.filter(filter((request) -> Mono.<OAuth2AuthorizedClient>never().doOnCancel(() -> cancelled.set(true))))
			.build();

		call(client).subscribe().dispose();

		assertThat(cancelled).isTrue();
		assertThat(this.api.requests()).isEmpty();
	}

	/** Hazard 12. */
	@Test
	void sendWhenCancelledWhileRenewingReleasesRefusal() {
		AtomicBoolean asked = new AtomicBoolean();
		List<String> events = new CopyOnWriteArrayList<>();
		Mono<ClientResponse> exchange = stubbed(events, (request) -> {
			boolean first = request.getAttribute(RequestAttributes.REFUSED_TOKEN) == null;
			return first ? this.tokens.reactive().authorize(request)
					: Mono.<OAuth2AuthorizedClient>never().doOnSubscribe((subscription) -> asked.set(true));
		});

		Disposable caller = exchange.subscribe();
		Await.until(BOUND, asked::get);
		assertThat(events).containsExactly("sent");
		caller.dispose();

		assertThat(events).containsExactly("sent", "released");
	}

	@Test
	void sendWhenDeadGrantShowsReleasesRefusal() {
		List<String> events = new CopyOnWriteArrayList<>();
		this.tokens.renewal((refused) -> {
			throw new GrantLostException("one", "invalid_grant");
		});

		assertThatExceptionOfType(GrantLostException.class)
			.isThrownBy(() -> stubbed(events, this.tokens.reactive()).block(BOUND));
		assertThat(events).containsExactly("sent", "released");
	}

	@Test
	void sendWhenManagerThrowsOnReportLeavesRefusalToCaller() {
		List<String> events = new CopyOnWriteArrayList<>();

		ClientResponse response = stubbed(events, (request) -> {
			if (request.getAttribute(RequestAttributes.REFUSED_TOKEN) != null) {
				throw new IllegalStateException("thrown, not signalled");
			}
			return this.tokens.reactive().authorize(request);
		}).block(BOUND);

		assertThat(response.statusCode().value()).isEqualTo(401);
		assertThat(events).containsExactly("sent");
	}

	@Test
	void sendWhenRefusedReleasesRefusalBeforeRepeat() {
		List<String> events = new CopyOnWriteArrayList<>();

		stubbed(events, this.tokens.reactive()).block(BOUND);

		assertThat(events).containsExactly("sent", "released", "sent");
	}

	@Test
	void sendWhenBodyOfAChallengeDoesNotEndFailsAndGivesItUp() {
		AtomicBoolean cancelled = new AtomicBoolean();
		ClientResponse response = ClientResponse.create(HttpStatus.FORBIDDEN)
			.header("WWW-Authenticate", "Bearer error=\"insufficient_scope\"")
			.body(Flux.<DataBuffer>never().doOnCancel(() -> cancelled.set(true)))
			.build();
		ClientRequest request = ClientRequest.create(HttpMethod.GET, this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.build();

		StepVerifier
			.withVirtualTime(() -> filter(this.tokens.reactive()).filter(request, (sent) -> Mono.just(response)))
			.thenAwait(Duration.ofSeconds(1))
			.expectError(InsufficientScopeException.class)
			.verify(BOUND);

		assertThat(cancelled).isTrue();
	}

	@Test
	void sendWhenRenewalFailsLeavesRefusalToCaller() {
		List<String> events = new CopyOnWriteArrayList<>();
		this.tokens.renewal((refused) -> null);

		ClientResponse response = stubbed(events, this.tokens.reactive()).block(BOUND);

		assertThat(events).containsExactly("sent");
		assertThat(response.bodyToMono(String.class).block(BOUND)).isEqualTo("refused");
	}

	/**
	 * An exchange function below the filter that always answers 401 and reports events.
	 */
	private Mono<ClientResponse> stubbed(List<String> events, ReactiveOAuth2AuthorizedClientManager manager) {
		ClientRequest request = ClientRequest.create(HttpMethod.GET, this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.build();
		ClientHttpConnector connector = (method, uri, callback) -> {
			return callback.apply(new MockClientHttpRequest(method, uri)).then(Mono.fromSupplier(() -> {
				events.add("sent");
				MockClientHttpResponse response = new MockClientHttpResponse(401);
				response.getHeaders().setContentType(MediaType.TEXT_PLAIN);
				response.setBody(buffers("refused").doOnSubscribe((subscription) -> events.add("released")));
				return response;
			}));
		};
		return filter(manager).filter(request, ExchangeFunctions.create(RedirectGuards.nonFollowing(connector)));
	}

}
