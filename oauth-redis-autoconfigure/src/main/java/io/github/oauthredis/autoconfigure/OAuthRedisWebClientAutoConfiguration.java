package io.github.oauthredis.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.webclient.WebClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientHttpServiceGroupConfigurer;

import io.github.oauthredis.http.BearerTokenExchangeFilter;
import io.github.oauthredis.http.BearerTokenWebClientCustomizer;

/**
 * Auto-configuration of the door for {@link WebClient}: each one built from Spring Boot's
 * builder, and each HTTP service client, sends tokens.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(after = OAuthRedisClientAutoConfiguration.class,
		beforeName = "org.springframework.boot.webclient.autoconfigure.WebClientAutoConfiguration")
@ConditionalOnClass({ WebClient.class, WebClientCustomizer.class })
@ConditionalOnBean(OAuthRedisSettings.class)
@Import(RedirectGuardConfiguration.class)
public final class OAuthRedisWebClientAutoConfiguration {

	// The manager is not fetched before the first request: what it is made of may itself
	// depend on an HTTP client that is being built.
	@Bean
	@ConditionalOnMissingBean
	BearerTokenExchangeFilter oauthRedisBearerTokenExchangeFilter(
			ObjectProvider<ReactiveOAuth2AuthorizedClientManager> managers, OAuthRedisSettings settings) {
		LazyBean<ReactiveOAuth2AuthorizedClientManager> manager = new LazyBean<>(managers::getObject);
		return new BearerTokenExchangeFilter((request) -> manager.get().authorize(request), settings.targets(),
				settings.properties().http().retryOnUnauthorized(), settings.properties().http().challengeExceptions());
	}

	@Bean
	@ConditionalOnMissingBean
	BearerTokenWebClientCustomizer oauthRedisWebClientCustomizer(BearerTokenExchangeFilter filter) {
		return new BearerTokenWebClientCustomizer(filter);
	}

	/**
	 * HTTP service clients whose methods or types name a registration.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ WebClientHttpServiceGroupConfigurer.class, ClientRegistrationIdProcessor.class })
	static class HttpServiceConfiguration {

		@Bean
		WebClientHttpServiceGroupConfigurer oauthRedisWebClientHttpServiceGroupConfigurer() {
			return (groups) -> groups.forEachProxyFactory((group, factory) -> factory
				.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
		}

	}

}
