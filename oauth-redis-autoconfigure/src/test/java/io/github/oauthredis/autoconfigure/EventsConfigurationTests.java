package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.AuditEventRepository;
import org.springframework.boot.actuate.audit.InMemoryAuditEventRepository;
import org.springframework.boot.actuate.audit.listener.AuditListener;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import io.github.oauthredis.actuate.AuditEvents;
import io.github.oauthredis.actuate.AuditLog;
import io.github.oauthredis.client.TokenRevocations;
import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.testkit.Await;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link EventsConfiguration}.
 */
class EventsConfigurationTests {

	private static final TokenEvent EVENT = new TokenEvent(TokenEvent.Type.DEAD, "idp", "key", "principal", 7, "gone");

	private final ApplicationContextRunner runner = Applications.nonWeb()
		.withPropertyValues(Applications.REGISTRATIONS)
		.withPropertyValues("spring.application.name=shop");

	@Test
	void eventsReachTheRepositoryOfTheApplication() {
		this.runner.withUserConfiguration(Repository.class).run((context) -> {
			context.getBean(TokenEvents.class).publish(EVENT);

			AuditEventRepository repository = context.getBean(AuditEventRepository.class);
			Await.until(Duration.ofSeconds(10), () -> !repository.find("principal", null, null).isEmpty());
			AuditEvent stored = repository.find("principal", null, "OAUTH_REDIS_DEAD").get(0);
			assertThat(stored.getData()).containsEntry("cause", "gone");
			assertThat(stored.getData().get("instance")).asString().matches("shop@[0-9a-f]{8}");
		});
	}

	@Test
	void auditsOfTheApplicationHearOfAnotherInstanceWithEachStart() {
		Set<String> instances = ConcurrentHashMap.newKeySet();
		List<TokenEvent> heard = new CopyOnWriteArrayList<>();
		ApplicationContextRunner audited = this.runner.withBean("own", TokenAudit.class, () -> (event, instance) -> {
			instances.add(instance);
			heard.add(event);
		});

		for (int start = 1; start <= 2; start++) {
			int expected = start;
			audited.run((context) -> {
				context.getBean(TokenEvents.class).publish(EVENT);
				Await.until(Duration.ofSeconds(10), () -> heard.size() == expected);
			});
		}

		assertThat(instances).hasSize(2);
	}

	@Test
	void auditMayNeedWhatPublishesEvents() {
		this.runner.withUserConfiguration(RevokingAudit.class).run((context) -> {
			assertThat(context).hasNotFailed();

			context.getBean(TokenEvents.class).publish(EVENT);

			List<?> heard = context.getBean("heard", List.class);
			Await.until(Duration.ofSeconds(10), () -> !heard.isEmpty());
			assertThat(heard).hasToString("[" + EVENT + "]");
		});
	}

	@Test
	void auditEventsAreLeftOutWithoutActuator() {
		this.runner
			.run((context) -> assertThat(context).hasSingleBean(AuditLog.class).hasSingleBean(AuditEvents.class));
		this.runner.withClassLoader(new FilteredClassLoader("org.springframework.boot.actuate"))
			.run((context) -> assertThat(context).hasNotFailed()
				.hasSingleBean(TokenEvents.class)
				.hasSingleBean(AuditLog.class)
				.doesNotHaveBean("oauthRedisAuditEvents"));
	}

	@Configuration(proxyBeanMethods = false)
	static class RevokingAudit {

		private final List<TokenEvent> heard = new CopyOnWriteArrayList<>();

		@Bean
		TokenAudit revokingAudit(TokenRevocations revocations) {
			return (event, instance) -> this.heard.add(event);
		}

		@Bean
		List<TokenEvent> heard() {
			return this.heard;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Repository {

		@Bean
		AuditEventRepository repository() {
			return new InMemoryAuditEventRepository();
		}

		@Bean
		AuditListener listener(AuditEventRepository repository) {
			return new AuditListener(repository);
		}

	}

}
