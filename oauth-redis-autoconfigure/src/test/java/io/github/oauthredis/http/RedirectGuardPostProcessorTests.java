package io.github.oauthredis.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration;
import org.springframework.boot.http.client.autoconfigure.service.HttpServiceClientPropertiesAutoConfiguration;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration;
import org.springframework.boot.restclient.autoconfigure.RestClientSsl;
import org.springframework.boot.restclient.autoconfigure.service.HttpServiceClientAutoConfiguration;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration;
import org.springframework.boot.webclient.autoconfigure.WebClientSsl;
import org.springframework.boot.webclient.autoconfigure.service.ReactiveHttpServiceClientAutoConfiguration;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.ResponseEntity;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.security.oauth2.client.annotation.ClientRegistrationId;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;

import io.github.oauthredis.testkit.FakeResourceServer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/**
 * Tests for {@link RedirectGuardPostProcessor} with the clients that Spring Boot builds.
 */
class RedirectGuardPostProcessorTests {

	private final FakeResourceServer api = FakeResourceServer.start();

	private final FakeResourceServer other = FakeResourceServer.start();

	private final FakeTokens tokens = new FakeTokens();

	private final ApplicationContextRunner runner = new ApplicationContextRunner()
		.withConfiguration(AutoConfigurations.of(SslAutoConfiguration.class, HttpClientAutoConfiguration.class,
				ImperativeHttpClientAutoConfiguration.class, ReactiveHttpClientAutoConfiguration.class,
				HttpServiceClientPropertiesAutoConfiguration.class, RestClientAutoConfiguration.class,
				WebClientAutoConfiguration.class, HttpServiceClientAutoConfiguration.class,
				ReactiveHttpServiceClientAutoConfiguration.class))
		.withPropertyValues("spring.http.clients.imperative.factory=jdk", "spring.http.clients.reactive.connector=jdk")
		.withUserConfiguration(Guard.class)
		.withBean(BearerTokenRestClientCustomizer.class,
				() -> new BearerTokenRestClientCustomizer(
						new BearerTokenInterceptor(this.tokens, new RequestTargets(Map.of()), true, true)))
		.withBean(BearerTokenWebClientCustomizer.class, () -> new BearerTokenWebClientCustomizer(
				new BearerTokenExchangeFilter(this.tokens.reactive(), new RequestTargets(Map.of()), true, true)));

	@AfterEach
	void stop() {
		this.api.close();
		this.other.close();
	}

	private void assertGuarded(Door door) {
		this.api.redirect("/from", 302, this.other.uri("/to").toString()).redirect("/near", 302, "/to");

		assertThat(door.getAs("one", this.api.uri("/from")).status()).isEqualTo(302);
		assertThat(door.getAs("one", this.api.uri("/near")).status()).isEqualTo(200);
		assertThat(this.other.requests()).isEmpty();
	}

	@Test
	void restClientOfBootIsGuarded() {
		this.runner.run((context) -> assertGuarded(Door.restClient(context.getBean(RestClient.Builder.class).build())));
	}

	@Test
	void webClientOfBootIsGuarded() {
		this.runner.run((context) -> assertGuarded(Door.webClient(context.getBean(WebClient.Builder.class).build())));
	}

	@Test
	void restClientWithSslBundleIsGuarded() {
		this.runner.run((context) -> {
			RestClient.Builder builder = context.getBean(RestClient.Builder.class);
			context.getBean(RestClientSsl.class).fromBundle(SslBundle.systemDefault()).accept(builder);

			assertGuarded(Door.restClient(builder.build()));
		});
	}

	@Test
	void webClientWithSslBundleIsGuarded() {
		this.runner.run((context) -> {
			WebClient.Builder builder = context.getBean(WebClient.Builder.class);
			context.getBean(WebClientSsl.class).fromBundle(SslBundle.systemDefault()).accept(builder);

			assertGuarded(Door.webClient(builder.build()));
		});
	}

	@Test
	void redirectsSettingStillRulesOtherRequests() {
		this.api.redirect("/from", 302, this.other.uri("/to").toString());

		this.runner.run((context) -> Door.restClient(context.getBean(RestClient.Builder.class).build())
			.get(this.api.uri("/from")));
		assertThat(this.other.requests()).hasSize(1);

		this.runner.withPropertyValues("spring.http.clients.redirects=dont-follow")
			.run((context) -> Door.restClient(context.getBean(RestClient.Builder.class).build())
				.get(this.api.uri("/from")));
		assertThat(this.other.requests()).hasSize(1);
	}

	@Test
	void builderOfUserIsGuarded() {
		AtomicInteger built = new AtomicInteger();
		ClientHttpRequestFactoryBuilder<ClientHttpRequestFactory> own = (settings) -> {
			built.incrementAndGet();
			return ClientHttpRequestFactoryBuilder.jdk().build(settings);
		};

		this.runner.withBean("own", ClientHttpRequestFactoryBuilder.class, () -> own).run((context) -> {
			Door door = Door.restClient(context.getBean(RestClient.Builder.class).build());
			assertThat(built).hasValue(1);

			assertGuarded(door);
			assertThat(built).hasValue(2);
		});
	}

	@Test
	void clientThatCannotBeToldSendsNoToken() {
		ClientHttpRequestFactoryBuilder<?> own = ClientHttpRequestFactoryBuilder
			.of(() -> new JdkClientHttpRequestFactory() {
			});

		this.runner.withBean("own", ClientHttpRequestFactoryBuilder.class, () -> own).run((context) -> {
			Door door = Door.restClient(context.getBean(RestClient.Builder.class).build());

			assertThat(catchThrowable(() -> door.getAs("one", this.api.uri("/x"))))
				.isInstanceOf(IllegalStateException.class)
				.hasMessageContaining("RedirectGuards.nonFollowing");
			assertThat(this.api.requests()).isEmpty();
			assertThat(door.get(this.api.uri("/x")).status()).isEqualTo(401);
		});
	}

	@Test
	void httpServiceGroupIsGuardedWithItsOwnSettings() {
		this.api.redirect("/from", 302, this.other.uri("/to").toString()).redirect("/near", 302, "/to");

		this.runner.withUserConfiguration(BlockingGroup.class)
			.withPropertyValues("spring.http.serviceclient.blocking.base-url=" + this.api.uri(""),
					"spring.http.serviceclient.blocking.default-header.X-Mine=a")
			.run((context) -> {
				BlockingService service = context.getBean(BlockingService.class);

				assertThat(service.from().getStatusCode().value()).isEqualTo(302);
				assertThat(service.near().getStatusCode().value()).isEqualTo(200);
			});
		assertThat(this.other.requests()).isEmpty();
		assertThat(this.api.requests()).hasSize(3).allSatisfy((request) -> {
			assertThat(request.bearerToken()).isEqualTo("token-1");
			assertThat(request.header("X-Mine")).isEqualTo("a");
		});
		assertThat(this.tokens.requests()).hasSize(2)
			.allSatisfy((request) -> assertThat(request.getClientRegistrationId()).isEqualTo("annotated"));
	}

	@Test
	void reactiveHttpServiceGroupIsGuarded() {
		this.api.redirect("/from", 302, this.other.uri("/to").toString()).redirect("/near", 302, "/to");

		this.runner.withUserConfiguration(ReactiveGroup.class)
			.withPropertyValues("spring.http.serviceclient.reactive.base-url=" + this.api.uri(""),
					"spring.http.serviceclient.reactive.default-header.X-Mine=a")
			.run((context) -> {
				ReactiveService service = context.getBean(ReactiveService.class);

				assertThat(service.from().getStatusCode().value()).isEqualTo(302);
				assertThat(service.near().getStatusCode().value()).isEqualTo(200);
			});
		assertThat(this.other.requests()).isEmpty();
		assertThat(this.api.requests()).hasSize(3)
			.allSatisfy((request) -> assertThat(request.header("X-Mine")).isEqualTo("a"));
		assertThat(this.tokens.requests()).hasSize(2);
	}

	@Test
	void lifecycleIsPassedOnToBothClients() {
		List<LifecycleFactory> clients = new ArrayList<>();
		ClientHttpRequestFactoryBuilder<?> own = (settings) -> {
			clients.add(new LifecycleFactory());
			return clients.get(clients.size() - 1);
		};
		GuardedRequestFactory factory = (GuardedRequestFactory) RedirectGuards.guardRequestFactories(own).build();

		assertThat(factory.isRunning()).isFalse();
		assertThat(factory.getPhase()).isEqualTo(7);
		factory.start();
		factory.clientFor(new RedirectMarker());
		assertThat(clients).hasSize(2).allMatch(LifecycleFactory::isRunning);
		factory.stop();
		assertThat(clients).noneMatch(LifecycleFactory::isRunning);
		factory.start();
		assertThat(clients).hasSize(2).allMatch(LifecycleFactory::isRunning);
	}

	@Test
	void lifecycleOfPlainClientIsNone() {
		GuardedRequestFactory factory = (GuardedRequestFactory) RedirectGuards
			.nonFollowing(new JdkClientHttpRequestFactory());

		factory.start();
		factory.stop();
		factory.destroy();

		assertThat(factory.isRunning()).isTrue();
		assertThat(factory.getPhase()).isEqualTo(SmartLifecycle.DEFAULT_PHASE);
	}

	@Test
	void guardWhenGuardedAlreadyReturnsSame() {
		ClientHttpRequestFactoryBuilder<?> factories = RedirectGuards
			.guardRequestFactories(ClientHttpRequestFactoryBuilder.simple());
		ClientHttpConnectorBuilder<?> connectors = RedirectGuards.guardConnectors(ClientHttpConnectorBuilder.jdk());

		assertThat(RedirectGuards.guardRequestFactories(factories)).isSameAs(factories);
		assertThat(RedirectGuards.guardConnectors(connectors)).isSameAs(connectors);
		assertThat(new RedirectGuardPostProcessor().postProcessAfterInitialization("other", "other"))
			.isEqualTo("other");
	}

	@Test
	void guardMakesSecondClientOnlyForTokens() {
		AtomicInteger built = new AtomicInteger();
		ClientHttpRequestFactoryBuilder<?> own = (settings) -> {
			built.incrementAndGet();
			return ClientHttpRequestFactoryBuilder.simple().build(settings);
		};
		RestClient client = RestClient.builder()
			.requestFactory(RedirectGuards.guardRequestFactories(own).build(HttpClientSettings.defaults()))
			.build();

		Door.restClient(client).get(this.api.uri("/x"));

		assertThat(built).hasValue(1);
	}

	@Test
	void guardClosesBothClients() throws Exception {
		AtomicInteger closed = new AtomicInteger();
		ClientHttpRequestFactoryBuilder<?> own = (settings) -> new CloseableFactory(closed);
		GuardedRequestFactory factory = (GuardedRequestFactory) RedirectGuards.guardRequestFactories(own).build();

		factory.clientFor(new RedirectMarker());
		factory.destroy();

		assertThat(closed).hasValue(2);
	}

	@Test
	void customizersWhenAppliedTwiceAddOnce() {
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(this.tokens, new RequestTargets(Map.of()), true,
				true);
		BearerTokenExchangeFilter filter = new BearerTokenExchangeFilter(this.tokens.reactive(),
				new RequestTargets(Map.of()), true, true);
		RestClient.Builder restClient = RestClient.builder();
		WebClient.Builder webClient = WebClient.builder();

		for (int i = 0; i < 2; i++) {
			new BearerTokenRestClientCustomizer(interceptor).customize(restClient);
			new BearerTokenWebClientCustomizer(filter).customize(webClient);
		}

		restClient.requestInterceptors((interceptors) -> assertThat(interceptors).containsExactly(interceptor));
		webClient.filters((filters) -> assertThat(filters).containsExactly(filter));
	}

	private static final class CloseableFactory extends JdkClientHttpRequestFactory implements DisposableBean {

		private final AtomicInteger closed;

		CloseableFactory(AtomicInteger closed) {
			this.closed = closed;
		}

		@Override
		public void destroy() {
			this.closed.incrementAndGet();
		}

	}

	private static final class LifecycleFactory extends JdkClientHttpRequestFactory implements SmartLifecycle {

		private boolean running;

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return 7;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Guard {

		@Bean
		static RedirectGuardPostProcessor redirectGuardPostProcessor() {
			return new RedirectGuardPostProcessor();
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "blocking", types = BlockingService.class)
	static class BlockingGroup {

		@Bean
		RestClientHttpServiceGroupConfigurer processor() {
			return (groups) -> groups.forEachProxyFactory((group, factory) -> factory
				.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
		}

	}

	@Configuration(proxyBeanMethods = false)
	@ImportHttpServices(group = "reactive", types = ReactiveService.class,
			clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
	static class ReactiveGroup {

		@Bean
		WebClientHttpServiceGroupConfigurer processor() {
			return (groups) -> groups.forEachProxyFactory((group, factory) -> factory
				.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
		}

	}

	@ClientRegistrationId("annotated")
	interface BlockingService {

		@GetExchange("/from")
		ResponseEntity<Void> from();

		@GetExchange("/near")
		ResponseEntity<Void> near();

	}

	@ClientRegistrationId("annotated")
	interface ReactiveService {

		@GetExchange("/from")
		ResponseEntity<Void> from();

		@GetExchange("/near")
		ResponseEntity<Void> near();

	}

}
