package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.ClientAuthenticationMethod;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.ClientSecretPlaces;

/**
 * Sends a request with the next client secret where the provider refuses one, and begins
 * with the one that worked from then on, on all instances. A provider checks the client
 * before anything else, so a request that was refused for its client has used up nothing.
 * Thread-safe; blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ClientSecretRollover {

	/**
	 * Only a registration's own secret is ever sent.
	 */
	static final ClientSecretRollover NONE = new ClientSecretRollover((id) -> List.of(), null, (event) -> {
	}, Clock.fixed(Instant.EPOCH, ZoneOffset.UTC));

	private static final Log logger = LogFactory.getLog(ClientSecretRollover.class);

	private static final Set<ClientAuthenticationMethod> METHODS = Set
		.of(ClientAuthenticationMethod.CLIENT_SECRET_BASIC, ClientAuthenticationMethod.CLIENT_SECRET_POST);

	private final Function<String, List<String>> nextSecrets;

	private final @Nullable ClientSecretPlaces shared;

	private final TokenEvents events;

	private final Clock clock;

	// The place that worked last, of each registration that has several secrets.
	private final Map<String, Integer> places = new ConcurrentHashMap<>();

	/**
	 * Create a rollover.
	 * @param nextSecrets secrets to try after a registration's own, by its id
	 * @param shared what all instances know; null if each finds out for itself
	 * @param events hears when another secret works
	 * @param clock local clock
	 */
	public ClientSecretRollover(Function<String, List<String>> nextSecrets, @Nullable ClientSecretPlaces shared,
			TokenEvents events, Clock clock) {
		this.nextSecrets = nextSecrets;
		this.shared = shared;
		this.events = events;
		this.clock = clock;
	}

	/**
	 * Send a request.
	 * @param <T> type of the answer
	 * @param registration the client registration
	 * @param time longest time of one request; another secret is tried in the first
	 * quarter only, for the lease outlasts one request by little
	 * @param request sends it with a secret, or with the registration's own if that is
	 * null
	 * @return the first answer that is not about a refused client
	 * @throws RuntimeException what the request throws; the last refusal, if all secrets
	 * were refused
	 */
	<T> T send(ClientRegistration registration, Duration time, Function<@Nullable String, T> request) {
		String registrationId = registration.getRegistrationId();
		List<String> next = this.nextSecrets.apply(registrationId);
		if (next.isEmpty() || !METHODS.contains(registration.getClientAuthenticationMethod())) {
			return request.apply(null);
		}
		Instant end = this.clock.instant().plus(time.dividedBy(4));
		int first = first(registrationId, next.size());
		int place = first;
		for (int tried = 0; true; tried++) {
			try {
				T answer = request.apply((place != 0) ? next.get(place - 1) : null);
				worked(registrationId, place, first);
				return answer;
			}
			catch (RuntimeException ex) {
				// A request that begins later could meet one under another lease. Who
				// refuses a client does so at once.
				if (tried == next.size() || !refusesClient(ex) || !this.clock.instant().isBefore(end)) {
					throw ex;
				}
			}
			place = following(place, first);
		}
	}

	/**
	 * The first one, then all others in the order of the list.
	 */
	private static int following(int place, int first) {
		int next = (place == first) ? 0 : place + 1;
		return (next == first) ? next + 1 : next;
	}

	private int first(String registrationId, int last) {
		Integer place = this.places.get(registrationId);
		if (this.shared != null) {
			try {
				Integer noted = this.shared.find(registrationId).toCompletableFuture().join();
				place = (noted != null) ? noted : place;
			}
			catch (RuntimeException ex) {
				logger.debug("Which client secret of registration '%s' works is not known".formatted(registrationId),
						ex);
			}
		}
		return (place != null && place <= last) ? place : 0;
	}

	private void worked(String registrationId, int place, int first) {
		this.places.put(registrationId, place);
		if (place == first) {
			return;
		}
		if (this.shared != null) {
			CompletionStage<@Nullable Void> unused = this.shared.note(registrationId, place);
		}
		logger.info("The provider of registration '%s' accepts another client secret now: %s".formatted(registrationId,
				(place != 0) ? "number %d of 'next-client-secrets'".formatted(place) : "its own"));
		this.events.publish(new TokenEvent(TokenEvent.Type.CLIENT_SECRET_CHANGED, registrationId, null, null, 0,
				Integer.toString(place)));
	}

	private static boolean refusesClient(RuntimeException ex) {
		TokenEndpointException answer = TokenRequestFailures.find(ex, TokenEndpointException.class);
		return answer != null
				&& ((answer.code() != null) ? ErrorCode.refusesClient(answer.code()) : answer.status() == 401);
	}

}
