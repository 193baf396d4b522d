package io.github.oauthredis.autoconfigure;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.ResolvableType;
import org.springframework.security.oauth2.client.InMemoryReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;
import org.springframework.security.oauth2.client.endpoint.RestClientAuthorizationCodeTokenResponseClient;
import org.springframework.security.oauth2.client.web.AuthenticatedPrincipalOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository;
import org.springframework.security.oauth2.client.web.server.ServerOAuth2AuthorizedClientRepository;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.server.SecurityWebFilterChain;
import org.springframework.test.util.ReflectionTestUtils;

import io.github.oauthredis.client.RedisOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisOAuth2AuthorizedClientService;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientService;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link OAuthRedisClientAutoConfiguration}.
 */
class OAuthRedisClientAutoConfigurationTests {

	private static final List<Class<?>> FACES = List.of(RedisOAuth2AuthorizedClientService.class,
			RedisReactiveOAuth2AuthorizedClientService.class, RedisOAuth2AuthorizedClientManager.class,
			RedisReactiveOAuth2AuthorizedClientManager.class);

	private static final ResolvableType CODE_CLIENT = ResolvableType
		.forClassWithGenerics(OAuth2AccessTokenResponseClient.class, OAuth2AuthorizationCodeGrantRequest.class);

	@Test
	void servletApplicationHasBlockingServiceAndBothManagers() {
		Applications.servlet().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
			assertOnly(context, OAuth2AuthorizedClientService.class, RedisOAuth2AuthorizedClientService.class);
			assertThat(context).doesNotHaveBean(ReactiveOAuth2AuthorizedClientService.class);
			assertOnly(context, OAuth2AuthorizedClientManager.class, RedisOAuth2AuthorizedClientManager.class);
			assertOnly(context, ReactiveOAuth2AuthorizedClientManager.class,
					RedisReactiveOAuth2AuthorizedClientManager.class);
		});
	}

	@Test
	void reactiveApplicationHasReactiveServiceAndBothManagers() {
		Applications.reactive().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
			assertThat(context).doesNotHaveBean(OAuth2AuthorizedClientService.class);
			assertOnly(context, ReactiveOAuth2AuthorizedClientService.class,
					RedisReactiveOAuth2AuthorizedClientService.class);
			assertOnly(context, OAuth2AuthorizedClientManager.class, RedisOAuth2AuthorizedClientManager.class);
			assertOnly(context, ReactiveOAuth2AuthorizedClientManager.class,
					RedisReactiveOAuth2AuthorizedClientManager.class);
		});
	}

	@Test
	void nonWebApplicationHasEverything() {
		Applications.nonWeb().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
			assertOnly(context, OAuth2AuthorizedClientService.class, RedisOAuth2AuthorizedClientService.class);
			assertOnly(context, ReactiveOAuth2AuthorizedClientService.class,
					RedisReactiveOAuth2AuthorizedClientService.class);
			assertOnly(context, OAuth2AuthorizedClientManager.class, RedisOAuth2AuthorizedClientManager.class);
			assertOnly(context, ReactiveOAuth2AuthorizedClientManager.class,
					RedisReactiveOAuth2AuthorizedClientManager.class);
		});
	}

	@Test
	void loginOfServletApplicationIsLeftAsItIsOverOurService() {
		Applications.servlet().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
			Object repository = context.getBean(OAuth2AuthorizedClientRepository.class);
			assertThat(repository).isInstanceOf(AuthenticatedPrincipalOAuth2AuthorizedClientRepository.class);
			assertThat(ReflectionTestUtils.getField(repository, "authorizedClientService"))
				.isSameAs(context.getBean(RedisOAuth2AuthorizedClientService.class));
			assertThat(context).hasSingleBean(SecurityFilterChain.class);
		});
	}

	@Test
	void loginOfReactiveApplicationIsLeftAsItIsOverOurService() {
		Applications.reactive().withPropertyValues(Applications.REGISTRATIONS).run((context) -> {
			Object repository = context.getBean(ServerOAuth2AuthorizedClientRepository.class);
			assertThat(repository).isInstanceOf(AuthenticatedPrincipalServerOAuth2AuthorizedClientRepository.class);
			assertThat(ReflectionTestUtils.getField(repository, "authorizedClientService"))
				.isSameAs(context.getBean(RedisReactiveOAuth2AuthorizedClientService.class));
			assertThat(context).hasSingleBean(SecurityWebFilterChain.class);
		});
	}

	@Test
	void loginOfServletApplicationUsesOurTokenRequests() {
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.run((context) -> assertThat(context.getBeanNamesForType(CODE_CLIENT))
				.containsExactly("oauthRedisAuthorizationCodeClient"));
	}

	@Test
	void loginUsesTokenRequestsOfTheUser() {
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean("own", RestClientAuthorizationCodeTokenResponseClient.class)
			.run((context) -> assertThat(context.getBeanNamesForType(CODE_CLIENT)).containsExactly("own"));
	}

	@ParameterizedTest
	@MethodSource("io.github.oauthredis.autoconfigure.Applications#all")
	void backsOffWhenThereAreNoRegistrations(AbstractApplicationContextRunner<?, ?, ?> runner) {
		runner.run((context) -> {
			assertThat((ApplicationContext) context).isNotNull();
			FACES.forEach((face) -> assertThat(((ApplicationContext) context).getBeanNamesForType(face)).isEmpty());
		});
	}

	@Test
	void backsOffWhenClassIsMissing() {
		Applications.nonWeb()
			.withPropertyValues("oauth-redis.enabled=true")
			.withClassLoader(new FilteredClassLoader(OAuth2AuthorizedClientManager.class))
			.run((context) -> {
				assertThat(context).hasNotFailed();
				assertThat(context).doesNotHaveBean(OAuthRedisClientAutoConfiguration.class);
			});
	}

	@Test
	void serviceBacksOffWhenUserDefinesOne() {
		OAuth2AuthorizedClientService own = mock(OAuth2AuthorizedClientService.class);

		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(OAuth2AuthorizedClientService.class, () -> own)
			.run((context) -> {
				assertThat(context.getBean(OAuth2AuthorizedClientService.class)).isSameAs(own);
				assertThat(context).hasSingleBean(RedisOAuth2AuthorizedClientManager.class);
			});
	}

	@Test
	void reactiveServiceBacksOffWhenUserDefinesOne() {
		ReactiveOAuth2AuthorizedClientService own = mock(InMemoryReactiveOAuth2AuthorizedClientService.class);

		Applications.reactive()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(ReactiveOAuth2AuthorizedClientService.class, () -> own)
			.run((context) -> {
				assertThat(context.getBean(ReactiveOAuth2AuthorizedClientService.class)).isSameAs(own);
				assertThat(context).hasSingleBean(RedisReactiveOAuth2AuthorizedClientManager.class);
			});
	}

	@Test
	void managerBacksOffWhenUserDefinesOne() {
		OAuth2AuthorizedClientManager own = mock(OAuth2AuthorizedClientManager.class);

		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(OAuth2AuthorizedClientManager.class, () -> own)
			.run((context) -> {
				assertThat(context.getBean(OAuth2AuthorizedClientManager.class)).isSameAs(own);
				assertThat(context).hasSingleBean(RedisReactiveOAuth2AuthorizedClientManager.class);
				assertThat(context).hasSingleBean(RedisOAuth2AuthorizedClientService.class);
			});
	}

	@Test
	void reactiveManagerBacksOffWhenUserDefinesOne() {
		ReactiveOAuth2AuthorizedClientManager own = mock(ReactiveOAuth2AuthorizedClientManager.class);

		Applications.reactive()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withBean(ReactiveOAuth2AuthorizedClientManager.class, () -> own)
			.run((context) -> {
				assertThat(context.getBean(ReactiveOAuth2AuthorizedClientManager.class)).isSameAs(own);
				assertThat(context).hasSingleBean(RedisOAuth2AuthorizedClientManager.class);
			});
	}

	@Test
	void startWhenOnlyServiceIsTheUsersWarns() {
		try (Logged logged = Logged.open()) {
			Applications.servlet()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withBean(OAuth2AuthorizedClientService.class, () -> mock(OAuth2AuthorizedClientService.class))
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.warnings()).singleElement().asString().contains("own OAuth2AuthorizedClientService");
		}
	}

	@Test
	void startWhenServiceAndManagerAreTheUsersSaysSo() {
		try (Logged logged = Logged.open()) {
			Applications.reactive()
				.withPropertyValues(Applications.REGISTRATIONS)
				.withBean(ReactiveOAuth2AuthorizedClientService.class,
						() -> mock(ReactiveOAuth2AuthorizedClientService.class))
				.withBean(ReactiveOAuth2AuthorizedClientManager.class,
						() -> mock(ReactiveOAuth2AuthorizedClientManager.class))
				.run((context) -> assertThat(context).hasNotFailed());

			assertThat(logged.warnings()).isEmpty();
			assertThat(logged.lines()).anyMatch((line) -> line.contains("own ReactiveOAuth2AuthorizedClientManager"));
		}
	}

	@Test
	void managerIsUniqueForArgumentResolvers() {
		Applications.servlet()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withUserConfiguration(Collector.class)
			.run((context) -> assertThat(context.getBean("collected"))
				.isInstanceOf(RedisOAuth2AuthorizedClientManager.class));
	}

	private static void assertOnly(ApplicationContext context, Class<?> type, Class<?> implementation) {
		assertThat(context.getBeansOfType(type).values()).singleElement().isInstanceOf(implementation);
	}

	@Configuration(proxyBeanMethods = false)
	static class Collector {

		@Bean
		Object collected(ObjectProvider<OAuth2AuthorizedClientManager> managers) {
			return managers.getIfUnique();
		}

	}

}
