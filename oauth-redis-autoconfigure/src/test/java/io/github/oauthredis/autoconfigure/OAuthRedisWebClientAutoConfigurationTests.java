package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.WebClientReactiveClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

import io.github.oauthredis.http.BearerTokenExchangeFilter;
import io.github.oauthredis.http.BearerTokenWebClientCustomizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link OAuthRedisWebClientAutoConfiguration}.
 */
class OAuthRedisWebClientAutoConfigurationTests {

	private static final List<Class<?>> DOOR = List.of(BearerTokenExchangeFilter.class,
			BearerTokenWebClientCustomizer.class);

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void installsOneFilterOnTheBuilderOfSpringBoot(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS).run((assertable) -> {
			ApplicationContext context = (ApplicationContext) assertable;
			BearerTokenExchangeFilter filter = context.getBean(BearerTokenExchangeFilter.class);
			assertThat(filters(context.getBean(WebClient.Builder.class))).containsOnlyOnce(filter);
			assertThat(context.getBean(WebClientHttpServiceGroupConfigurer.class)).isNotNull();
		});
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenThereAreNoRegistrations(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.run(OAuthRedisWebClientAutoConfigurationTests::assertNoDoor);
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenDisabled(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("oauth-redis.enabled=false")
			.run(OAuthRedisWebClientAutoConfigurationTests::assertNoDoor);
	}

	@Test
	void backsOffWhenClassIsMissing() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader(WebClientCustomizer.class))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(OAuth2AuthorizedClientManager.class);
				assertThat(context).doesNotHaveBean(OAuthRedisWebClientAutoConfiguration.class);
				assertThat(context).hasSingleBean(OAuthRedisRestClientAutoConfiguration.class);
			});
	}

	@Test
	void groupConfigurerBacksOffWhenClassIsMissing() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader(WebClientHttpServiceGroupConfigurer.class))
			.run((context) -> {
				assertThat(context).hasNotFailed().hasSingleBean(BearerTokenWebClientCustomizer.class);
				assertThat(context).doesNotHaveBean("oauthRedisWebClientHttpServiceGroupConfigurer");
			});
	}

	@Test
	void beansBackOffWhenUserDefinesThem() {
		BearerTokenExchangeFilter filter = new BearerTokenExchangeFilter(
				mock(ReactiveOAuth2AuthorizedClientManager.class), new OAuthRedisSettings(Settings.none()).targets(),
				false, true);
		BearerTokenWebClientCustomizer customizer = new BearerTokenWebClientCustomizer(filter);

		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean("ownFilter", BearerTokenExchangeFilter.class, () -> filter)
			.withBean("ownCustomizer", BearerTokenWebClientCustomizer.class, () -> customizer)
			.run((context) -> {
				assertThat(context.getBean(BearerTokenExchangeFilter.class)).isSameAs(filter);
				assertThat(context.getBean(BearerTokenWebClientCustomizer.class)).isSameAs(customizer);
			});
	}

	@Test
	void customizersOfTheUserAreApplied() {
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(WebClientCustomizer.class, () -> (builder) -> builder.defaultHeader("X-Test", "yes"))
			.run((context) -> assertThat(context.getBean(WebClient.Builder.class)).extracting("defaultHeaders")
				.hasToString("[X-Test:\"yes\"]"));
	}

	@Test
	void userPartsMayThemselvesUseTheBuilder() {
		Applications.reactive().withUserConfiguration(UsesBuilder.class).run((context) -> {
			assertThat(context).hasNotFailed();
			assertThat(context).hasSingleBean(BearerTokenExchangeFilter.class);
		});
	}

	private static List<ExchangeFilterFunction> filters(WebClient.Builder builder) {
		List<ExchangeFilterFunction> found = new ArrayList<>();
		builder.filters(found::addAll);
		return found;
	}

	private static void assertNoDoor(Object context) {
		DOOR.forEach((type) -> assertThat(((ApplicationContext) context).getBeanNamesForType(type)).isEmpty());
	}

	@Configuration(proxyBeanMethods = false)
	static class UsesBuilder {

		@Bean
		ReactiveClientRegistrationRepository repository(WebClient.Builder builder) {
			builder.build();
			return new InMemoryReactiveClientRegistrationRepository(Applications.registration("own").build());
		}

		@Bean
		ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> responseClient(
				WebClient.Builder builder) {
			WebClientReactiveClientCredentialsTokenResponseClient client = new WebClientReactiveClientCredentialsTokenResponseClient();
			client.setWebClient(builder.build());
			return client;
		}

	}

}
