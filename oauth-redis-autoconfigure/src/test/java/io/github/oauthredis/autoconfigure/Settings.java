package io.github.oauthredis.autoconfigure;

import java.util.LinkedHashMap;
import java.util.Map;

import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

/**
 * Settings as they are bound in an application.
 */
final class Settings {

	private Settings() {
	}

	static OAuthRedisProperties of(Map<String, String> settings) {
		return new Binder(new MapConfigurationPropertySource(new LinkedHashMap<>(settings))).bindOrCreate("oauth-redis",
				OAuthRedisProperties.class);
	}

	static OAuthRedisProperties none() {
		return of(Map.of());
	}

}
