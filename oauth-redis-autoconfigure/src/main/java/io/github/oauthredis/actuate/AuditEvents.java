package io.github.oauthredis.actuate;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.audit.AuditEvent;
import org.springframework.boot.actuate.audit.listener.AuditApplicationEvent;
import org.springframework.context.ApplicationEventPublisher;

import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvent;

/**
 * Publishes each event as an {@link AuditEvent} of Spring Boot, which puts it into the
 * application's {@code AuditEventRepository}. Its principal is the digest of the
 * principal's name, or {@code registration:<id>}, or {@code oauth-redis} for what
 * concerns all. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class AuditEvents implements TokenAudit {

	private static final String TYPE_PREFIX = "OAUTH_REDIS_";

	private final ApplicationEventPublisher publisher;

	private final Clock clock;

	/**
	 * Create an audit.
	 * @param publisher publishes to the application
	 * @param clock local clock
	 */
	public AuditEvents(ApplicationEventPublisher publisher, Clock clock) {
		this.publisher = publisher;
		this.clock = clock;
	}

	@Override
	public void record(TokenEvent event, String instance) {
		this.publisher.publishEvent(new AuditApplicationEvent(new AuditEvent(this.clock.instant(), principal(event),
				TYPE_PREFIX + event.type(), data(event, instance))));
	}

	private static String principal(TokenEvent event) {
		if (event.principalDigest() != null) {
			return event.principalDigest();
		}
		return (event.registrationId() != null) ? "registration:" + event.registrationId() : "oauth-redis";
	}

	private static Map<String, Object> data(TokenEvent event, String instance) {
		Map<String, Object> data = new LinkedHashMap<>();
		put(data, "registration", event.registrationId());
		put(data, "key", event.keyDigest());
		put(data, "generation", event.generation());
		put(data, "cause", event.detail());
		put(data, "instance", instance);
		return data;
	}

	private static void put(Map<String, Object> data, String name, @Nullable Object value) {
		if (value != null) {
			data.put(name, value);
		}
	}

}
