package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import jakarta.servlet.Filter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.web.server.WebFilter;

import io.github.oauthredis.client.GrantRevocations;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.webhook.GrantRevoker;
import io.github.oauthredis.webhook.SignalFilter;
import io.github.oauthredis.webhook.SignalHandler;
import io.github.oauthredis.webhook.SignalWebFilter;
import io.github.oauthredis.webhook.SlackWebhook;
import io.github.oauthredis.webhook.WebhookProvider;

/**
 * Auto-configuration of the doors for messages of providers, where the settings of a
 * registration ask for some.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(after = { OAuthRedisAutoConfiguration.class, OAuthRedisRevocationAutoConfiguration.class })
@ConditionalOnBean({ GrantRevocations.class, OAuthRedisSettings.class })
@Conditional(OnSignalsCondition.class)
public final class OAuthRedisSignalsAutoConfiguration {

	// Before Spring Security, which would ask the sender to log in, and before whatever
	// reads bodies.
	private static final int ORDER = Ordered.HIGHEST_PRECEDENCE + 10;

	// Not a bean: one of this type would be taken for the application's own.
	private static final Clock clock = Clock.systemUTC();

	@Bean
	@ConditionalOnMissingBean
	SignalStore oauthRedisSignalStore(OwnConnections connections, OAuthRedisSettings settings, SealingKeys keys) {
		OAuthRedisProperties properties = settings.properties();
		Set<String> receiving = new HashSet<>(properties.clients().keySet());
		receiving.removeIf((id) -> properties.client(id).signals().equals(OAuthRedisProperties.ClientSignals.NONE));
		return new SignalStore(connections.factory(), properties.keyPrefix(), properties.redisTimeout(), keys,
				receiving, properties.grantLifetime(), clock);
	}

	@Bean
	@ConditionalOnMissingBean
	GrantRevoker oauthRedisGrantRevoker(GrantRevocations revocations) {
		return revocations::revokeGrant;
	}

	@Bean
	SignalHandler oauthRedisSignalHandler(OAuthRedisSettings settings, Registrations registrations,
			ObjectProvider<WebhookProvider> webhooks, ObjectProvider<SslBundles> sslBundles, SignalStore store,
			GrantRevoker revoker, TokenEvents events) {
		List<WebhookProvider> known = new ArrayList<>(webhooks.orderedStream().toList());
		known.add(new SlackWebhook());
		SignalEndpoints endpoints = new SignalEndpoints(settings.properties(), registrations, known,
				sslBundles.getIfAvailable(), clock);
		return new SignalHandler(endpoints.all(), store, revoker, events, clock);
	}

	/**
	 * The door of servlet applications.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(Filter.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
	static class ServletConfiguration {

		@Bean
		FilterRegistrationBean<SignalFilter> oauthRedisSignalFilter(SignalHandler handler) {
			FilterRegistrationBean<SignalFilter> registration = new FilterRegistrationBean<>(new SignalFilter(handler));
			registration.setUrlPatterns(handler.paths());
			registration.setOrder(ORDER);
			return registration;
		}

	}

	/**
	 * The door of reactive applications.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(WebFilter.class)
	@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
	static class ReactiveConfiguration {

		@Bean
		SignalWebFilter oauthRedisSignalWebFilter(SignalHandler handler) {
			return new SignalWebFilter(handler, ORDER);
		}

	}

}
