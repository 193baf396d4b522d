package io.github.oauthredis.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.InputStreamResource;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.security.oauth2.client.annotation.ClientRegistrationId;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.test.web.client.MockRestServiceServer;
import org.springframework.test.web.client.match.MockRestRequestMatchers;
import org.springframework.test.web.client.response.MockRestResponseCreators;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

import io.github.oauthredis.token.GrantLostException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link BearerTokenInterceptor}.
 */
@ExtendWith(OutputCaptureExtension.class)
class BearerTokenInterceptorTests extends BearerTokenContractTests {

	@Override
	Door door(FakeTokens tokens, RequestTargets targets, boolean retryOnUnauthorized, boolean challengeExceptions,
			HttpClientSettings settings) {
		return Door.restClient(ClientHttpRequestFactoryBuilder.jdk(), settings,
				new BearerTokenInterceptor(tokens, targets, retryOnUnauthorized, challengeExceptions));
	}

	private RestClient.Builder builder() {
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.tokens, new RequestTargets(Map.of()), true,
				true);
		return RestClient.builder()
			.requestFactory(RedirectGuards.guardRequestFactories(ClientHttpRequestFactoryBuilder.jdk()).build(SETTINGS))
			.apply(new BearerTokenRestClientCustomizer(interceptor)::customize);
	}

	/**
	 * Hazard 17: interceptors hold bodies in memory, so even this one can be repeated.
	 */
	@Test
	void sendWhenStreamIsRefusedRepeatsItByteForByte() {
		this.api.reject("token-1");
		InputStream once = new ByteArrayInputStream("once".getBytes(StandardCharsets.UTF_8));

		String answer = builder().build()
			.post()
			.uri(this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.body(new InputStreamResource(once))
			.retrieve()
			.body(String.class);

		assertThat(answer).isEqualTo("once");
		assertThat(this.api.requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request.bodyText()).isEqualTo("once"));
	}

	@Test
	void sendLeavesTokenOutOfWhatTheCallerSees() {
		AtomicReference<HttpRequest> seen = new AtomicReference<>();

		builder().build()
			.get()
			.uri(this.api.uri("/x"))
			.attributes(ClientAttributes.clientRegistrationId("one"))
			.exchange((request, response) -> {
				seen.set(request);
				return response.getStatusCode();
			});

		assertThat(seen.get().getHeaders().containsHeader("Authorization")).isFalse();
		assertThat(seen.get().getAttributes().toString()).doesNotContain("token-1");
	}

	@ParameterizedTest
	@ValueSource(strings = { "invalid_token", "insufficient_scope" })
	void sendWhenAnotherInterceptorReplacesAuthorizationLeavesItAlone(String error) {
		this.api.refuse("theirs", 401, "Bearer error=\"" + error + "\"");
		RestClient client = builder().requestInterceptor((request, body, execution) -> {
			request.getHeaders().setBearerAuth("theirs");
			return execution.execute(request, body);
		}).build();

		assertThat(Door.restClient(client).getAs("one", this.api.uri("/x")).status()).isEqualTo(401);
		assertThat(this.api.requests()).singleElement()
			.satisfies((request) -> assertThat(request.bearerToken()).isEqualTo("theirs"));
		assertThat(this.tokens.refused()).isEmpty();
	}

	@Test
	void sendWhenServiceMethodIsAnnotatedBearsToken() {
		Service service = HttpServiceProxyFactory
			.builderFor(RestClientAdapter.create(builder().baseUrl(this.api.uri("").toString()).build()))
			.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE)
			.build()
			.createClient(Service.class);

		service.call();

		assertThat(this.tokens.requests().get(0).getClientRegistrationId()).isEqualTo("annotated");
	}

	@Test
	void sendWhenMockServerIsBoundShowsItTheToken() {
		RestClient.Builder builder = builder();
		MockRestServiceServer server = MockRestServiceServer.bindTo(builder).build();
		server.expect(MockRestRequestMatchers.header("Authorization", "Bearer token-1"))
			.andRespond(MockRestResponseCreators.withUnauthorizedRequest());
		server.expect(MockRestRequestMatchers.header("Authorization", "Bearer token-2"))
			.andRespond(MockRestResponseCreators.withSuccess());

		Door.Reply reply = Door.restClient(builder.build()).getAs("one", this.api.uri("/x"));

		assertThat(reply.status()).isEqualTo(200);
		server.verify();
	}

	@Test
	void sendWhenFactoryIsNotGuardedWarnsOnce(CapturedOutput output) {
		Door door = Door.restClient(builder().requestFactory(new JdkClientHttpRequestFactory()).build());

		door.getAs("one", this.api.uri("/x"));
		door.getAs("one", this.api.uri("/x"));

		assertThat(output.getAll()).containsOnlyOnce("not guarded against redirects")
			.containsOnlyOnce("RedirectGuards.nonFollowing");
	}

	@Test
	void sendWhenFactoryIsNotGuardedFollowsNothingItself() {
		this.api.redirect("/from", 302, "/to");
		Door door = Door.restClient(builder().requestFactory(new JdkClientHttpRequestFactory()).build());

		assertThat(door.getAs("one", this.api.uri("/from")).status()).isEqualTo(302);
	}

	@Test
	void sendWhenFactoryIsDeclaredNonFollowingIsSilent(CapturedOutput output) {
		HttpClient client = HttpClient.newBuilder().followRedirects(HttpClient.Redirect.NEVER).build();
		Door door = Door.restClient(
				builder().requestFactory(RedirectGuards.nonFollowing(new JdkClientHttpRequestFactory(client))).build());

		assertThat(door.getAs("one", this.api.uri("/x")).status()).isEqualTo(200);
		assertThat(output.getAll()).doesNotContain("not guarded");
	}

	@Test
	void sendWithoutTokenIsSilent(CapturedOutput output) {
		Door.restClient(builder().requestFactory(new JdkClientHttpRequestFactory()).build()).get(this.api.uri("/x"));

		assertThat(output.getAll()).doesNotContain("not guarded");
	}

	@Test
	void sendWhenRefusedClosesRefusalBeforeRepeat() throws IOException {
		assertThat(stubbed(401, 200)).containsExactly("sent 401", "closed 401", "sent 200");
	}

	@Test
	void sendWhenRefusedAgainLeavesSecondToCaller() throws IOException {
		assertThat(stubbed(401, 401)).containsExactly("sent 401", "closed 401", "sent 401");
	}

	@Test
	void sendWhenRenewalFailsLeavesRefusalToCaller() throws IOException {
		this.tokens.renewal((refused) -> null);

		assertThat(stubbed(401)).containsExactly("sent 401");
	}

	@Test
	void sendWhenDeadGrantShowsClosesRefusal() {
		List<String> events = new ArrayList<>();
		this.tokens.renewal((refused) -> {
			throw new GrantLostException("one", "invalid_grant");
		});

		assertThatExceptionOfType(GrantLostException.class).isThrownBy(() -> stubbed(events, 401));
		assertThat(events).containsExactly("sent 401", "closed 401");
	}

	@Test
	void sendWhenRedirectedClosesRedirect() throws IOException {
		assertThat(stubbed(302, 200)).containsExactly("sent 302", "closed 302", "sent 200");
	}

	private List<String> stubbed(int... statuses) throws IOException {
		return stubbed(new ArrayList<>(), statuses);
	}

	/** An execution below the interceptor that answers so and reports events. */
	private List<String> stubbed(List<String> events, int... statuses) throws IOException {
		Iterator<Integer> next = Arrays.stream(statuses).iterator();
		MockClientHttpRequest request = new MockClientHttpRequest(HttpMethod.GET, this.api.uri("/x"));
		ClientAttributes.clientRegistrationId("one").accept(request.getAttributes());
		new BearerTokenInterceptor(this.tokens, new RequestTargets(Map.of()), true, true).intercept(request,
				new byte[0], (sent, body) -> {
					((RedirectMarker) sent.getAttributes().get(RedirectMarker.NAME)).guarded(true);
					int status = next.next();
					events.add("sent " + status);
					MockClientHttpResponse response = new MockClientHttpResponse(new byte[0], status) {
						@Override
						public void close() {
							events.add("closed " + status);
						}
					};
					response.getHeaders().set("Location", "/y");
					return response;
				});
		assertThat(next.hasNext()).isFalse();
		return events;
	}

	interface Service {

		@GetExchange("/x")
		@ClientRegistrationId("annotated")
		void call();

	}

}
