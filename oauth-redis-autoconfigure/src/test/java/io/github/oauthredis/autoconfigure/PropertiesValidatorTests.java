package io.github.oauthredis.autoconfigure;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link PropertiesValidator}.
 */
class PropertiesValidatorTests {

	@Test
	void validateWhenNothingIsConfiguredAccepts() {
		OAuthRedisProperties properties = Settings.of(Map.of());

		assertThatNoException().isThrownBy(() -> PropertiesValidator.validate(properties));
	}

	@ParameterizedTest
	@ValueSource(strings = { "app", "app:oauth-redis", "a.b_c-1" })
	void validateWhenKeyPrefixIsPlainAccepts(String prefix) {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.key-prefix", prefix));

		assertThatNoException().isThrownBy(() -> PropertiesValidator.validate(properties));
	}

	@ParameterizedTest
	@ValueSource(strings = { "a{b", "a}", "a*", "a?", "a[b]", "a\\b", "a^", "a b", "a\tb", "a\u0000b" })
	void validateWhenKeyPrefixIsUnfitRefuses(String prefix) {
		refuses(Map.of("oauth-redis.key-prefix", prefix), "oauth-redis.key-prefix");
	}

	@Test
	void validateWhenKeyPrefixIsEmptyRefuses() {
		refuses(Map.of("oauth-redis.key-prefix", ""), "oauth-redis.key-prefix");
	}

	@ParameterizedTest
	@ValueSource(strings = { "redis-timeout", "grant-lifetime", "clients.github.default-token-lifetime",
			"refresh.window", "refresh.margin", "refresh.connect-timeout", "refresh.call-timeout", "refresh.wait",
			"refresh.min-interval", "refresh.max-backoff", "near-cache.max-staleness", "circuit-breaker.open-for" })
	void validateWhenDurationIsNotPositiveRefuses(String name) {
		refuses(Map.of("oauth-redis." + name, "0s"), "oauth-redis." + name);
		refuses(Map.of("oauth-redis." + name, "-1s"), "oauth-redis." + name);
		refuses(Map.of("oauth-redis." + name, "36501d"), "oauth-redis." + name);
	}

	@Test
	void validateWhenNextClientSecretIsBlankRefuses() {
		refuses(Map.of("oauth-redis.clients.github.next-client-secrets[0]", " "),
				"oauth-redis.clients.github.next-client-secrets");
	}

	@Test
	void validateWhenRotationDelayIsNegativeRefuses() {
		refuses(Map.of("oauth-redis.encryption.rotation-delay", "-1ms"), "oauth-redis.encryption.rotation-delay");
	}

	@ParameterizedTest
	@ValueSource(ints = { -1, 100_001 })
	void validateWhenSweepRateIsOutOfRangeRefuses(int rate) {
		refuses(Map.of("oauth-redis.sweep-rate", Integer.toString(rate)), "oauth-redis.sweep-rate");
	}

	@Test
	void validateWhenRotationGraceIsNegativeRefuses() {
		refuses(Map.of("oauth-redis.clients.github.rotation-grace", "-1ms"),
				"oauth-redis.clients.github.rotation-grace");
	}

	@Test
	void validateWhenOutageStalenessIsNegativeRefuses() {
		refuses(Map.of("oauth-redis.near-cache.outage-staleness", "-1ms"), "oauth-redis.near-cache.outage-staleness");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "-1" })
	void validateWhenNearCacheHasNoRoomRefuses(String size) {
		refuses(Map.of("oauth-redis.near-cache.maximum-size", size), "oauth-redis.near-cache.maximum-size");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "1", "-0.1", "1.5", "NaN" })
	void validateWhenWindowFractionIsNoFractionRefuses(String fraction) {
		refuses(Map.of("oauth-redis.refresh.window-fraction", fraction), "oauth-redis.refresh.window-fraction");
	}

	@ParameterizedTest
	@CsvSource({ "5s, 5s", "5s, 4s", "10s, 8s" })
	void validateWhenWaitDoesNotExceedCallTimeoutRefuses(String callTimeout, String wait) {
		refuses(Map.of("oauth-redis.refresh.call-timeout", callTimeout, "oauth-redis.refresh.wait", wait),
				"oauth-redis.refresh.wait");
	}

	@Test
	void validateWhenMaxBackoffIsBelowMinIntervalRefuses() {
		refuses(Map.of("oauth-redis.refresh.max-backoff", "1s"), "oauth-redis.refresh.max-backoff");
	}

	@ParameterizedTest
	@ValueSource(strings = { "refresh.concurrency", "refresh.burst", "circuit-breaker.failure-threshold" })
	void validateWhenNumberIsNotPositiveRefuses(String name) {
		refuses(Map.of("oauth-redis." + name, "0"), "oauth-redis." + name);
		refuses(Map.of("oauth-redis." + name, "-1"), "oauth-redis." + name);
	}

	@Test
	void validateWhenNumberIsOutOfReasonRefuses() {
		refuses(Map.of("oauth-redis.refresh.burst", "1000001"), "oauth-redis.refresh.burst");
		refuses(Map.of("oauth-redis.refresh.wait-replicas", "-1"), "oauth-redis.refresh.wait-replicas");
		refuses(Map.of("oauth-redis.refresh.wait-replicas", "101"), "oauth-redis.refresh.wait-replicas");
		refuses(Map.of("oauth-redis.circuit-breaker.failure-threshold", "1001"),
				"oauth-redis.circuit-breaker.failure-threshold");
	}

	@ParameterizedTest
	@ValueSource(strings = { "-0.1", "-1", "NaN", "Infinity", "1000001" })
	void validateWhenRateIsNoRateRefuses(String rate) {
		refuses(Map.of("oauth-redis.refresh.rate", rate), "oauth-redis.refresh.rate");
	}

	@ParameterizedTest
	@ValueSource(strings = { "0", "0.01", "1000000" })
	void validateWhenRateIsReasonableAccepts(String rate) {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.refresh.rate", rate));

		assertThatNoException().isThrownBy(() -> PropertiesValidator.validate(properties));
	}

	@Test
	void validateWhenKeysAndJwkSetLocationAreSetRefuses() {
		refuses(Map.of("oauth-redis.encryption.keys[0].id", "a", "oauth-redis.encryption.keys[0].secret", "b",
				"oauth-redis.encryption.jwk-set-location", "file:keys.json"),
				"oauth-redis.encryption.jwk-set-location");
	}

	@Test
	void validateWhenNoAuthorityIsAllowedRefuses() {
		refuses(Map.of("oauth-redis.clients.github.allowed-authorities", ""),
				"oauth-redis.clients.github.allowed-authorities");
	}

	@Test
	void validateWhenAuthorityHasNoScopesRefuses() {
		refuses(Map.of("oauth-redis.clients.github.scopes-by-authority.[ROLE_A]", ""),
				"oauth-redis.clients.github.scopes-by-authority");
	}

	@Test
	void validateWhenParameterWouldReplaceScopesOfAuthoritiesRefuses() {
		refuses(Map.of("oauth-redis.clients.github.scopes-by-authority.[ROLE_A]", "read",
				"oauth-redis.clients.github.parameters.scope", "write"), "oauth-redis.clients.github.parameters.scope");
	}

	@ParameterizedTest
	@ValueSource(strings = { "uris[0]", "previous-client-secrets[0]", "parameters.[ ]", "ssl-bundle",
			"allowed-authorities[0]", "required-scopes[0]", "scopes-by-authority.[ROLE_A][0]",
			"scopes-by-authority.[ ][0]" })
	void validateWhenTextOfClientIsBlankRefuses(String name) {
		String property = "oauth-redis.clients.github." + name;

		refuses(Map.of(property, " "), "oauth-redis.clients.github." + name.replaceAll("[.]?\\[.*", ""));
	}

	@ParameterizedTest
	@ValueSource(strings = { "/revoke", "idp.example/revoke", "ftp://idp.example/revoke", "https:///revoke",
			"https://me:canary@idp.example/revoke", "https://idp.example/revoke#part", "https://idp.example/a b" })
	void validateWhenRevocationUriIsNoAbsoluteUrlRefuses(String uri) {
		refuses(Map.of("oauth-redis.clients.github.revocation-uri", uri), "oauth-redis.clients.github.revocation-uri");
	}

	@ParameterizedTest
	@ValueSource(strings = { "https://idp.example/revoke", "http://127.0.0.1:8080/revoke?tenant=a" })
	void validateWhenRevocationUriIsAbsoluteAccepts(String uri) {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.clients.github.revocation-uri", uri));

		assertThatNoException().isThrownBy(() -> PropertiesValidator.validate(properties));
	}

	private static void refuses(Map<String, String> settings, String property) {
		OAuthRedisProperties properties = Settings.of(settings);

		assertThatExceptionOfType(InvalidOAuthRedisConfigurationException.class)
			.isThrownBy(() -> PropertiesValidator.validate(properties))
			.satisfies((ex) -> {
				assertThat(ex.getProperty()).isEqualTo(property);
				assertThat(ex.getReason()).endsWith(".");
				assertThat(ex.getAction()).endsWith(".");
				assertThat(ex).hasMessageContaining(property);
			});
	}

}
