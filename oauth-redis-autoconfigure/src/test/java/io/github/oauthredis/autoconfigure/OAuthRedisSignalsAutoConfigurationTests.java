package io.github.oauthredis.autoconfigure;

import java.util.stream.Stream;

import jakarta.servlet.Filter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.security.autoconfigure.web.servlet.SecurityFilterProperties;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;

import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.webhook.Delivery;
import io.github.oauthredis.webhook.GrantRevoker;
import io.github.oauthredis.webhook.Signal;
import io.github.oauthredis.webhook.SignalFilter;
import io.github.oauthredis.webhook.SignalHandler;
import io.github.oauthredis.webhook.SignalRejectedException;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;
import io.github.oauthredis.webhook.SignalWebFilter;
import io.github.oauthredis.webhook.WebhookProvider;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OAuthRedisSignalsAutoConfiguration}.
 */
class OAuthRedisSignalsAutoConfigurationTests {

	private static final String[] REGISTRATIONS = Stream
		.concat(Stream.of(Applications.REGISTRATIONS),
				Stream
					.of("registration.one.authorization-grant-type=authorization_code",
							"registration.two.authorization-grant-type=authorization_code",
							"registration.one.redirect-uri=http://127.0.0.1:1/callback",
							"registration.two.redirect-uri=http://127.0.0.1:1/callback",
							"provider.idp.authorization-uri=http://127.0.0.1:1/authorize")
					.map((setting) -> "spring.security.oauth2.client." + setting))
		.toArray(String[]::new);

	private static final String[] LOGOUT = { "oauth-redis.clients.one.signals.back-channel-logout=true",
			"oauth-redis.clients.one.signals.issuer=https://idp.example",
			"oauth-redis.clients.one.signals.jwk-set-uri=https://idp.example/jwks" };

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenNothingIsToBeReceived(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(REGISTRATIONS)
			.withPropertyValues("oauth-redis.clients.one.uris=https://api.example", "oauth-redis.signals.path=/x")
			.run(OAuthRedisSignalsAutoConfigurationTests::assertNothing);
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenDisabled(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.withPropertyValues(REGISTRATIONS)
			.withPropertyValues(LOGOUT)
			.withPropertyValues("oauth-redis.enabled=false")
			.run(OAuthRedisSignalsAutoConfigurationTests::assertNothing);
	}

	private static void assertNothing(Object assertable) {
		ApplicationContext context = (ApplicationContext) assertable;
		assertThat(context.getBeansOfType(SignalHandler.class)).isEmpty();
		assertThat(context.getBeansOfType(SignalStore.class)).isEmpty();
		assertThat(context.getBeanNamesForType(WebhookProvider.class)).isEmpty();
		assertThat(context.getBeanDefinitionNames()).noneMatch((name) -> name.contains("Signal"));
	}

	@Test
	void servletApplicationGetsAFilterBeforeSpringSecurity() {
		Applications.servlet()
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues(LOGOUT)
			.withPropertyValues("oauth-redis.clients.two.signals.webhook=slack",
					"oauth-redis.clients.two.signals.webhook-secret=s", "oauth-redis.signals.path=/hooks/x")
			.run((context) -> {
				assertThat(context).doesNotHaveBean(SignalWebFilter.class);
				FilterRegistrationBean<?> filter = context.getBean("oauthRedisSignalFilter",
						FilterRegistrationBean.class);
				assertThat(filter.getFilter()).isInstanceOf(SignalFilter.class);
				assertThat(filter.getUrlPatterns()).containsExactlyInAnyOrder("/hooks/x/logout/one",
						"/hooks/x/webhook/two");
				assertThat(filter.getOrder()).isLessThan(SecurityFilterProperties.DEFAULT_FILTER_ORDER);
			});
	}

	@Test
	void reactiveApplicationGetsAFilterBeforeSpringSecurity() {
		Applications.reactive().withPropertyValues(REGISTRATIONS).withPropertyValues(LOGOUT).run((context) -> {
			assertThat(context.getBean(SignalWebFilter.class).getOrder()).isLessThan(-100);
			assertThat(context.getBean(SignalHandler.class).paths()).containsExactly("/oauth-redis/logout/one");
		});
	}

	@Test
	void applicationWithoutServletsGetsNoFilter() {
		Applications.nonWeb()
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues(LOGOUT)
			.withClassLoader(new FilteredClassLoader(Filter.class))
			.run((context) -> assertThat(context).hasNotFailed().doesNotHaveBean("oauthRedisSignalFilter"));
		Applications.reactive()
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues(LOGOUT)
			.withClassLoader(new FilteredClassLoader(Filter.class))
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(SignalWebFilter.class));
	}

	@Test
	void applicationsOwnPartsAreUsed() {
		Applications.servlet()
			.withUserConfiguration(OwnParts.class)
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues("oauth-redis.clients.two.signals.webhook=own",
					"oauth-redis.clients.two.signals.webhook-secret=s")
			.run((context) -> {
				assertThat(context.getBean(SignalHandler.class).paths()).containsExactly("/oauth-redis/webhook/two");
				assertThat(context).hasSingleBean(GrantRevoker.class).hasBean("ownRevoker");
			});
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis.clients.one.signals.back-channel-logout=true|signals.issuer",
			"oauth-redis.clients.one.signals.security-events=true|signals.issuer",
			"oauth-redis.clients.one.signals.webhook=slack|signals.webhook",
			"oauth-redis.clients.one.signals.webhook-secret=canary|signals.webhook",
			"oauth-redis.clients.one.signals.issuer=|signals.*", "oauth-redis.signals.path=x|oauth-redis.signals.path",
			"oauth-redis.signals.path=/x/|oauth-redis.signals.path",
			"oauth-redis.signals.path=/*|oauth-redis.signals.path" })
	void settingsThatCannotWorkAreReported(String setting) {
		String[] parts = setting.split("\\|", 2);
		Applications.servlet().withPropertyValues(REGISTRATIONS).withPropertyValues(parts[0]).run((context) -> {
			assertThat(context).hasFailed();
			assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.isInstanceOf(InvalidOAuthRedisConfigurationException.class)
				.hasMessageContaining(parts[1])
				.hasMessageNotContaining("canary");
		});
	}

	@Test
	void unknownServiceIsReported() {
		Applications.servlet()
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues("oauth-redis.clients.one.signals.webhook=slak",
					"oauth-redis.clients.one.signals.webhook-secret=canary")
			.run((context) -> assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
				.hasMessageContaining("signals.webhook")
				.hasMessageContaining("[slack]")
				.hasMessageNotContaining("canary"));
	}

	@Test
	void webhookWhenKeysAreMissingNeedsNone() {
		Applications.servlet()
			.withPropertyValues(REGISTRATIONS)
			.withPropertyValues("oauth-redis.clients.one.signals.webhook=slack",
					"oauth-redis.clients.one.signals.webhook-secret=s")
			.run((context) -> assertThat(context).hasNotFailed().hasSingleBean(SignalHandler.class));
	}

	@Configuration(proxyBeanMethods = false)
	static class OwnParts {

		@Bean
		GrantRevoker ownRevoker() {
			return (registrationId, principalName, cause) -> {
				throw new IllegalStateException();
			};
		}

		@Bean
		WebhookProvider ownService() {
			return new WebhookProvider() {

				@Override
				public String name() {
					return "own";
				}

				@Override
				public Signal receive(Delivery delivery, String secret) {
					throw new SignalRejectedException(Problem.MALFORMED);
				}

			};
		}

	}

}
