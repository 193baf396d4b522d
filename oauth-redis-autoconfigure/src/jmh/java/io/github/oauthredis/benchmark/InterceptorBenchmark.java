package io.github.oauthredis.benchmark;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.AbstractClientHttpRequest;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.security.oauth2.client.InMemoryOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
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
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class InterceptorBenchmark {

	@Benchmark
	public HttpStatusCode withoutInterceptor(Plain door) {
		return door.call();
	}

	@Benchmark
	public HttpStatusCode stockInMemory(StockInterceptor door) {
		return door.call();
	}

	@Benchmark
	public HttpStatusCode oursNearCacheHit(OursNearCache door) {
		return door.call();
	}

	@Benchmark
	public HttpStatusCode oursRedisHit(OursRedis door) {
		return door.call();
	}

	@Benchmark
	public HttpStatusCode oursUntouched(OursUntouched door) {
		return door.call();
	}

	/** A client, and the call that is measured. */
	abstract static class Door {

		private static final URI API = URI.create("https://api.example/orders/1");

		private RestClient client;

		private Consumer<Map<String, Object>> attributes = (attributes) -> {
		};

		void prepare(RestClient.Builder builder) {
			this.client = builder.build();
		}

		/** Says with each call whose token it needs. */
		void select() {
			Consumer<Map<String, Object>> registration = RequestAttributeClientRegistrationIdResolver
				.clientRegistrationId(Samples.USERS);
			this.attributes = registration.andThen(RequestAttributePrincipalResolver.principal(Samples.user("alice")));
		}

		HttpStatusCode call() {
			return this.client.get()
				.uri(API)
				.attributes(this.attributes)
				.exchange((request, response) -> response.getStatusCode());
		}

	}

	/** No interceptor at all. */
	@State(Scope.Benchmark)
	public static class Plain extends Door {

		@Setup
		public void setUp() {
			prepare(RestClient.builder().requestFactory(new AnsweringFactory()));
		}

	}

	/** Spring Security's interceptor on its manager and in-memory service. */
	@State(Scope.Benchmark)
	public static class StockInterceptor extends Door {

		@Setup
		public void setUp() {
			InMemoryClientRegistrationRepository registrations = Samples.registrations(Peer.TOKEN_URI);
			OAuth2AuthorizedClientService service = new InMemoryOAuth2AuthorizedClientService(registrations);
			service.saveAuthorizedClient(Samples.freshGrant(registrations.findByRegistrationId(Samples.USERS), "alice"),
					Samples.user("alice"));
			OAuth2ClientHttpRequestInterceptor interceptor = new OAuth2ClientHttpRequestInterceptor(
					Stock.manager(registrations, service));
			interceptor.setPrincipalResolver(new RequestAttributePrincipalResolver());
			prepare(RestClient.builder().requestFactory(new AnsweringFactory()).requestInterceptor(interceptor));
			select();
		}

	}

	/** The starter's interceptor; every call reads Redis. */
	@State(Scope.Benchmark)
	public static class OursRedis extends Door {

		private RedisServer redis;

		private Ours ours;

		@Setup
		public void setUp() {
			start(false);
			select();
		}

		void start(boolean nearCache) {
			this.redis = RedisServer.start();
			this.ours = Ours.start(this.redis.port(), Peer.TOKEN_URI, nearCache, Map.of());
			this.ours.save(Samples.freshGrant(this.ours.registration(Samples.USERS), "alice"));
			prepare(RestClient.builder()
				.requestFactory(RedirectGuards.nonFollowing(new AnsweringFactory()))
				.requestInterceptor(this.ours.bean(BearerTokenInterceptor.class)));
		}

		@TearDown
		public void tearDown() {
			this.ours.close();
			this.redis.close();
		}

	}

	/** The starter's interceptor as it is by default. */
	@State(Scope.Benchmark)
	public static class OursNearCache extends OursRedis {

		@Override
		@Setup
		public void setUp() {
			start(true);
			select();
		}

	}

	/** The starter's interceptor, and a call that needs no token. */
	@State(Scope.Benchmark)
	public static class OursUntouched extends OursRedis {

		@Override
		@Setup
		public void setUp() {
			start(true);
		}

	}

	private static final class AnsweringFactory implements ClientHttpRequestFactory {

		@Override
		public ClientHttpRequest createRequest(URI uri, HttpMethod httpMethod) {
			return new AnsweringRequest(uri, httpMethod);
		}

	}

	private static final class AnsweringRequest extends AbstractClientHttpRequest {

		private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);

		private final URI uri;

		private final HttpMethod method;

		AnsweringRequest(URI uri, HttpMethod method) {
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
			return this.body;
		}

		@Override
		protected ClientHttpResponse executeInternal(HttpHeaders headers) {
			return new Ok();
		}

	}

	private static final class Ok implements ClientHttpResponse {

		@Override
		public HttpStatusCode getStatusCode() {
			return HttpStatus.OK;
		}

		@Override
		public String getStatusText() {
			return "OK";
		}

		@Override
		public HttpHeaders getHeaders() {
			return new HttpHeaders();
		}

		@Override
		public InputStream getBody() {
			return new ByteArrayInputStream(new byte[0]);
		}

		@Override
		public void close() {
			// Nothing is open.
		}

	}

}
