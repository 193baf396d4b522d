package io.github.oauthredis.autoconfigure;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Client;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Refresh;
import io.github.oauthredis.client.AccessPolicy;
import io.github.oauthredis.client.ClientSettings;
import io.github.oauthredis.http.AmbiguousUriPatternException;
import io.github.oauthredis.http.InvalidUriPatternException;
import io.github.oauthredis.http.RequestTargets;
import io.github.oauthredis.refresh.RefreshPolicy;
import io.github.oauthredis.refresh.RequestLimits;
import io.github.oauthredis.store.Budget;

/**
 * Settings that were checked, in the form in which the lower floors take them. Immutable.
 */
final class OAuthRedisSettings {

	private final OAuthRedisProperties properties;

	private final Map<String, ClientSettings> clients;

	private final ClientSettings otherClients;

	private final RequestTargets targets;

	/**
	 * Check settings and translate them.
	 * @param properties settings as they were bound
	 * @throws InvalidOAuthRedisConfigurationException if they cannot work
	 */
	OAuthRedisSettings(OAuthRedisProperties properties) {
		PropertiesValidator.validate(properties);
		this.properties = properties;
		Map<String, ClientSettings> clients = new LinkedHashMap<>();
		properties.clients().forEach((id, client) -> clients.put(id, translate(client)));
		this.clients = Map.copyOf(clients);
		this.otherClients = translate(Client.DEFAULTS);
		this.targets = targets(uris());
	}

	OAuthRedisProperties properties() {
		return this.properties;
	}

	/**
	 * Settings of one registration.
	 * @param registrationId id of the client registration
	 * @return what is configured, or the defaults
	 */
	ClientSettings client(String registrationId) {
		return this.clients.getOrDefault(registrationId, this.otherClients);
	}

	/**
	 * Client secrets of a registration besides its own, by which records may be sealed.
	 * @param registrationId id of the client registration
	 * @return those that are to come, then those that were
	 */
	List<String> otherClientSecrets(String registrationId) {
		Client client = this.properties.client(registrationId);
		return Stream.concat(client.nextClientSecrets().stream(), client.previousClientSecrets().stream()).toList();
	}

	/**
	 * How many token requests may be sent.
	 * @return the limits
	 */
	RequestLimits limits() {
		Refresh refresh = this.properties.refresh();
		return new RequestLimits(refresh.concurrency(),
				(refresh.rate() > 0) ? new Budget(refresh.rate(), refresh.burst()) : null);
	}

	/**
	 * Which requests get which token.
	 * @return the decision, the same object each time
	 */
	RequestTargets targets() {
		return this.targets;
	}

	/**
	 * URI patterns by registration id, in the order of the configuration.
	 * @return registrations that have some; empty if none has
	 */
	Map<String, List<String>> uris() {
		Map<String, List<String>> uris = new LinkedHashMap<>();
		this.properties.clients().forEach((id, client) -> {
			if (!client.uris().isEmpty()) {
				uris.put(id, client.uris());
			}
		});
		return uris;
	}

	private ClientSettings translate(Client client) {
		Refresh refresh = this.properties.refresh();
		RefreshPolicy policy = new RefreshPolicy(refresh.window(), refresh.windowFraction(), refresh.margin(),
				refresh.callTimeout(), refresh.callerWait(), refresh.minInterval(), refresh.maxBackoff(),
				client.rotationGrace(), client.defaultTokenLifetime(), this.properties.grantLifetime());
		return new ClientSettings(policy, client.parameters(), client.sslBundle(), access(client),
				client.actorRegistration());
	}

	private static AccessPolicy access(Client client) {
		List<String> allowed = client.allowedAuthorities();
		Map<String, Set<String>> scopes = new LinkedHashMap<>();
		client.scopesByAuthority().forEach((authority, names) -> scopes.put(authority, Set.copyOf(names)));
		return new AccessPolicy((allowed != null) ? Set.copyOf(allowed) : Set.of(), scopes,
				Set.copyOf(client.requiredScopes()));
	}

	private static RequestTargets targets(Map<String, List<String>> uris) {
		try {
			return new RequestTargets(uris);
		}
		catch (InvalidUriPatternException ex) {
			throw new InvalidOAuthRedisConfigurationException(
					"oauth-redis.clients.%s.uris".formatted(ex.getRegistrationId()), withoutUserInfo(ex.getPattern()),
					"It is not an origin with an optional path pattern: %s.".formatted(ex.getReason()),
					"Write it like 'https://api.example.com' or 'https://*.example.com/orders/**'.");
		}
		catch (AmbiguousUriPatternException ex) {
			throw new InvalidOAuthRedisConfigurationException(
					"oauth-redis.clients.%s.uris".formatted(ex.getFirstRegistrationId()), ex.getFirstPattern(),
					("It can match the same request as '%s' of registration '%s' and is exactly as specific, so nobody "
							+ "could tell whose token the request gets.")
						.formatted(ex.getSecondPattern(), ex.getSecondRegistrationId()),
					"Make one of the two patterns more specific, or remove it and select the registration by attribute.");
		}
	}

	/** Somebody may have put a password into it. */
	private static String withoutUserInfo(String pattern) {
		return pattern.replaceAll("//.*@", "//***@");
	}

}
