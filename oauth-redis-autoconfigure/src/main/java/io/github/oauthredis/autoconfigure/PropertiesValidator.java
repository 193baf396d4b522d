package io.github.oauthredis.autoconfigure;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.springframework.util.StringUtils;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Client;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.ClientSignals;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Encryption;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.NearCache;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Refresh;

/**
 * Checks settings that can be judged by themselves, after they were bound. Keys and URIs
 * are left to the floors that parse them. Pure.
 */
final class PropertiesValidator {

	private static final Duration LONGEST = Duration.ofDays(36_500);

	private static final Pattern PATH = Pattern.compile("(/[A-Za-z0-9._~-]+)+");

	private PropertiesValidator() {
	}

	/**
	 * Check all settings.
	 * @param properties the settings
	 * @throws InvalidOAuthRedisConfigurationException for the first one that cannot work
	 */
	static void validate(OAuthRedisProperties properties) {
		validateKeyPrefix(properties.keyPrefix());
		requirePositive("oauth-redis.redis-timeout", properties.redisTimeout());
		requirePositive("oauth-redis.grant-lifetime", properties.grantLifetime());
		requireBetween("oauth-redis.sweep-rate", properties.sweepRate(), 0, 100_000);
		properties.clients().forEach(PropertiesValidator::validateClient);
		validateSignals(properties);
		validateRefresh(properties.refresh());
		validateEncryption(properties.encryption());
		validateNearCache(properties.nearCache());
		requireBetween("oauth-redis.circuit-breaker.failure-threshold", properties.circuitBreaker().failureThreshold(),
				1, 1_000);
		requirePositive("oauth-redis.circuit-breaker.open-for", properties.circuitBreaker().openFor());
	}

	private static void validateKeyPrefix(String keyPrefix) {
		IntPredicate unfit = (c) -> "{}*?[]\\^".indexOf(c) >= 0 || Character.isWhitespace(c)
				|| Character.isISOControl(c);
		if (keyPrefix.isEmpty() || keyPrefix.chars().anyMatch(unfit)) {
			throw new InvalidOAuthRedisConfigurationException("oauth-redis.key-prefix", keyPrefix,
					"It must not be empty and must hold no space, brace or glob character: braces decide the "
							+ "cluster slot of a key, and glob characters break the patterns of access rules.",
					"Choose a prefix of letters, digits, '-', '_', '.' and ':'.");
		}
	}

	private static void validateClient(String registrationId, Client client) {
		String prefix = "oauth-redis.clients.%s.".formatted(registrationId);
		requirePositive(prefix + "default-token-lifetime", client.defaultTokenLifetime());
		requireNotNegative(prefix + "rotation-grace", client.rotationGrace());
		requireText(prefix + "uris", client.uris(), "Remove the empty entry.");
		requireText(prefix + "previous-client-secrets", client.previousClientSecrets(), "Remove the empty entry.");
		requireText(prefix + "next-client-secrets", client.nextClientSecrets(), "Remove the empty entry.");
		requireText(prefix + "parameters", client.parameters().keySet(), "Give each parameter a name.");
		validateAccess(prefix, client);
		if (client.sslBundle() != null) {
			requireText(prefix + "ssl-bundle", List.of(client.sslBundle()),
					"Name an SSL bundle or remove the property.");
		}
		if (client.revocationUri() != null && !isHttp(client.revocationUri())) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "revocation-uri", null,
					"It is not an absolute HTTP URL without user info and fragment.",
					"Write it like 'https://login.example.com/oauth2/revoke', or remove the property.");
		}
	}

	private static boolean isHttp(String text) {
		try {
			URI uri = new URI(text);
			return ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
					&& uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null;
		}
		catch (URISyntaxException ex) {
			return false;
		}
	}

	private static void validateAccess(String prefix, Client client) {
		List<String> allowed = client.allowedAuthorities();
		if (allowed != null && allowed.isEmpty()) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "allowed-authorities", null,
					"It names no authority, so nobody could get a token.",
					"Name an authority, or remove the property if nobody is to be excluded.");
		}
		requireText(prefix + "allowed-authorities", (allowed != null) ? allowed : List.of(), "Remove the empty entry.");
		requireText(prefix + "required-scopes", client.requiredScopes(), "Remove the empty entry.");
		requireText(prefix + "scopes-by-authority", client.scopesByAuthority().keySet(), "Name the authority.");
		client.scopesByAuthority().forEach((authority, scopes) -> {
			requireText(prefix + "scopes-by-authority", scopes, "Remove the empty entry.");
			if (scopes.isEmpty()) {
				throw new InvalidOAuthRedisConfigurationException(prefix + "scopes-by-authority", authority,
						"It names no scope, and a request without scopes may get any.", "Name a scope.");
			}
		});
		if (!client.scopesByAuthority().isEmpty() && client.parameters().containsKey("scope")) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "parameters.scope",
					client.parameters().get("scope"), "It would replace the scopes of 'scopes-by-authority'.",
					"Keep one of the two.");
		}
	}

	private static void validateSignals(OAuthRedisProperties properties) {
		String path = properties.signals().path();
		if (!PATH.matcher(path).matches()) {
			throw new InvalidOAuthRedisConfigurationException("oauth-redis.signals.path", path,
					"It must be a path such as '/oauth-redis', without an end slash and special characters.",
					"Choose such a path.");
		}
		properties.clients().forEach((id, client) -> validateSignals(id, client.signals()));
	}

	private static void validateSignals(String registrationId, ClientSignals signals) {
		String prefix = "oauth-redis.clients.%s.signals.".formatted(registrationId);
		if (!signals.equals(ClientSignals.NONE) && !PATH.matcher("/" + registrationId).matches()) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "*", null,
					"The registration id is part of a URI, so it must consist of letters, digits, '.', '-', '_' and '~'.",
					"Choose another registration id.");
		}
		if ((signals.webhook() != null) != (signals.webhookSecret() != null)) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "webhook", signals.webhook(),
					"A service and the secret with which it signs go together.",
					"Set both '%swebhook' and '%<swebhook-secret', or none.".formatted(prefix));
		}
		Stream
			.of(signals.issuer(), signals.jwkSetUri(), signals.audience(), signals.bearerToken(), signals.webhook(),
					signals.webhookSecret())
			.filter(Objects::nonNull)
			.forEach((value) -> requireText(prefix + "*", List.of(value), "Give it a text or remove it."));
	}

	private static void validateRefresh(Refresh refresh) {
		String prefix = "oauth-redis.refresh.";
		requirePositive(prefix + "window", refresh.window());
		if (!(refresh.windowFraction() > 0 && refresh.windowFraction() < 1)) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "window-fraction",
					Double.toString(refresh.windowFraction()), "It must lie between 0 and 1, both excluded.",
					"Choose a fraction such as 0.2.");
		}
		requirePositive(prefix + "margin", refresh.margin());
		requirePositive(prefix + "connect-timeout", refresh.connectTimeout());
		requirePositive(prefix + "call-timeout", refresh.callTimeout());
		requirePositive(prefix + "wait", refresh.callerWait());
		requirePositive(prefix + "min-interval", refresh.minInterval());
		requirePositive(prefix + "max-backoff", refresh.maxBackoff());
		if (refresh.callerWait().compareTo(refresh.callTimeout()) <= 0) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "wait", refresh.callerWait().toString(),
					"It must exceed 'oauth-redis.refresh.call-timeout', which is %s: otherwise callers give up before "
						.formatted(refresh.callTimeout()) + "the token request they wait for can end.",
					"Raise 'oauth-redis.refresh.wait' or lower 'oauth-redis.refresh.call-timeout'.");
		}
		if (refresh.minInterval().compareTo(refresh.maxBackoff()) > 0) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "max-backoff", refresh.maxBackoff().toString(),
					"It must not be below 'oauth-redis.refresh.min-interval', which is %s."
						.formatted(refresh.minInterval()),
					"Raise 'oauth-redis.refresh.max-backoff' or lower 'oauth-redis.refresh.min-interval'.");
		}
		requireBetween(prefix + "concurrency", refresh.concurrency(), 1, Integer.MAX_VALUE);
		if (!(refresh.rate() >= 0 && refresh.rate() <= 1_000_000)) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "rate", Double.toString(refresh.rate()),
					"It must not be negative and not exceed 1,000,000 token requests per second.",
					"Choose a number such as 20 or 0.5, or 0 for no bound.");
		}
		requireBetween(prefix + "burst", refresh.burst(), 1, 1_000_000);
		requireBetween(prefix + "wait-replicas", refresh.waitReplicas(), 0, 100);
	}

	private static void validateEncryption(Encryption encryption) {
		requireNotNegative("oauth-redis.encryption.rotation-delay", encryption.rotationDelay());
		String location = encryption.jwkSetLocation();
		if (location != null && !encryption.keys().isEmpty()) {
			throw new InvalidOAuthRedisConfigurationException("oauth-redis.encryption.jwk-set-location", location,
					"It excludes 'oauth-redis.encryption.keys': with both, nobody could tell which key seals.",
					"Keep one of the two.");
		}
		if (location != null) {
			requireText("oauth-redis.encryption.jwk-set-location", List.of(location),
					"Name a JWK Set file or remove the property.");
		}
	}

	private static void validateNearCache(NearCache nearCache) {
		String prefix = "oauth-redis.near-cache.";
		requirePositive(prefix + "max-staleness", nearCache.maxStaleness());
		requireNotNegative(prefix + "outage-staleness", nearCache.outageStaleness());
		if (nearCache.maximumSize() < 1) {
			throw new InvalidOAuthRedisConfigurationException(prefix + "maximum-size",
					Long.toString(nearCache.maximumSize()), "There must be room for one record at least.",
					"Choose a number of 1 or more, or set 'oauth-redis.near-cache.enabled=false'.");
		}
	}

	private static void requirePositive(String property, Duration value) {
		if (value.isZero()) {
			throw new InvalidOAuthRedisConfigurationException(property, value.toString(), "It must be positive.",
					"Choose a duration such as 5s or 10m.");
		}
		requireNotNegative(property, value);
	}

	private static void requireNotNegative(String property, Duration value) {
		if (value.isNegative() || value.compareTo(LONGEST) > 0) {
			throw new InvalidOAuthRedisConfigurationException(property, value.toString(),
					"It must not be negative and not exceed 100 years.", "Choose a duration such as 5s or 10m.");
		}
	}

	private static void requireBetween(String property, int value, int least, int most) {
		if (value < least || value > most) {
			throw new InvalidOAuthRedisConfigurationException(property, Integer.toString(value),
					"It must lie between %d and %d.".formatted(least, most), "Choose a number in this range.");
		}
	}

	private static void requireText(String property, Iterable<String> values, String action) {
		for (String value : values) {
			if (!StringUtils.hasText(value)) {
				throw new InvalidOAuthRedisConfigurationException(property, null, "It holds an empty text.", action);
			}
		}
	}

}
