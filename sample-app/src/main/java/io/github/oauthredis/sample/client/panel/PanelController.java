package io.github.oauthredis.sample.client.panel;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.dao.DataAccessException;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestClientException;

import io.github.oauthredis.sample.client.panel.Attribution.Attributed;
import io.github.oauthredis.sample.client.panel.ServerState.IssuedToken;

/**
 * Everything the page shows, asked for each second.
 *
 * @author OAuth Redis
 */
@RestController
class PanelController {

	private static final ServerState AWAY = new ServerState(List.of(), Map.of(), List.of());

	private final Clock clock = Clock.systemUTC();

	private final DemoServer server;

	private final EventLog events;

	private final RedisKeys keys;

	private final DemoRedis redis;

	private final String instance;

	private final Map<String, String> instances;

	PanelController(DemoServer server, EventLog events, RedisKeys keys, DemoRedis redis,
			@Value("${sample.instance}") String instance,
			@Value("http://localhost:${sample.instance-1.port}") String first,
			@Value("http://localhost:${sample.instance-2.port}") String second) {
		this.server = server;
		this.events = events;
		this.keys = keys;
		this.redis = redis;
		this.instance = instance;
		this.instances = Map.of("instance-1", first, "instance-2", second);
	}

	@GetMapping("/panel")
	Panel panel(@Nullable Authentication user) {
		List<String> problems = new ArrayList<>();
		ServerState state = AWAY;
		List<InstanceEvent> recent = List.of();
		List<RedisKeys.Entry> entries = List.of();
		try {
			state = this.server.state();
		}
		catch (RestClientException ex) {
			problems.add("The authorization server does not answer.");
		}
		try {
			recent = this.events.recent();
			entries = this.keys.read();
		}
		catch (DataAccessException ex) {
			problems.add("Redis does not answer.");
		}
		return new Panel(this.instance, this.instances, (user != null) ? user.getName() : null, this.clock.instant(),
				problems, state.totals(), Attribution.attribute(state.requests(), recent), state.tokens(), recent,
				entries, this.redis.outage().toSeconds());
	}

	record Panel(String instance, Map<String, String> instances, @Nullable String user, Instant now,
			List<String> problems, Map<String, Long> totals, List<Attributed> requests, List<IssuedToken> tokens,
			List<InstanceEvent> events, List<RedisKeys.Entry> keys, long outageSeconds) {

	}

}
