package io.github.oauthredis.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2AuthorizationCodeGrantRequest;

import io.github.oauthredis.client.AuthorizedClients;
import io.github.oauthredis.client.RedisOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisOAuth2AuthorizedClientService;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientManager;
import io.github.oauthredis.client.RedisReactiveOAuth2AuthorizedClientService;
import io.github.oauthredis.client.TokenEndpoint;

/**
 * Auto-configuration of the services and managers of Spring Security on the engine. Comes
 * before Spring Boot defines services that keep authorized clients in memory.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(after = OAuthRedisAutoConfiguration.class,
		before = { OAuth2ClientAutoConfiguration.class, ReactiveOAuth2ClientAutoConfiguration.class })
@ConditionalOnBean({ AuthorizedClients.class, OAuthRedisSettings.class })
public final class OAuthRedisClientAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean(OAuth2AuthorizedClientManager.class)
	RedisOAuth2AuthorizedClientManager oauthRedisAuthorizedClientManager(AuthorizedClients clients,
			ApplicationEventPublisher publisher) {
		return new RedisOAuth2AuthorizedClientManager(clients, publisher);
	}

	@Bean
	@ConditionalOnMissingBean(ReactiveOAuth2AuthorizedClientManager.class)
	RedisReactiveOAuth2AuthorizedClientManager oauthRedisReactiveAuthorizedClientManager(AuthorizedClients clients) {
		return new RedisReactiveOAuth2AuthorizedClientManager(clients);
	}

	@Bean
	OwnPartsCheck oauthRedisOwnPartsCheck(ObjectProvider<OAuth2AuthorizedClientService> services,
			ObjectProvider<OAuth2AuthorizedClientManager> managers,
			ObjectProvider<ReactiveOAuth2AuthorizedClientService> reactiveServices,
			ObjectProvider<ReactiveOAuth2AuthorizedClientManager> reactiveManagers) {
		return new OwnPartsCheck(services, managers, reactiveServices, reactiveManagers);
	}

	/**
	 * What a reactive web application has no use for.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(NotReactiveCondition.class)
	static class BlockingServiceConfiguration {

		@Bean
		@ConditionalOnMissingBean(OAuth2AuthorizedClientService.class)
		RedisOAuth2AuthorizedClientService oauthRedisAuthorizedClientService(AuthorizedClients clients) {
			return new RedisOAuth2AuthorizedClientService(clients);
		}

	}

	/**
	 * What a servlet application has no use for.
	 */
	@Configuration(proxyBeanMethods = false)
	@Conditional(NotServletCondition.class)
	static class ReactiveServiceConfiguration {

		@Bean
		@ConditionalOnMissingBean(ReactiveOAuth2AuthorizedClientService.class)
		RedisReactiveOAuth2AuthorizedClientService oauthRedisReactiveAuthorizedClientService(
				AuthorizedClients clients) {
			return new RedisReactiveOAuth2AuthorizedClientService(clients);
		}

	}

	/**
	 * Logins, whose token requests get the same deadlines and trust as all others.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	static class LoginConfiguration {

		@Bean
		@ConditionalOnMissingBean
		OAuth2AccessTokenResponseClient<OAuth2AuthorizationCodeGrantRequest> oauthRedisAuthorizationCodeClient(
				TokenEndpoint endpoint) {
			return endpoint.authorizationCode();
		}

	}

}
