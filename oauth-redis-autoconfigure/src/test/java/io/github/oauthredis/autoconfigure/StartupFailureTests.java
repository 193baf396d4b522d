package io.github.oauthredis.autoconfigure;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.proc.SecurityContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

/**
 * Tests that each mistake in the configuration is explained when the application starts,
 * and that no secret is shown meanwhile, at whatever level is logged.
 */
@ExtendWith(OutputCaptureExtension.class)
class StartupFailureTests {

	private static final String SECRET = Base64.getEncoder()
		.encodeToString("canary-canary-canary-canary-cana".getBytes(StandardCharsets.US_ASCII));

	@ParameterizedTest
	@EnumSource
	void startWhenNoRedisIsConfiguredExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class,
				"spring.autoconfigure.exclude="
						+ "org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration,"
						+ "org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration,"
						+ "org.springframework.boot.data.redis.autoconfigure.DataRedisRepositoriesAutoConfiguration");

		assertExplains(output, "spring.data.redis", "No Redis is configured", "oauth-redis.enabled=false");
	}

	@Test
	void startWhenRedisIsAmbiguousExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, TwoRedises.class);

		assertExplains(output, "spring.data.redis", "none of them is primary", "@Primary");
	}

	@Test
	void startWhenConnectionsAreOfJedisExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, Jedis.class);

		assertExplains(output, "spring.data.redis.client-type", "needs Lettuce", "io.lettuce:lettuce-core");
	}

	@Test
	void startWhenLettuceIsMissingExplains() {
		Applications.nonWeb()
			.withPropertyValues(Applications.REGISTRATIONS)
			.withClassLoader(new FilteredClassLoader("io.lettuce"))
			.withUserConfiguration(Jedis.class)
			.run((context) -> assertThat(context).getFailure()
				.rootCause()
				.isInstanceOf(InvalidOAuthRedisConfigurationException.class)
				.hasMessageContaining("Lettuce is not on the class path"));
	}

	@Test
	void startWhenSourceOfKeysFailsExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, FailingSource.class);

		assertExplains(output, "oauth-redis.encryption",
				"JWK Set of bean 'oauthRedisJwkSource' cannot be read (IllegalStateException).", "JWKSource bean");
	}

	@Test
	void startWhenSourceOfKeysAndSettingsAreThereExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, FailingSource.class, "oauth-redis.encryption.keys[0].id=one",
				"oauth-redis.encryption.keys[0].secret=" + SECRET);

		assertExplains(output, "oauth-redis.encryption.keys", "Bean 'oauthRedisJwkSource' gives the keys",
				"Remove the property or the bean");
	}

	@Test
	void startWhenReplicasCannotBeWaitedForExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, OtherConnections.class, "oauth-redis.refresh.wait-replicas=1");

		assertExplains(output, "oauth-redis.refresh.wait-replicas", "a connection of its own to the primary",
				"set the property to 0");
	}

	@ParameterizedTest
	@EnumSource
	void startWhenScopesOfAGrantFollowAuthoritiesExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class, "oauth-redis.clients.one.scopes-by-authority.[ROLE_A]=read",
				"spring.security.oauth2.client.registration.one.authorization-grant-type=authorization_code",
				"spring.security.oauth2.client.registration.one.redirect-uri=http://127.0.0.1:1/callback",
				"spring.security.oauth2.client.provider.idp.authorization-uri=http://127.0.0.1:1/authorize");

		assertExplains(output, "oauth-redis.clients.one.scopes-by-authority", "a grant has one token",
				"allowed-authorities");
	}

	@ParameterizedTest
	@EnumSource
	void startWhenActorIsUnknownExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class, "oauth-redis.clients.one.actor-registration=agent");

		assertExplains(output, "oauth-redis.clients.one.actor-registration", "client credentials", "Correct the id");
	}

	@ParameterizedTest
	@EnumSource
	void startWhenGrantTypeHasNoActorExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class, "oauth-redis.clients.one.actor-registration=two",
				"spring.security.oauth2.client.registration.one.authorization-grant-type="
						+ "urn:ietf:params:oauth:grant-type:jwt-bearer");

		assertExplains(output, "oauth-redis.clients.one.actor-registration", "Only a token exchange",
				"Remove the property");
	}

	@Test
	void startWhenNoUserGrantsWhatSignalsEndExplains(CapturedOutput output) {
		start(WebApplicationType.SERVLET, Everything.class, "oauth-redis.clients.one.signals.back-channel-logout=true");

		assertExplains(output, "oauth-redis.clients.one.signals", "end what users granted", "authorization_code");
	}

	@ParameterizedTest
	@EnumSource
	void startWhenRegistrationIsUnknownExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class, "oauth-redis.clients.onee.uris=https://api.example.com",
				"oauth-redis.clients.onee.parameters.key=" + SECRET);

		assertExplains(output, "oauth-redis.clients.onee", "[one, two]", "Correct the id");
	}

	@Test
	void startWhenRegistrationIsUnknownToOtherRepositoryExplains(CapturedOutput output) {
		start(WebApplicationType.SERVLET, OtherRepository.class,
				"oauth-redis.clients.onee.uris=https://api.example.com");

		assertExplains(output, "oauth-redis.clients.onee", "does not know it", "Correct the id");
	}

	@ParameterizedTest
	@ValueSource(strings = { "short", "%s%s", "not base64 at all: %s!" })
	void startWhenKeyIsMalformedExplainsWithoutIt(String pattern, CapturedOutput output) {
		String malformed = pattern.formatted(SECRET, SECRET);

		FailedStart failure = start(WebApplicationType.NONE, Everything.class, "oauth-redis.encryption.keys[0].id=2026",
				"oauth-redis.encryption.keys[0].secret=" + malformed, FailedStart.AT_TRACE);

		assertExplains(output, "oauth-redis.encryption.keys", "32 bytes", "openssl rand");
		assertThat(output).doesNotContain(malformed);
		failure.assertHides(malformed);
	}

	@Test
	void startWhenKeyAndIdAreMixedUpShowsNeither(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.encryption.keys[0].secret=2026",
				"oauth-redis.encryption.keys[0].id=" + SECRET, FailedStart.AT_TRACE);

		assertExplains(output, "oauth-redis.encryption.keys", "32 bytes", "openssl rand");
	}

	@Test
	void startWhenJwkSetIsMissingExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.encryption.jwk-set-location=file:/no/such/file");

		assertExplains(output, "oauth-redis.encryption.jwk-set-location", "cannot be read", "");
	}

	@Test
	void startWhenLocationIsTheKeyItselfHidesIt(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.encryption.jwk-set-location=" + SECRET,
				FailedStart.AT_TRACE);

		assertExplains(output, "oauth-redis.encryption.jwk-set-location", "cannot be read", "");
	}

	@Test
	void startWhenUrisTieExplains(CapturedOutput output) {
		start(WebApplicationType.SERVLET, Everything.class, "oauth-redis.clients.one.uris=https://api.example.com/a/**",
				"oauth-redis.clients.two.uris=https://api.example.com/a/**");

		assertExplains(output, "oauth-redis.clients.one.uris", "as '", "Make one of the two patterns more specific");
		assertThat(output).contains("registration 'two'");
	}

	@Test
	void startWhenUriIsNoOriginExplains(CapturedOutput output) {
		start(WebApplicationType.SERVLET, Everything.class,
				"oauth-redis.clients.one.uris=https://user:" + SECRET + "@api.example.com/", FailedStart.AT_TRACE);

		assertExplains(output, "oauth-redis.clients.one.uris", "not an origin", "https://api.example.com");
	}

	@ParameterizedTest
	@EnumSource
	void startWhenClientHasNeitherSecretNorKeyExplains(WebApplicationType type, CapturedOutput output) {
		start(type, Everything.class, "spring.security.oauth2.client.registration.two.client-secret=",
				"spring.security.oauth2.client.registration.two.client-authentication-method=none");

		assertExplains(output, "oauth-redis.encryption.keys", "'two' has no client secret",
				"oauth-redis.encryption.enabled=false");
	}

	@Test
	void startWhenWaitDoesNotExceedCallTimeoutExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.refresh.call-timeout=8s");

		assertExplains(output, "oauth-redis.refresh.wait", "call-timeout', which is PT8S", "Raise");
	}

	@Test
	void startWhenSslBundleIsUnknownExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.clients.one.ssl-bundle=nowhere");

		assertExplains(output, "oauth-redis.clients.one.ssl-bundle", "no SSL bundle", "spring.ssl.bundle");
	}

	@Test
	void startWhenKeyPrefixIsUnfitExplains(CapturedOutput output) {
		start(WebApplicationType.NONE, Everything.class, "oauth-redis.key-prefix=a{b}");

		assertExplains(output, "oauth-redis.key-prefix", "brace", "Choose a prefix");
	}

	private static FailedStart start(WebApplicationType type, Class<?> application, String... properties) {
		List<String> all = new ArrayList<>(List.of(Applications.REGISTRATIONS));
		all.add("oauth-redis.clients.two.previous-client-secrets=" + SECRET);
		all.add("spring.security.oauth2.client.registration.one.client-secret=" + SECRET);
		all.add("spring.main.banner-mode=off");
		all.add("server.port=0");
		all.addAll(List.of(properties));
		FailedStart failure = FailedStart.of(type, List.of(application), all.toArray(String[]::new));
		failure.assertHides(SECRET);
		return failure;
	}

	private static void assertExplains(CapturedOutput output, String property, String reason, String action) {
		assertThat(output).contains("APPLICATION FAILED TO START", "OAuth Redis cannot start",
				"Property: " + property + System.lineSeparator());
		String report = output.getAll().substring(output.getAll().indexOf("APPLICATION FAILED TO START"));
		assertThat(report).contains(reason).contains(action);
		assertThat(output.getAll()).doesNotContain(SECRET);
	}

	@EnableAutoConfiguration
	static class Everything {

	}

	@EnableAutoConfiguration
	static class Jedis {

		@Bean
		RedisConnectionFactory jedis() {
			return mock(RedisConnectionFactory.class);
		}

	}

	@EnableAutoConfiguration
	static class TwoRedises {

		@Bean
		RedisConnectionFactory first() {
			return mock(RedisConnectionFactory.class);
		}

		@Bean
		RedisConnectionFactory second() {
			return mock(RedisConnectionFactory.class);
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class FailingSource {

		@Bean
		JWKSource<SecurityContext> oauthRedisJwkSource() {
			return (selector, context) -> {
				throw new IllegalStateException(SECRET);
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OtherConnections {

		@Bean
		RedisConnectionFactory connections() {
			return new LettuceConnectionFactory() {
			};
		}

	}

	@Configuration(proxyBeanMethods = false)
	@EnableAutoConfiguration
	static class OtherRepository {

		@Bean
		ClientRegistrationRepository repository() {
			ClientRegistration own = Applications.registration("one").build();
			return (id) -> List.of("one", "two").contains(id) ? own : null;
		}

	}

}
