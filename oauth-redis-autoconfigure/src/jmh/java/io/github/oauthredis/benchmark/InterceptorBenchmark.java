package io.github.oauthredis.benchmark;

import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;
import org.springframework.security.oauth2.client.web.client.RequestAttributePrincipalResolver;
import org.springframework.web.client.RestClient;

import io.github.oauthredis.http.BearerTokenInterceptor;
import io.github.oauthredis.http.RedirectGuards;
import io.github.oauthredis.testkit.RedisServer;

/**
 * What the interceptor adds to a call of a {@code RestClient}. The API answers at once
 * and in memory, so that HTTP is not measured.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@State(Scope.Benchmark)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class InterceptorBenchmark {

	private static final URI API = URI.create("https://api.example/orders/1");

	@Param("")
	private String peer;

	private final Consumer<Map<String, Object>> selector = RequestAttributeClientRegistrationIdResolver
		.clientRegistrationId(Samples.USERS)
		.andThen(RequestAttributePrincipalResolver.principal(Samples.user("alice")));

	private Consumer<Map<String, Object>> attributes;

	private RedisServer redis;

	private Peer opened;

	private RestClient client;

	@Setup
	public void setUp() {
		this.redis = RedisServer.start();
		String manager = this.peer.equals("none") ? "stock-memory" : this.peer.replace("-no-token", "");
		this.opened = Peer.open(manager, this.redis.port(), Peer.TOKEN_URI, Duration.ofMinutes(1));
		this.opened.save(Samples.freshGrant(this.opened.users(), "alice"));
		RestClient.Builder builder = RestClient.builder().requestFactory(RedirectGuards.nonFollowing(Answering::new));
		this.attributes = this.selector;
		if (this.peer.equals("none") || this.peer.equals("ours-no-token")) {
			this.attributes = (any) -> {
			};
		}
		if (!this.peer.equals("none")) {
			builder.requestInterceptor(interceptor());
		}
		this.client = builder.build();
	}

	private ClientHttpRequestInterceptor interceptor() {
		if (this.opened.resource() instanceof Ours ours) {
			return ours.bean(BearerTokenInterceptor.class);
		}
		OAuth2ClientHttpRequestInterceptor interceptor = new OAuth2ClientHttpRequestInterceptor(this.opened.manager());
		interceptor.setPrincipalResolver(new RequestAttributePrincipalResolver());
		return interceptor;
	}

	@Benchmark
	public HttpStatusCode call() {
		return this.client.get()
			.uri(API)
			.attributes(this.attributes)
			.exchange((request, response) -> response.getStatusCode());
	}

	@TearDown
	public void tearDown() throws Exception {
		this.opened.close();
		this.redis.close();
	}

	private static final class Answering extends AbstractClientHttpRequest {

		private final URI uri;

		private final HttpMethod method;

		Answering(URI uri, HttpMethod method) {
			this.uri = uri;
			this.method = method;
		}

		@Override
		public HttpMethod getMethod() {
			return this.method;
		}

		@Override
		public URI getURI() {
			return this.uri;
		}

		@Override
		protected OutputStream getBodyInternal(HttpHeaders headers) {
			return OutputStream.nullOutputStream();
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers) {
			return new MockClientHttpResponse(new byte[0], HttpStatus.OK);
		}

	}

}
