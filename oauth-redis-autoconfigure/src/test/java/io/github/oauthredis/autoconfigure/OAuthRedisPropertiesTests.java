package io.github.oauthredis.autoconfigure;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link OAuthRedisProperties}.
 */
class OAuthRedisPropertiesTests {

	private static final Set<String> WITHOUT_DEFAULT = Set.of("oauth-redis.clients", "oauth-redis.encryption.keys",
			"oauth-redis.encryption.jwk-set-location");

	@Test
	void bindWhenNothingIsConfiguredReturnsDefaults() {
		OAuthRedisProperties properties = Settings.of(Map.of());

		assertThat(properties.enabled()).isTrue();
		assertThat(properties.keyPrefix()).isEqualTo("oauth-redis");
		assertThat(properties.redisTimeout()).isEqualTo(Duration.ofSeconds(1));
		assertThat(properties.grantLifetime()).isEqualTo(Duration.ofDays(180));
		assertThat(properties.sweepRate()).isEqualTo(100);
		assertThat(properties.clients()).isEmpty();
		assertThat(properties.refresh()).isEqualTo(new OAuthRedisProperties.Refresh(Duration.ofMinutes(5), 0.2,
				Duration.ofSeconds(5), Duration.ofSeconds(2), Duration.ofSeconds(5), Duration.ofSeconds(8),
				Duration.ofSeconds(5), Duration.ofMinutes(5), 16, 0, 10, 0));
		assertThat(properties.encryption())
			.isEqualTo(new OAuthRedisProperties.Encryption(true, List.of(), null, Duration.ofMinutes(5)));
		assertThat(properties.http()).isEqualTo(new OAuthRedisProperties.Http(true, true));
		assertThat(properties.circuitBreaker())
			.isEqualTo(new OAuthRedisProperties.CircuitBreaker(true, 5, Duration.ofSeconds(30)));
		assertThat(properties.revocation()).isEqualTo(new OAuthRedisProperties.Revocation(true, true));
	}

	@Test
	void clientWhenNotConfiguredEqualsOneWithoutSettings() {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.clients.github.uris", ""));

		assertThat(properties.client("other")).isEqualTo(properties.client("github"));
		assertThat(properties.client("other").defaultTokenLifetime()).isEqualTo(Duration.ofMinutes(5));
		assertThat(properties.client("other").rotationGrace()).isZero();
	}

	@Test
	void bindWhenClientIsConfiguredReturnsItsSettings() {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.clients.my-idp.uris[0]",
				"https://api.example.com/**", "oauth-redis.clients.my-idp.parameters.audience", "https://api",
				"oauth-redis.clients.my-idp.previous-client-secrets", "one,two",
				"oauth-redis.clients.my-idp.next-client-secrets", "three", "oauth-redis.clients.my-idp.ssl-bundle",
				"idp", "oauth-redis.clients.my-idp.rotation-grace", "30s"));

		OAuthRedisProperties.Client client = properties.client("my-idp");
		assertThat(client.uris()).containsExactly("https://api.example.com/**");
		assertThat(client.parameters()).containsExactly(Map.entry("audience", "https://api"));
		assertThat(client.previousClientSecrets()).containsExactly("one", "two");
		assertThat(client.nextClientSecrets()).containsExactly("three");
		assertThat(client.sslBundle()).isEqualTo("idp");
		assertThat(client.rotationGrace()).isEqualTo(Duration.ofSeconds(30));
	}

	@Test
	void bindWhenAccessIsConfiguredKeepsAuthoritiesAsTheyAreWritten() {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.clients.idp.allowed-authorities",
				"ROLE_CLERK,SCOPE_a:b", "oauth-redis.clients.idp.scopes-by-authority.[ROLE_CLERK]", "read,write",
				"oauth-redis.clients.idp.required-scopes", "read"));

		OAuthRedisProperties.Client client = properties.client("idp");
		assertThat(client.allowedAuthorities()).containsExactly("ROLE_CLERK", "SCOPE_a:b");
		assertThat(client.scopesByAuthority()).containsExactly(Map.entry("ROLE_CLERK", List.of("read", "write")));
		assertThat(client.requiredScopes()).containsExactly("read");
		assertThat(properties.client("other").allowedAuthorities()).isNull();
	}

	@Test
	void toStringShowsNoSecret() {
		OAuthRedisProperties properties = Settings.of(Map.of("oauth-redis.clients.idp.parameters.api-key", "canary-1",
				"oauth-redis.clients.idp.previous-client-secrets[0]", "canary-2",
				"oauth-redis.clients.idp.next-client-secrets[0]", "canary-6", "oauth-redis.encryption.keys[0].id",
				"2026", "oauth-redis.encryption.keys[0].secret", "canary-3",
				"oauth-redis.clients.idp.signals.webhook-secret", "canary-4",
				"oauth-redis.clients.idp.signals.bearer-token", "canary-5"));

		assertThat(properties.toString()).contains("api-key", "2026").doesNotContain("canary");
	}

	@Test
	void metadataDescribesEveryProperty() throws IOException {
		JsonNode metadata = metadata();

		for (JsonNode property : metadata.get("properties")) {
			String name = property.get("name").asString();
			assertThat(name).startsWith("oauth-redis.");
			assertThat(property.path("type").asString("")).as(name).isNotEmpty();
			String description = property.path("description").asString("");
			assertThat(description).as(name).endsWith(".").doesNotStartWith("The ").doesNotStartWith("A ");
			if (property.get("type").asString().equals("java.lang.Boolean")) {
				assertThat(description).as(name).startsWith("Whether ");
			}
			assertThat(property.has("defaultValue")).as("%s has a default", name)
				.isEqualTo(!WITHOUT_DEFAULT.contains(name));
		}
	}

	@Test
	void metadataListsTheSettingsOfThisVersionOnly() throws IOException {
		assertThat(metadata().get("properties")).extracting((property) -> property.get("name").asString())
			.containsExactlyInAnyOrder("oauth-redis.enabled", "oauth-redis.key-prefix", "oauth-redis.redis-timeout",
					"oauth-redis.grant-lifetime", "oauth-redis.sweep-rate", "oauth-redis.clients",
					"oauth-redis.refresh.window", "oauth-redis.refresh.window-fraction", "oauth-redis.refresh.margin",
					"oauth-redis.refresh.connect-timeout", "oauth-redis.refresh.call-timeout",
					"oauth-redis.refresh.wait", "oauth-redis.refresh.min-interval", "oauth-redis.refresh.max-backoff",
					"oauth-redis.refresh.concurrency", "oauth-redis.refresh.rate", "oauth-redis.refresh.burst",
					"oauth-redis.refresh.wait-replicas", "oauth-redis.circuit-breaker.enabled",
					"oauth-redis.circuit-breaker.failure-threshold", "oauth-redis.circuit-breaker.open-for",
					"oauth-redis.encryption.enabled", "oauth-redis.encryption.keys",
					"oauth-redis.encryption.jwk-set-location", "oauth-redis.encryption.rotation-delay",
					"oauth-redis.http.retry-on-unauthorized", "oauth-redis.http.challenge-exceptions",
					"oauth-redis.near-cache.enabled", "oauth-redis.near-cache.maximum-size",
					"oauth-redis.near-cache.max-staleness", "oauth-redis.near-cache.outage-staleness",
					"oauth-redis.signals.path", "oauth-redis.revocation.enabled", "oauth-redis.revocation.on-logout");
	}

	private static JsonNode metadata() throws IOException {
		try (InputStream json = OAuthRedisProperties.class
			.getResourceAsStream("/META-INF/spring-configuration-metadata.json")) {
			return JsonMapper.shared().readTree(json);
		}
	}

}
