package io.github.oauthredis.autoconfigure;

import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.jspecify.annotations.Nullable;
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
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A browser logs in to a whole application through a provider, and out again.
 */
class LogoutIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final RedisServer redis = RedisServer.shared();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final String prefix = "logout-" + UUID.randomUUID();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start();

	private final List<ConfigurableApplicationContext> applications = new ArrayList<>();

	private final HttpClient browser = HttpClient.newBuilder()
		.cookieHandler(new CookieManager())
		.followRedirects(HttpClient.Redirect.NORMAL)
		.build();

	@AfterEach
	void close() {
		this.proxy.passThrough();
		this.applications.forEach(ConfigurableApplicationContext::close);
		this.proxy.close();
		this.server.close();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void logoutRevokesTheGrant(WebApplicationType type) throws Exception {
		ConfigurableApplicationContext application = start(type);
		OAuth2AuthorizedClient client = login(application);

		assertThat(logout(application)).isLessThan(500);

		assertThat(load(application)).isNull();
		Await.until("a provider that was told", BOUND,
				() -> this.server.revocations().contains(client.getRefreshToken().getTokenValue()));
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void logoutWhenSwitchedOffKeepsTheGrant(WebApplicationType type) throws Exception {
		ConfigurableApplicationContext application = start(type, "oauth-redis.revocation.on-logout=false");
		OAuth2AuthorizedClient client = login(application);

		logout(application);

		OAuth2AuthorizedClient after = load(application);
		assertThat(after).isNotNull();
		assertThat(after.getAccessToken().getTokenValue()).isEqualTo(client.getAccessToken().getTokenValue());
		assertThat(this.server.revocations()).isEmpty();
	}

	@ParameterizedTest
	@EnumSource(names = { "SERVLET", "REACTIVE" })
	void logoutWhenRedisIsAwaySucceeds(WebApplicationType type) throws Exception {
		ConfigurableApplicationContext application = start(type);
		login(application);
		this.proxy.blackHole(TcpProxy.Direction.DOWNSTREAM);

		assertThat(logout(application)).isLessThan(500);

		this.proxy.passThrough();
	}

	@Test
	void logoutOfAServiceTokenIsNone() throws Exception {
		ConfigurableApplicationContext application = start(WebApplicationType.SERVLET,
				"spring.security.oauth2.client.registration.machine.provider=idp",
				"spring.security.oauth2.client.registration.machine.client-id=client",
				"spring.security.oauth2.client.registration.machine.client-secret=secret",
				"spring.security.oauth2.client.registration.machine.authorization-grant-type=client_credentials");
		login(application);

		logout(application);

		assertThat(this.redis.keys(this.prefix + ":{machine~*")).as("shared by all users").isEmpty();
		assertThat(this.redis.keys(this.prefix + ":{users~*")).hasSize(1);
	}

	private OAuth2AuthorizedClient login(ConfigurableApplicationContext application) throws Exception {
		get(uri(application, "/oauth2/authorization/users"));
		OAuth2AuthorizedClient client = load(application);
		assertThat(client).as("a grant after the login").isNotNull();
		return client;
	}

	private @Nullable OAuth2AuthorizedClient load(ConfigurableApplicationContext application) {
		OAuth2AuthorizedClientService service = application.getBeanProvider(OAuth2AuthorizedClientService.class)
			.getIfAvailable();
		return (service != null) ? service.loadAuthorizedClient("users", "alice")
				: application.getBean(ReactiveOAuth2AuthorizedClientService.class)
					.loadAuthorizedClient("users", "alice")
					.block(BOUND);
	}

	private int logout(ConfigurableApplicationContext application) throws Exception {
		HttpRequest request = HttpRequest.newBuilder(uri(application, "/logout"))
			.timeout(BOUND)
			.POST(HttpRequest.BodyPublishers.noBody())
			.build();
		return this.browser.send(request, BodyHandlers.ofString()).statusCode();
	}

	private int get(URI uri) throws Exception {
		return this.browser.send(HttpRequest.newBuilder(uri).timeout(BOUND).build(), BodyHandlers.ofString())
			.statusCode();
	}

	private static URI uri(ConfigurableApplicationContext application, String path) {
		return URI
			.create("http://127.0.0.1:" + application.getEnvironment().getRequiredProperty("local.server.port") + path);
	}

	private ConfigurableApplicationContext start(WebApplicationType type, String... settings) {
		String client = "spring.security.oauth2.client.";
		List<String> all = new ArrayList<>(
				List.of("server.port=0", "spring.main.banner-mode=off", "spring.data.redis.host=127.0.0.1",
						"spring.data.redis.port=" + this.proxy.port(), "oauth-redis.key-prefix=" + this.prefix,
						"oauth-redis.clients.users.revocation-uri=" + this.server.uri("/revoke"),
						client + "registration.users.client-id=client",
						client + "registration.users.client-secret=secret", client + "registration.users.provider=idp",
						client + "registration.users.authorization-grant-type=authorization_code",
						client + "registration.users.redirect-uri={baseUrl}/login/oauth2/code/users",
						client + "registration.users.scope=read",
						client + "provider.idp.authorization-uri=" + this.server.uri("/authorize"),
						client + "provider.idp.token-uri=" + this.server.tokenUri(),
						client + "provider.idp.user-info-uri=" + this.server.uri("/userinfo"),
						client + "provider.idp.user-name-attribute=sub"));
		all.addAll(List.of(settings));
		ConfigurableApplicationContext application = new SpringApplicationBuilder(
				(type == WebApplicationType.SERVLET) ? Servlet.class : Reactive.class)
			.web(type)
			.properties(all.toArray(String[]::new))
			.run();
		this.applications.add(application);
		return application;
	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Servlet {

		@Bean
		SecurityFilterChain security(HttpSecurity http) {
			return http.authorizeHttpRequests((requests) -> requests.anyRequest().authenticated())
				.csrf((csrf) -> csrf.disable())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class Reactive {

		@Bean
		SecurityWebFilterChain security(ServerHttpSecurity http) {
			return http.authorizeExchange((exchanges) -> exchanges.anyExchange().authenticated())
				.csrf((csrf) -> csrf.disable())
				.oauth2Login(Customizer.withDefaults())
				.build();
		}

	}

}
