package io.github.oauthredis.benchmark;

import java.time.Duration;

import org.springframework.data.redis.core.StringRedisTemplate;
import org.springframework.security.core.Authentication;
import org.springframework.security.jackson.SecurityJacksonModules;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import tools.jackson.databind.json.JsonMapper;

/**
 * What many applications have: authorized clients as JSON in Redis, by means of Spring
 * Security's own Jackson modules. Thread-safe.
 */
final class JsonRedisAuthorizedClientService implements OAuth2AuthorizedClientService {

	private static final Duration LIFE = Duration.ofDays(180);

	private final JsonMapper json = JsonMapper.builder()
		.addModules(SecurityJacksonModules.getModules(getClass().getClassLoader()))
		.build();

	private final StringRedisTemplate redis;

	JsonRedisAuthorizedClientService(StringRedisTemplate redis) {
		this.redis = redis;
	}

	@Override
	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	public <T extends OAuth2AuthorizedClient> T loadAuthorizedClient(String clientRegistrationId,
			String principalName) {
		String stored = this.redis.opsForValue().get(key(clientRegistrationId, principalName));
		return (stored != null) ? (T) this.json.readValue(stored, OAuth2AuthorizedClient.class) : null;
	}

	@Override
	public void saveAuthorizedClient(OAuth2AuthorizedClient authorizedClient, Authentication principal) {
		this.redis.opsForValue()
			.set(key(authorizedClient.getClientRegistration().getRegistrationId(), principal.getName()),
					this.json.writeValueAsString(authorizedClient), LIFE);
	}

	@Override
	public void removeAuthorizedClient(String clientRegistrationId, String principalName) {
		this.redis.delete(key(clientRegistrationId, principalName));
	}

	static String key(String clientRegistrationId, String principalName) {
		return "authorized-client:" + clientRegistrationId + ":" + principalName;
	}

}
