package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JdkClientHttpRequestFactoryBuilder;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

import io.github.oauthredis.http.BearerTokenInterceptor;
import io.github.oauthredis.http.BearerTokenRestClientCustomizer;
import io.github.oauthredis.http.RedirectGuardPostProcessor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link OAuthRedisRestClientAutoConfiguration}.
 */
class OAuthRedisRestClientAutoConfigurationTests {

	private static final List<Class<?>> DOOR = List.of(BearerTokenInterceptor.class,
			BearerTokenRestClientCustomizer.class);

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void installsOneInterceptorOnTheBuilderOfSpringBoot(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS).run((assertable) -> {
			ApplicationContext context = (ApplicationContext) assertable;
			BearerTokenInterceptor interceptor = context.getBean(BearerTokenInterceptor.class);
			assertThat(interceptors(context.getBean(RestClient.Builder.class))).containsOnlyOnce(interceptor);
			assertThat(context.getBean(RestClientHttpServiceGroupConfigurer.class)).isNotNull();
		});
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void keepsHttpClientsFromFollowingRedirects(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS).run((assertable) -> {
			ApplicationContext context = (ApplicationContext) assertable;
			assertThat(context.getBeansOfType(RedirectGuardPostProcessor.class)).hasSize(1);
			assertThat(context.getBeansOfType(ClientHttpRequestFactoryBuilder.class)).hasSize(1);
		});
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenThereAreNoRegistrations(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.run(OAuthRedisRestClientAutoConfigurationTests::assertNoDoor);
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenDisabled(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("oauth-redis.enabled=false")
			.run(OAuthRedisRestClientAutoConfigurationTests::assertNoDoor);
	}

	@Test
	void backsOffWhenClassIsMissing() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader(RestClientCustomizer.class))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(OAuth2AuthorizedClientManager.class);
				assertThat(context).doesNotHaveBean(OAuthRedisRestClientAutoConfiguration.class);
				assertThat(context).hasSingleBean(OAuthRedisWebClientAutoConfiguration.class);
			});
	}

	@Test
	void groupConfigurerBacksOffWhenClassIsMissing() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader(RestClientHttpServiceGroupConfigurer.class))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(BearerTokenRestClientCustomizer.class);
				assertThat(context).doesNotHaveBean("oauthRedisRestClientHttpServiceGroupConfigurer");
			});
	}

	@Test
	void beansBackOffWhenUserDefinesThem() {
		BearerTokenInterceptor interceptor = new BearerTokenInterceptor(mock(OAuth2AuthorizedClientManager.class),
				new OAuthRedisSettings(Settings.none()).targets(), false, true);
		BearerTokenRestClientCustomizer customizer = new BearerTokenRestClientCustomizer(interceptor);

		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean("ownInterceptor", BearerTokenInterceptor.class, () -> interceptor)
			.withBean("ownCustomizer", BearerTokenRestClientCustomizer.class, () -> customizer)
			.withBean("ownBuilder", JdkClientHttpRequestFactoryBuilder.class, ClientHttpRequestFactoryBuilder::jdk)
			.run((context) -> {
				assertThat(context.getBean(BearerTokenInterceptor.class)).isSameAs(interceptor);
				assertThat(context.getBean(BearerTokenRestClientCustomizer.class)).isSameAs(customizer);
				assertThat(context.getBeanNamesForType(ClientHttpRequestFactoryBuilder.class))
					.containsExactly("ownBuilder");
			});
	}

	@Test
	void customizersOfTheUserAreApplied() {
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(RestClientCustomizer.class, () -> (builder) -> builder.defaultHeader("X-Test", "yes"))
			.run((context) -> assertThat(context.getBean(RestClient.Builder.class)).extracting("defaultHeaders")
				.hasToString("[X-Test:\"yes\"]"));
	}

	@Test
	void userPartsMayThemselvesUseTheBuilder() {
		Applications.servlet().withUserConfiguration(UsesBuilder.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context).hasSingleBean(BearerTokenInterceptor.class);
		});
	}

	private static List<ClientHttpRequestInterceptor> interceptors(RestClient.Builder builder) {
		List<ClientHttpRequestInterceptor> found = new ArrayList<>();
		builder.requestInterceptors(found::addAll);
		return found;
	}

	private static void assertNoDoor(Object context) {
		DOOR.forEach((type) -> assertThat(((ApplicationContext) context).getBeanNamesForType(type)).isEmpty());
	}

	@Configuration(proxyBeanMethods = false)
	static class UsesBuilder {

		@Bean
		ClientRegistrationRepository repository(RestClient.Builder builder) {
			builder.build();
			return new InMemoryClientRegistrationRepository(Applications.registration("own").build());
		}

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> responseClient(
				RestClient.Builder builder) {
			RestClientClientCredentialsTokenResponseClient client = new RestClientClientCredentialsTokenResponseClient();
			client.setRestClient(builder.build());
			return client;
		}

	}

}
