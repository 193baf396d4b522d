package io.github.oauthredis.sample.client;

import org.springframework.boot.restclient.RestClientCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.web.client.OAuth2ClientHttpRequestInterceptor;
import org.springframework.security.oauth2.client.web.client.RequestAttributeClientRegistrationIdResolver;

/** TEMPORARY: stock Spring Security in place of the starter's engine. */
@Configuration(proxyBeanMethods = false)
class StockTokens {

	@Bean
	RestClientCustomizer stockCustomizer(OAuth2AuthorizedClientManager manager) {
		OAuth2ClientHttpRequestInterceptor interceptor = new OAuth2ClientHttpRequestInterceptor(manager);
		RequestAttributeClientRegistrationIdResolver attribute = new RequestAttributeClientRegistrationIdResolver();
		interceptor.setClientRegistrationIdResolver((request) -> request.getURI().getPath().startsWith("/service/")
				? "demo-service" : attribute.resolve(request));
		return (builder) -> builder.requestInterceptor(interceptor);
	}

}
