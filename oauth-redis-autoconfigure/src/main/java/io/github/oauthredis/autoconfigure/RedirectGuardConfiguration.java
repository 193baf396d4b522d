package io.github.oauthredis.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.oauthredis.http.RedirectGuardPostProcessor;

/**
 * Keeps HTTP clients from carrying a token to another origin. Imported by each door.
 */
@Configuration(proxyBeanMethods = false)
class RedirectGuardConfiguration {

	@Bean
	@ConditionalOnMissingBean
	static RedirectGuardPostProcessor oauthRedisRedirectGuardPostProcessor() {
		return new RedirectGuardPostProcessor();
	}

}
