package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;

import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.assertj.ApplicationContextAssertProvider;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.TaskExecutor;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientClientCredentialsTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.RestClientRefreshTokenTokenResponseClient;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.InMemoryReactiveClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;
import tools.jackson.databind.ObjectMapper;

import io.github.oauthredis.client.AuthorizedClients;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.client.TokenEndpoint;
import io.github.oauthredis.client.UserTokenClients;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.resilience.CircuitBreakerCallGuard;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.store.TokenStore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link OAuthRedisAutoConfiguration}.
 */
class OAuthRedisAutoConfigurationTests {

	static final List<Class<?>> ENGINE = List.of(OAuthRedisSettings.class, Registrations.class, SealingKeys.class,
			TokenEvents.class, TokenStore.class, TokenRefresher.class, TokenEndpoint.class, UserTokenClients.class,
			AuthorizedClients.class);

	static final List<Class<?>> REPLACEABLE = List.of(Registrations.class, SealingKeys.class, TokenEvents.class,
			TokenStore.class, TokenRefresher.class, TokenEndpoint.class, UserTokenClients.class,
			AuthorizedClients.class);

	private static final AutoConfigurations MINIMUM = AutoConfigurations.of(DataRedisAutoConfiguration.class,
			DataRedisReactiveAutoConfiguration.class, OAuth2ClientAutoConfiguration.class,
			ReactiveOAuth2ClientAutoConfiguration.class, OAuthRedisAutoConfiguration.class);

	private final ApplicationContextRunner nonWeb = new ApplicationContextRunner().withConfiguration(MINIMUM);

	private final WebApplicationContextRunner servlet = new WebApplicationContextRunner().withConfiguration(MINIMUM);

	private final ReactiveWebApplicationContextRunner reactive = new ReactiveWebApplicationContextRunner()
		.withConfiguration(MINIMUM);

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void appliesWhenRegistrationsAreConfigured(AbstractApplicationContextRunner<?, ?, ?> runner) {
		run(runner, Applications.REGISTRATIONS, OAuthRedisAutoConfigurationTests::assertApplies);
	}

	@Test
	void appliesWhenNothingButTheMinimumIsThere() {
		this.nonWeb.withPropertyValues(Applications.REGISTRATIONS).run(OAuthRedisAutoConfigurationTests::assertApplies);
	}

	@Test
	void keepsRecordsInMemoryUnlessSwitchedOffOrWithoutCaffeine() {
		ApplicationContextRunner runner = this.nonWeb.withPropertyValues(Applications.REGISTRATIONS);

		runner.run((context) -> assertThat(context).hasSingleBean(NearCache.class).hasBean("oauthRedisInvalidations"));
		runner.withPropertyValues("oauth-redis.near-cache.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(TokenRefresher.class)
				.doesNotHaveBean(NearCache.class)
				.doesNotHaveBean("oauthRedisInvalidations"));
		runner.withClassLoader(new FilteredClassLoader("com.github.benmanes.caffeine"))
			.run((context) -> assertThat(context).hasSingleBean(TokenRefresher.class).doesNotHaveBean(NearCache.class));
	}

	@Test
	void sweepsUnlessTheRateIsZero() {
		ApplicationContextRunner runner = this.nonWeb.withPropertyValues(Applications.REGISTRATIONS);

		runner.run((context) -> assertThat(context.getBean("oauthRedisSweeps", RedisLifecycle.class).isRunning())
			.isTrue());
		runner.withPropertyValues("oauth-redis.sweep-rate=0")
			.run((context) -> assertThat(context.getBean("oauthRedisSweeps", RedisLifecycle.class).isRunning())
				.isFalse());
	}

	@Test
	void sealsWithKeysOfTheSourceThatBearsOurName() {
		ApplicationContextRunner runner = this.nonWeb.withPropertyValues(Applications.REGISTRATIONS);
		JWKSource<SecurityContext> source = (selector, context) -> List
			.of(new OctetSequenceKey.Builder(new byte[32]).keyID("vault").build());

		runner.withBean("oauthRedisJwkSource", JWKSource.class, () -> source)
			.run((context) -> assertThat(context.getBean(SealingKeys.class).sealingId()).isEqualTo("vault"));
		runner.withBean("signatures", JWKSource.class, () -> source)
			.run((context) -> assertThat(context.getBean(SealingKeys.class).sealingId()).isEmpty());
	}

	@Test
	void guardsProvidersUnlessSwitchedOffReplacedOrWithoutResilience4j() {
		ApplicationContextRunner runner = this.nonWeb.withPropertyValues(Applications.REGISTRATIONS);

		runner.run((context) -> assertThat(context).hasSingleBean(CircuitBreakerCallGuard.class));
		runner.withPropertyValues("oauth-redis.circuit-breaker.enabled=false")
			.run((context) -> assertThat(context).hasSingleBean(TokenRefresher.class).doesNotHaveBean(CallGuard.class));
		runner.withBean(CallGuard.class, () -> CallGuard.NONE)
			.run((context) -> assertThat(context).hasSingleBean(TokenRefresher.class)
				.doesNotHaveBean(CircuitBreakerCallGuard.class));
		runner.withClassLoader(new FilteredClassLoader("io.github.resilience4j"))
			.run((context) -> assertThat(context).hasSingleBean(TokenRefresher.class).doesNotHaveBean(CallGuard.class));
	}

	@Test
	void circuitBreakerFollowsItsSettings() {
		this.nonWeb.withPropertyValues(Applications.REGISTRATIONS)
			.withPropertyValues("oauth-redis.circuit-breaker.failure-threshold=2",
					"oauth-redis.circuit-breaker.open-for=1h")
			.run((context) -> {
				CallGuard guard = context.getBean(CallGuard.class);
				guard.report("provider", CallGuard.Outcome.FAILED);
				assertThat(guard.status("provider").state()).isEqualTo(CallGuard.State.CLOSED);

				guard.report("provider", CallGuard.Outcome.FAILED);

				assertThat(guard.status("provider").retryAt()).isAfter(Clock.systemUTC().instant().plusSeconds(3_000));
			});
	}

	@Test
	void appliesWhenUserDefinesTheOnlyRepository() {
		this.nonWeb.withUserConfiguration(Blocking.class).run(OAuthRedisAutoConfigurationTests::assertApplies);
		this.nonWeb.withUserConfiguration(NonBlocking.class).run(OAuthRedisAutoConfigurationTests::assertApplies);
		this.servlet.withUserConfiguration(Blocking.class).run(OAuthRedisAutoConfigurationTests::assertApplies);
		this.reactive.withUserConfiguration(NonBlocking.class).run(OAuthRedisAutoConfigurationTests::assertApplies);
	}

	@Test
	void backsOffWhenRepositoryDoesNotSuitTheApplication() {
		this.servlet.withUserConfiguration(NonBlocking.class).run(OAuthRedisAutoConfigurationTests::assertBacksOff);
		this.reactive.withUserConfiguration(Blocking.class).run(OAuthRedisAutoConfigurationTests::assertBacksOff);
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenThereAreNoRegistrations(AbstractApplicationContextRunner<?, ?, ?> runner) {
		run(runner, new String[0], OAuthRedisAutoConfigurationTests::assertBacksOff);
	}

	@ParameterizedTest
	@ValueSource(classes = { OAuth2AuthorizedClientManager.class, RedisConnectionFactory.class })
	void backsOffWhenClassIsMissing(Class<?> missing) {
		Applications.nonWeb()
			.withClassLoader(new FilteredClassLoader(missing))
			.run(OAuthRedisAutoConfigurationTests::assertBacksOff);
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void disabledLeavesTheBeanListAsItIsWithoutTheStarter(AbstractApplicationContextRunner<?, ?, ?> runner) {
		Set<String> without = new TreeSet<>();
		Set<String> disabled = new TreeSet<>();
		String ours = String.join(",", Applications.OURS.stream().map(Class::getName).toList());

		run(runner, with("spring.autoconfigure.exclude=" + ours),
				(context) -> without.addAll(List.of(context.getBeanDefinitionNames())));
		run(runner, with("oauth-redis.enabled=false"),
				(context) -> disabled.addAll(List.of(context.getBeanDefinitionNames())));

		assertThat(without).hasSizeGreaterThan(50);
		assertThat(disabled).isEqualTo(without);
	}

	@ParameterizedTest
	@FieldSource("REPLACEABLE")
	@SuppressWarnings("unchecked")
	void beanBacksOffWhenUserDefinesItsType(Class<?> type) {
		Object own = (type == UserTokenClients.class) ? UserTokenClients.NONE : mock(type);

		this.nonWeb.withPropertyValues(Applications.REGISTRATIONS)
			.withBean("own", (Class<Object>) type, () -> own)
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context.getBean(type)).isSameAs(own);
			});
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void makesNothingOfSpringBootBackOff(AbstractApplicationContextRunner<?, ?, ?> runner) {
		Set<String> without = new TreeSet<>();

		run(runner, with("oauth-redis.enabled=false"), (context) -> sensitive(context, without));
		run(runner, Applications.REGISTRATIONS, (context) -> {
			Set<String> with = new TreeSet<>();
			sensitive(context, with);
			assertThat(with).isEqualTo(without);
		});
	}

	@Test
	void storeIsMadeForRedis() {
		this.nonWeb.withPropertyValues(Applications.REGISTRATIONS)
			.run((context) -> assertThat(context).hasSingleBean(RedisTokenStore.class));
	}

	@Test
	void registrationsComeFromTheRepositoryOfTheApplication() {
		this.reactive.withUserConfiguration(NonBlocking.class)
			.run((context) -> assertThat(context.getBean(Registrations.class).find("own"))
				.isCompletedWithValueMatching((registration) -> registration.getClientId().equals("own-client")));
		this.servlet.withUserConfiguration(Blocking.class, NonBlocking.class).run((context) -> {
			ClientRegistrationRepository repository = context.getBean(ClientRegistrationRepository.class);
			assertThat(context.getBean(Registrations.class).find("own"))
				.isCompletedWithValueMatching((found) -> found == repository.findByRegistrationId("own"));
		});
		this.reactive.withUserConfiguration(Blocking.class, NonBlocking.class).run((context) -> {
			ReactiveClientRegistrationRepository repository = context
				.getBean(ReactiveClientRegistrationRepository.class);
			assertThat(context.getBean(Registrations.class).find("own"))
				.isCompletedWithValueMatching((found) -> found == repository.findByRegistrationId("own").block());
		});
	}

	@Test
	void userTokenClientsAreFoundByGrant() {
		this.servlet.withPropertyValues(Applications.REGISTRATIONS)
			.withUserConfiguration(UserClients.class)
			.run((context) -> {
				UserTokenClients clients = context.getBean(UserTokenClients.class);
				assertThat(clients.clientCredentials()).isSameAs(context.getBean("credentials"));
				assertThat(clients.refreshToken()).isSameAs(context.getBean("refresh"));
				assertThat(clients.reactiveClientCredentials()).isNull();
				assertThat(clients.reactiveRefreshToken()).isNull();
				assertThat(clients.providers())
					.containsExactly(context.getBean("provider", OAuth2AuthorizedClientProvider.class));
				assertThat(clients.reactiveProviders())
					.containsExactly(context.getBean("reactiveProvider", ReactiveOAuth2AuthorizedClientProvider.class));
			});
	}

	@Test
	void userTokenClientsAreNoneWhenUserHasNone() {
		this.servlet.withPropertyValues(Applications.REGISTRATIONS)
			.run((context) -> assertThat(context.getBean(UserTokenClients.class)).isEqualTo(UserTokenClients.NONE));
	}

	@Test
	void importsListsOurAutoConfigurations() {
		assertThat(ImportCandidates.load(AutoConfiguration.class, getClass().getClassLoader()).getCandidates())
			.filteredOn((name) -> name.startsWith("io.github.oauthredis."))
			.containsExactlyElementsOf(Applications.OURS.stream().map(Class::getName).toList());
	}

	@ParameterizedTest
	@FieldSource("io.github.oauthredis.autoconfigure.Applications#OURS")
	void namesOfOtherAutoConfigurationsExist(Class<?> ours) {
		AutoConfiguration annotation = ours.getAnnotation(AutoConfiguration.class);

		assertThat(Arrays.asList(annotation.afterName())).allSatisfy(Class::forName);
		assertThat(Arrays.asList(annotation.beforeName())).allSatisfy(Class::forName);
	}

	private static void sensitive(ApplicationContext context, Set<String> names) {
		for (Class<?> type : List.of(Executor.class, TaskExecutor.class, Clock.class, ObjectMapper.class,
				RedisConnectionFactory.class)) {
			names.addAll(List.of(context.getBeanNamesForType(type)));
		}
	}

	private static String[] with(String property) {
		String[] properties = Arrays.copyOf(Applications.REGISTRATIONS, Applications.REGISTRATIONS.length + 1);
		properties[properties.length - 1] = property;
		return properties;
	}

	private static void assertApplies(
			ApplicationContextAssertProvider<? extends ConfigurableApplicationContext> context) {
		assertThat(context).hasNotFailed();
		ENGINE.forEach((type) -> assertThat(context).hasSingleBean(type));
	}

	private static void assertBacksOff(
			ApplicationContextAssertProvider<? extends ConfigurableApplicationContext> context) {
		assertThat(context).hasNotFailed();
		ENGINE.forEach((type) -> assertThat(context).doesNotHaveBean(type));
		assertThat(context).doesNotHaveBean(OAuthRedisProperties.class);
	}

	private static void run(AbstractApplicationContextRunner<?, ?, ?> runner, String[] properties,
			java.util.function.Consumer<ApplicationContextAssertProvider<? extends ConfigurableApplicationContext>> check) {
		runner.withPropertyValues(properties)
			.run((context) -> check
				.accept((ApplicationContextAssertProvider<? extends ConfigurableApplicationContext>) context));
	}

	@Configuration(proxyBeanMethods = false)
	static class Blocking {

		@Bean
		ClientRegistrationRepository ownRepository() {
			return new InMemoryClientRegistrationRepository(Applications.registration("own").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class NonBlocking {

		@Bean
		ReactiveClientRegistrationRepository ownReactiveRepository() {
			return new InMemoryReactiveClientRegistrationRepository(Applications.registration("own").build());
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class UserClients {

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest> credentials() {
			return new RestClientClientCredentialsTokenResponseClient();
		}

		@Bean
		RestClientRefreshTokenTokenResponseClient refresh() {
			return new RestClientRefreshTokenTokenResponseClient();
		}

		@Bean
		OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> code() {
			return (request) -> null;
		}

		@Bean
		OAuth2AuthorizedClientProvider provider() {
			return (context) -> null;
		}

		@Bean
		ReactiveOAuth2AuthorizedClientProvider reactiveProvider() {
			return (context) -> null;
		}

	}

}
