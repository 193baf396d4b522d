package io.github.oauthredis.autoconfigure;

import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.runner.AbstractApplicationContextRunner;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;

/**
 * The three kinds of application, with everything Spring Boot configures by itself, two
 * registrations, and no Redis behind the configured port.
 */
final class Applications {

	static final String[] REGISTRATIONS = registrations("http://127.0.0.1:1", "one", "two");

	static final List<Class<?>> OURS = List.of(OAuthRedisAutoConfiguration.class,
			OAuthRedisClientAutoConfiguration.class, OAuthRedisRevocationAutoConfiguration.class,
			OAuthRedisRestClientAutoConfiguration.class, OAuthRedisSignalsAutoConfiguration.class,
			OAuthRedisWebClientAutoConfiguration.class);

	private Applications() {
	}

	static ApplicationContextRunner nonWeb() {
		return prepare(new ApplicationContextRunner());
	}

	static WebApplicationContextRunner servlet() {
		return prepare(new WebApplicationContextRunner());
	}

	static ReactiveWebApplicationContextRunner reactive() {
		return prepare(new ReactiveWebApplicationContextRunner());
	}

	static Stream<AbstractApplicationContextRunner<?, ?, ?>> all() {
		return Stream.of(nonWeb(), servlet(), reactive());
	}

	private static <R extends AbstractApplicationContextRunner<R, ?, ?>> R prepare(R runner) {
		return runner.withUserConfiguration(Everything.class)
			.withPropertyValues("spring.data.redis.port=1", "spring.data.redis.host=127.0.0.1");
	}

	static String[] registrations(String server, String... ids) {
		Function<String, Stream<String>> settings = (id) -> Stream.of(
				"registration.%s.client-id=%s-client".formatted(id, id),
				"registration.%s.client-secret=%s-secret".formatted(id, id),
				"registration.%s.provider=idp".formatted(id),
				"registration.%s.authorization-grant-type=client_credentials".formatted(id));
		return Stream.concat(Stream.of(ids).flatMap(settings), Stream.of("provider.idp.token-uri=" + server + "/token"))
			.map((setting) -> "spring.security.oauth2.client." + setting)
			.toArray(String[]::new);
	}

	static ClientRegistration.Builder registration(String id) {
		return ClientRegistration.withRegistrationId(id)
			.clientId(id + "-client")
			.clientSecret(id + "-secret")
			.authorizationGrantType(AuthorizationGrantType.CLIENT_CREDENTIALS)
			.tokenUri("http://127.0.0.1:1/token");
	}

	@EnableAutoConfiguration
	static class Everything {

	}

}
