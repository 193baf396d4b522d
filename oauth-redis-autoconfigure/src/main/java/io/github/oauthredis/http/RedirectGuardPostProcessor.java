package io.github.oauthredis.http;

import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;

/**
 * Guards what the builders of HTTP clients build, so that no client carries a token along
 * a redirect. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 * @see RedirectGuards
 */
public final class RedirectGuardPostProcessor implements BeanPostProcessor {

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		if (bean instanceof ClientHttpRequestFactoryBuilder<?> builder) {
			return RedirectGuards.guardRequestFactories(builder);
		}
		if (bean instanceof ClientHttpConnectorBuilder<?> builder) {
			return RedirectGuards.guardConnectors(builder);
		}
		return bean;
	}

}
