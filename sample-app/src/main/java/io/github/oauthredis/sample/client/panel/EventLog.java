package io.github.oauthredis.sample.client.panel;

import java.time.Clock;
import java.time.Duration;
import java.util.List;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.event.EventListener;
import org.springframework.dao.DataAccessException;
import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

import io.github.oauthredis.event.TokenEvent;

/**
 * Collects the token events of all instances in one short Redis list, newest first.
 *
 * @author OAuth Redis
 */
@Component
class EventLog {

	private static final Log logger = LogFactory.getLog(EventLog.class);

	private static final String KEY = "sample:events";

	private static final int CAPACITY = 40;

	private static final Duration KEPT = Duration.ofMinutes(10);

	private final Clock clock = Clock.systemUTC();

	private final StringRedisTemplate redis;

	private final JsonMapper json;

	private final String instance;

	EventLog(StringRedisTemplate redis, JsonMapper json, @Value("${sample.instance}") String instance) {
		this.redis = redis;
		this.json = json;
		this.instance = instance;
	}

	@EventListener
	void on(TokenEvent event) {
		InstanceEvent entry = new InstanceEvent(this.clock.instant(), this.instance, event.type(),
				event.registrationId(), event.generation(), event.detail());
		try {
			this.redis.opsForList().leftPush(KEY, this.json.writeValueAsString(entry));
			this.redis.opsForList().trim(KEY, 0, CAPACITY - 1);
			this.redis.expire(KEY, KEPT);
		}
		catch (DataAccessException ex) {
			logger.warn("The page will miss an event, because Redis does not answer", ex);
		}
	}

	List<InstanceEvent> recent() {
		List<String> entries = this.redis.opsForList().range(KEY, 0, CAPACITY - 1);
		return (entries != null)
				? entries.stream().map((entry) -> this.json.readValue(entry, InstanceEvent.class)).toList() : List.of();
	}

}
