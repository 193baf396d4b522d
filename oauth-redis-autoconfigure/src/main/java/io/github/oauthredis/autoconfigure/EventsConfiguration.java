package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.UUID;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

import io.github.oauthredis.actuate.AuditEvents;
import io.github.oauthredis.actuate.AuditLog;
import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvents;

/**
 * Who hears what happens to tokens: audits, and the application.
 */
@Configuration(proxyBeanMethods = false)
class EventsConfiguration {

	private static final Clock clock = Clock.systemUTC();

	@Bean
	@ConditionalOnMissingBean
	TokenEvents oauthRedisTokenEvents(ApplicationEventPublisher publisher, ObjectProvider<TokenAudit> audits,
			Environment environment) {
		String instance = environment.getProperty("spring.application.name", "application") + "@"
				+ UUID.randomUUID().toString().substring(0, 8);
		return new ApplicationTokenEvents(publisher, audits::orderedStream, instance, clock);
	}

	@Bean
	@ConditionalOnMissingBean
	AuditLog oauthRedisAuditLog() {
		return new AuditLog();
	}

	/**
	 * Audit events, where Spring Boot's Actuator is there.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(AuditApplicationEvent.class)
	static class AuditEventsConfiguration {

		@Bean
		@ConditionalOnMissingBean
		AuditEvents oauthRedisAuditEvents(ApplicationEventPublisher publisher) {
			return new AuditEvents(publisher, clock);
		}

	}

}
