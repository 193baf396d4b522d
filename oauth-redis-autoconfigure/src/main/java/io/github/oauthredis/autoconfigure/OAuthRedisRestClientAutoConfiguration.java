package io.github.oauthredis.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.imperative.ImperativeHttpClientAutoConfiguration;
import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.io.ResourceLoader;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.client.ClientRegistrationIdProcessor;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientHttpServiceGroupConfigurer;

import io.github.oauthredis.http.BearerTokenInterceptor;
import io.github.oauthredis.http.BearerTokenRestClientCustomizer;

/**
 * Auto-configuration of the door for {@link RestClient}: each one built from Spring
 * Boot's builder, and each HTTP service client, sends tokens.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(after = { OAuthRedisClientAutoConfiguration.class, ImperativeHttpClientAutoConfiguration.class },
		beforeName = "org.springframework.boot.restclient.autoconfigure.RestClientAutoConfiguration")
@ConditionalOnClass({ RestClient.class, RestClientCustomizer.class })
@ConditionalOnBean(OAuthRedisSettings.class)
@Import(RedirectGuardConfiguration.class)
public final class OAuthRedisRestClientAutoConfiguration {

	// The manager is not fetched before the first request: what it is made of may itself
	// depend on an HTTP client that is being built.
	@Bean
	@ConditionalOnMissingBean
	BearerTokenInterceptor oauthRedisBearerTokenInterceptor(ObjectProvider<OAuth2AuthorizedClientManager> managers,
			OAuthRedisSettings settings) {
		LazyBean<OAuth2AuthorizedClientManager> manager = new LazyBean<>(managers::getObject);
		return new BearerTokenInterceptor((request) -> manager.get().authorize(request), settings.targets(),
				settings.properties().http().retryOnUnauthorized(), settings.properties().http().challengeExceptions());
	}

	@Bean
	@ConditionalOnMissingBean
	BearerTokenRestClientCustomizer oauthRedisRestClientCustomizer(BearerTokenInterceptor interceptor) {
		return new BearerTokenRestClientCustomizer(interceptor);
	}

	// Spring Boot has none in a reactive web application and detects one where nothing
	// could keep it from following redirects.
	@Bean
	@ConditionalOnMissingBean
	ClientHttpRequestFactoryBuilder<?> oauthRedisClientHttpRequestFactoryBuilder(ResourceLoader resourceLoader) {
		return ClientHttpRequestFactoryBuilder.detect(resourceLoader.getClassLoader());
	}

	/**
	 * HTTP service clients whose methods or types name a registration.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass({ RestClientHttpServiceGroupConfigurer.class, ClientRegistrationIdProcessor.class })
	static class HttpServiceConfiguration {

		@Bean
		RestClientHttpServiceGroupConfigurer oauthRedisRestClientHttpServiceGroupConfigurer() {
			return (groups) -> groups.forEachProxyFactory((group, factory) -> factory
				.httpRequestValuesProcessor(ClientRegistrationIdProcessor.DEFAULT_INSTANCE));
		}

	}

}
