package io.github.oauthredis.sample.client.panel;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.sample.client.panel.ServerState.TokenRequest;

/**
 * Finds out which instance sent a token request: the one that reported its outcome next.
 *
 * @author OAuth Redis
 */
final class Attribution {

	private static final Duration REPORTED_WITHIN = Duration.ofSeconds(2);

	private static final Map<String, Set<TokenEvent.Type>> OUTCOMES = Map.of("authorization_code",
			EnumSet.of(TokenEvent.Type.SAVED, TokenEvent.Type.PENDING), "refresh_token",
			EnumSet.of(TokenEvent.Type.REFRESHED, TokenEvent.Type.FAILED, TokenEvent.Type.DEAD,
					TokenEvent.Type.PENDING),
			"client_credentials", EnumSet.of(TokenEvent.Type.OBTAINED, TokenEvent.Type.REFRESHED,
					TokenEvent.Type.FAILED, TokenEvent.Type.PENDING));

	private Attribution() {
	}

	/**
	 * Name the instance of each request.
	 * @param requests token requests, newest first
	 * @param events events of all instances, in any order
	 * @return the same requests in the same order
	 */
	static List<Attributed> attribute(List<TokenRequest> requests, List<InstanceEvent> events) {
		List<InstanceEvent> unused = new ArrayList<>(events);
		unused.sort(Comparator.comparing(InstanceEvent::time));
		List<Attributed> attributed = new ArrayList<>();
		for (int i = requests.size() - 1; i >= 0; i--) {
			TokenRequest request = requests.get(i);
			InstanceEvent report = unused.stream().filter((event) -> reports(event, request)).findFirst().orElse(null);
			unused.remove(report);
			attributed.add(0, new Attributed(request, (report != null) ? report.instance() : null,
					(report != null) ? report.generation() : 0));
		}
		return attributed;
	}

	private static boolean reports(InstanceEvent event, TokenRequest request) {
		Instant latest = request.answered().plus(REPORTED_WITHIN);
		return request.client().equals(event.registration())
				&& OUTCOMES.getOrDefault(request.grantType(), Set.of()).contains(event.type())
				&& !event.time().isBefore(request.received()) && event.time().isBefore(latest);
	}

	/**
	 * A token request and who sent it.
	 *
	 * @param request the request
	 * @param instance name of the instance, or null if none reported it
	 * @param generation generation it led to, or 0
	 */
	record Attributed(TokenRequest request, @Nullable String instance, long generation) {

	}

}
