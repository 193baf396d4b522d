package io.github.oauthredis.benchmark;

import java.util.Map;
import java.util.TreeMap;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;

/**
 * One instance of an application with the starter, seen through the beans that an
 * application uses.
 */
final class Ours implements AutoCloseable {

	static final String KEY_PREFIX = "oauth-redis";

	private final ConfigurableApplicationContext context;

	private Ours(ConfigurableApplicationContext context) {
		this.context = context;
	}

	/**
	 * Start an instance.
	 * @param redisPort port of Redis on this machine
	 * @param tokenUri token endpoint of both registrations
	 * @param changes further settings
	 */
	static Ours start(int redisPort, String tokenUri, Map<String, String> changes) {
		Map<String, String> settings = settings(redisPort, tokenUri);
		settings.putAll(changes);
		return new Ours(new SpringApplicationBuilder(Application.class).web(WebApplicationType.NONE)
			.run(settings.entrySet().stream().map((setting) -> "--" + setting).toArray(String[]::new)));
	}

	static Ours startWithoutNearCache(int redisPort, String tokenUri) {
		return start(redisPort, tokenUri, Map.of("oauth-redis.near-cache.enabled", "false"));
	}

	private static Map<String, String> settings(int redisPort, String tokenUri) {
		Map<String, String> settings = new TreeMap<>();
		String client = "spring.security.oauth2.client.";
		for (String id : new String[] { Samples.USERS, Samples.SERVICE }) {
			String registration = client + "registration." + id + ".";
			settings.put(registration + "client-id", Samples.CLIENT_ID);
			settings.put(registration + "client-secret", Samples.CLIENT_SECRET);
			settings.put(registration + "provider", "idp");
			settings.put(registration + "authorization-grant-type",
					id.equals(Samples.SERVICE) ? "client_credentials" : "authorization_code");
			settings.put(registration + "redirect-uri", "{baseUrl}/login/oauth2/code/{registrationId}");
			settings.put(registration + "scope", "read,write");
		}
		settings.put(client + "provider.idp.authorization-uri", "https://provider.example/authorize");
		settings.put(client + "provider.idp.token-uri", tokenUri);
		settings.put("spring.data.redis.host", "127.0.0.1");
		settings.put("spring.data.redis.port", String.valueOf(redisPort));
		settings.put("oauth-redis.key-prefix", KEY_PREFIX);
		// The first connection of a cold JVM on a busy machine is not what is measured.
		settings.put("oauth-redis.redis-timeout", "5s");
		settings.put("spring.main.banner-mode", "off");
		settings.put("logging.level.root", "warn");
		return settings;
	}

	OAuth2AuthorizedClientManager manager() {
		return bean(OAuth2AuthorizedClientManager.class);
	}

	OAuth2AuthorizedClientService service() {
		return bean(OAuth2AuthorizedClientService.class);
	}

	ClientRegistration users() {
		return bean(ClientRegistrationRepository.class).findByRegistrationId(Samples.USERS);
	}

	<T> T bean(Class<T> type) {
		return this.context.getBean(type);
	}

	void save(OAuth2AuthorizedClient client) {
		service().saveAuthorizedClient(client, Samples.user(client.getPrincipalName()));
	}

	@Override
	public void close() {
		this.context.close();
	}

	/**
	 * An application that adds nothing to the starter.
	 */
	@EnableAutoConfiguration
	static class Application {

	}

}
