package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.annotation.ClientRegistrationId;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.web.ClientAttributes;
import org.springframework.security.oauth2.core.OAuth2AccessToken;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;

import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.FakeResourceServer;
import io.github.oauthredis.testkit.RecordedRequest;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whole applications of each kind that have nothing but the starter, two registrations
 * and a {@code uris} line, against a real Redis and over real HTTP.
 */
class StarterIntegrationTests {

	private final RedisServer redis = RedisServer.shared();

	private final String prefix = "starter-" + UUID.randomUUID();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.client("one-client", "one-secret")
		.client("two-client", "two-secret");

	private final FakeResourceServer api = FakeResourceServer.start().activeTokens(this.server::isActive);

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	@AfterEach
	void close() {
		this.applications.forEach(ConfigurableApplicationContext::close);
		this.api.close();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource
	void restClientSendsSharedTokens(WebApplicationType type) {
		for (int instance = 0; instance < 2; instance++) {
			RestClient client = start(type).getBean(RestClient.Builder.class).build();
			for (int call = 0; call < 3; call++) {
				assertThat(get(client, this.api.uri("/one"), "one")).isEqualTo(200);
				assertThat(get(client, this.api.uri("/two/things"), null)).isEqualTo(200);
			}
		}

		assertTokensAreShared();
	}

	@ParameterizedTest
	@EnumSource
	void webClientSendsSharedTokens(WebApplicationType type) {
		for (int instance = 0; instance < 2; instance++) {
			WebClient client = start(type).getBean(WebClient.Builder.class).build();
			for (int call = 0; call < 3; call++) {
				assertThat(get(client, this.api.uri("/one"), "one")).isEqualTo(200);
				assertThat(get(client, this.api.uri("/two/things"), null)).isEqualTo(200);
			}
		}

		assertTokensAreShared();
	}

	@ParameterizedTest
	@EnumSource
	void bothDoorsShareOneToken(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type);

		get(application.getBean(RestClient.Builder.class).build(), this.api.uri("/one"), "one");
		get(application.getBean(WebClient.Builder.class).build(), this.api.uri("/one"), "one");

		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource
	void requestThatMatchesNothingIsLeftAlone(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type);

		assertThat(get(application.getBean(RestClient.Builder.class).build(), this.api.uri("/three"), null))
			.isEqualTo(401);
		assertThat(get(application.getBean(WebClient.Builder.class).build(), this.api.uri("/three"), null))
			.isEqualTo(401);

		assertThat(this.api.requests("/three")).hasSize(2).allMatch((request) -> request.bearerToken() == null);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@ParameterizedTest
	@EnumSource
	void redirectToAnotherOriginDeliversNoToken(WebApplicationType type) {
		try (FakeResourceServer stranger = FakeResourceServer.start()) {
			this.api.redirect("/one", 302, stranger.uri("/one").toString());
			ConfigurableApplicationContext application = start(type, HttpServices.class);

			get(application.getBean(RestClient.Builder.class).build(), this.api.uri("/one"), "one");
			get(application.getBean(WebClient.Builder.class).build(), this.api.uri("/one"), "one");
			application.getBean(BlockingApi.class).one();
			application.getBean(NonBlockingApi.class).one().block();

			assertThat(this.api.requests("/one")).hasSize(4).allMatch((request) -> request.bearerToken() != null);
			assertThat(stranger.requests()).allMatch((request) -> request.header("Authorization") == null);
		}
	}

	@ParameterizedTest
	@EnumSource
	void httpServiceClientsSendTokens(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type, HttpServices.class);

		assertThat(application.getBean(BlockingApi.class).one().getStatusCode().value()).isEqualTo(200);
		assertThat(application.getBean(NonBlockingApi.class).one().block().getStatusCode().value()).isEqualTo(200);

		assertThat(this.api.requests("/one")).hasSize(2).allMatch((request) -> request.bearerToken() != null);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource
	void httpServiceClientsAskTheManagerOnce(WebApplicationType type) {
		this.api.activeTokens("counted"::equals);
		ConfigurableApplicationContext application = start(type, HttpServices.class, CountingManagers.class);

		application.getBean(BlockingApi.class).one();
		application.getBean(NonBlockingApi.class).one().block();

		assertThat(application.getBean(CountingManagers.class).blocking).hasValue(1);
		assertThat(application.getBean(CountingManagers.class).nonBlocking).hasValue(1);
		assertThat(this.api.requests("/one")).extracting(RecordedRequest::bearerToken).containsOnly("counted");
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void controllerArgumentIsResolvedByOurManager(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type,
				(type == WebApplicationType.SERVLET) ? ServletController.class : ReactiveController.class);
		String port = application.getEnvironment().getProperty("local.server.port");

		for (int call = 0; call < 2; call++) {
			String token = RestClient.create("http://127.0.0.1:" + port + "/token").get().retrieve().body(String.class);
			assertThat(this.server.isActive(token)).isTrue();
		}

		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void controllerArgumentOfVisitorWithoutTheAuthorityIsDenied(WebApplicationType type) {
		ConfigurableApplicationContext application = start(type,
				List.of("--oauth-redis.clients.one.allowed-authorities=ROLE_CLERK"),
				(type == WebApplicationType.SERVLET) ? ServletController.class : ReactiveController.class);
		String port = application.getEnvironment().getProperty("local.server.port");

		int status = RestClient.create("http://127.0.0.1:" + port + "/token")
			.get()
			.exchange((request, response) -> response.getStatusCode().value());

		assertThat(status).isEqualTo(500);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void redisShowsNeitherSecretsNorTokens() {
		get(start(WebApplicationType.NONE).getBean(RestClient.Builder.class).build(), this.api.uri("/one"), "one");

		String token = this.api.requests("/one").get(0).bearerToken();
		List<String> keys = this.redis.keys(this.prefix + ":{*");
		assertThat(keys).isNotEmpty().allMatch((key) -> key.startsWith(this.prefix + ":{one~"));
		for (String key : keys) {
			assertThat((Long) this.redis.command("PTTL", key)).as(key).isPositive();
			assertThat(String.valueOf(this.redis.command("HGETALL", key))).doesNotContain(token, "one-secret");
		}
	}

	private void assertTokensAreShared() {
		assertThat(this.server.requests()).extracting((request) -> request.clientId())
			.containsExactlyInAnyOrder("one-client", "two-client");
		assertThat(tokens("/one")).hasSize(1);
		assertThat(tokens("/two/things")).hasSize(1).doesNotContainAnyElementsOf(tokens("/one"));
	}

	private Set<String> tokens(String path) {
		return this.api.requests(path).stream().map(RecordedRequest::bearerToken).collect(Collectors.toSet());
	}

	@Test
	void replicasAreWaitedForIfThatIsSet() {
		this.redis.resetCommandCounts();
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("spring.data.redis.host=" + this.redis.host(),
					"spring.data.redis.port=" + this.redis.port(), "oauth-redis.key-prefix=" + this.prefix,
					"oauth-redis.redis-timeout=20s", "oauth-redis.refresh.wait-replicas=1")
			.run((context) -> {
				CompletionStage<?> replicated = context.getBean(TokenStore.class)
					.replicated(TokenKey.grant("one", "one-client", "http://127.0.0.1:1/token", "alice"), 1);

				Await.until("a question", Duration.ofSeconds(20), () -> this.redis.commandCounts().containsKey("wait"));
				assertThat(replicated.toCompletableFuture()).isNotDone();
			});
	}

	private ConfigurableApplicationContext start(WebApplicationType type, Class<?>... further) {
		return start(type, List.of(), further);
	}

	private ConfigurableApplicationContext start(WebApplicationType type, List<String> settings, Class<?>... further) {
		List<String> arguments = new ArrayList<>(settings);
		for (String setting : Applications.registrations(this.server.uri("").toString(), "one", "two")) {
			arguments.add("--" + setting);
		}
		arguments.add("--spring.data.redis.host=" + this.redis.host());
		arguments.add("--spring.data.redis.port=" + this.redis.port());
		arguments.add("--oauth-redis.key-prefix=" + this.prefix);
		arguments.add("--oauth-redis.clients.two.uris=" + this.api.uri("/two/**"));
		arguments.add("--api=" + this.api.uri("/"));
		// A cold JVM on a busy machine takes seconds for what else takes milliseconds.
		arguments.add("--oauth-redis.redis-timeout=20s");
		arguments.add("--oauth-redis.refresh.call-timeout=20s");
		arguments.add("--oauth-redis.refresh.wait=60s");
		// This client carries the header to other origins by itself.
		arguments.add("--spring.http.clients.imperative.factory=jdk");
		arguments.add("--spring.http.clients.reactive.connector=jdk");
		arguments.add("--server.port=0");
		arguments.add("--spring.main.banner-mode=off");
		ConfigurableApplicationContext application = new SpringApplicationBuilder(Everything.class).sources(further)
			.web(type)
			.run(arguments.toArray(String[]::new));
		this.applications.add(application);
		return application;
	}

	private static int get(RestClient client, URI uri, String registrationId) {
		return client.get().uri(uri).attributes((attributes) -> {
			if (registrationId != null) {
				ClientAttributes.clientRegistrationId(registrationId).accept(attributes);
			}
		}).exchange((request, response) -> response.getStatusCode().value());
	}

	private static int get(WebClient client, URI uri, String registrationId) {
		return client.get().uri(uri).attributes((attributes) -> {
			if (registrationId != null) {
				ClientAttributes.clientRegistrationId(registrationId).accept(attributes);
			}
		}).exchangeToMono((response) -> response.releaseBody().thenReturn(response.statusCode().value())).block();
	}

	@EnableAutoConfiguration
	static class Everything {

	}

	@ClientRegistrationId("one")
	interface BlockingApi {

		@GetExchange("${api}one")
		ResponseEntity<Void> one();

	}

	interface NonBlockingApi {

		@ClientRegistrationId("one")
		@GetExchange("${api}one")
		Mono<ResponseEntity<Void>> one();

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "blocking", types = BlockingApi.class,
			clientType = HttpServiceGroup.ClientType.REST_CLIENT)
	@ImportHttpServices(group = "nonblocking", types = NonBlockingApi.class,
			clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
	static class HttpServices {

	}

	@Configuration(proxyBeanMethods = false)
	static class CountingManagers {

		private final AtomicInteger blocking = new AtomicInteger();

		private final AtomicInteger nonBlocking = new AtomicInteger();

		private final ClientRegistration registration = Applications.registration("one").build();

		@Bean
		OAuth2AuthorizedClientManager countingManager() {
			return (request) -> {
				this.blocking.incrementAndGet();
				return client();
			};
		}

		@Bean
		ReactiveOAuth2AuthorizedClientManager countingReactiveManager() {
			return (request) -> Mono.fromSupplier(() -> {
				this.nonBlocking.incrementAndGet();
				return client();
			});
		}

		private OAuth2AuthorizedClient client() {
			return new OAuth2AuthorizedClient(this.registration, "one",
					new OAuth2AccessToken(OAuth2AccessToken.TokenType.BEARER, "counted", null, null));
		}

	}

	@RestController
	static class ServletController {

		@GetMapping("/token")
		String token(@RegisteredOAuth2AuthorizedClient("one") OAuth2AuthorizedClient client) {
			return client.getAccessToken().getTokenValue();
		}

		@Bean
		SecurityFilterChain open(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().permitAll()).build();
		}

	}

	@RestController
	static class ReactiveController {

		@GetMapping("/token")
		Mono<String> token(@RegisteredOAuth2AuthorizedClient("one") OAuth2AuthorizedClient client) {
			return Mono.just(client.getAccessToken().getTokenValue());
		}

		@Bean
		SecurityWebFilterChain open(ServerHttpSecurity http) {
			return http.authorizeExchange((requests) -> requests.anyExchange().permitAll()).build();
		}

	}

}
