package io.github.oauthredis.autoconfigure;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.RedisConnectionFactory;

/**
 * Finds the connections to Redis, or says why there are none that can be used.
 */
final class RequiredRedis {

	private RequiredRedis() {
	}

	/**
	 * Find the connections.
	 * @param candidates what the application has
	 * @return connections on which nobody has to wait
	 * @throws InvalidOAuthRedisConfigurationException if there are none
	 */
	static ReactiveRedisConnectionFactory of(ObjectProvider<RedisConnectionFactory> candidates) {
		RedisConnectionFactory factory = candidates.getIfUnique();
		if (factory instanceof ReactiveRedisConnectionFactory reactive) {
			return reactive;
		}
		if (factory != null) {
			throw notLettuce("The Redis connections of this application are of type %s."
				.formatted(factory.getClass().getName()));
		}
		if (candidates.stream().findAny().isPresent()) {
			throw new InvalidOAuthRedisConfigurationException("spring.data.redis", null,
					"The application has several beans of type RedisConnectionFactory and none of them is primary, so "
							+ "it is not clear where tokens belong.",
					"Mark one of them with @Primary, or the others with @Bean(defaultCandidate = false).");
		}
		throw new InvalidOAuthRedisConfigurationException("spring.data.redis", null,
				"No Redis is configured: the application has no bean of type RedisConnectionFactory, and tokens are "
						+ "shared through Redis.",
				"Do not exclude Spring Boot's Redis auto-configuration and set 'spring.data.redis.*', or define a "
						+ "LettuceConnectionFactory. To run without shared tokens, set 'oauth-redis.enabled=false'.");
	}

	static InvalidOAuthRedisConfigurationException withoutLettuce() {
		return notLettuce("Lettuce is not on the class path.");
	}

	static InvalidOAuthRedisConfigurationException withoutReplicas(int waitReplicas) {
		return new InvalidOAuthRedisConfigurationException("oauth-redis.refresh.wait-replicas",
				Integer.toString(waitReplicas),
				"Waiting for replicas needs a connection of its own to the primary, and of the Redis connections of "
						+ "this application it is not known how to make one: they are not of the plain type "
						+ "LettuceConnectionFactory, or they find the primary among fixed addresses.",
				"Configure a single server, Sentinel or a cluster under 'spring.data.redis', or set the property to 0.");
	}

	private static InvalidOAuthRedisConfigurationException notLettuce(String finding) {
		return new InvalidOAuthRedisConfigurationException("spring.data.redis.client-type", null,
				finding + " OAuth Redis needs Lettuce: with Jedis a caller that waits for Redis would hold its thread "
						+ "and could not be given up in time.",
				"Add 'io.lettuce:lettuce-core' to the application, and remove 'spring.data.redis.client-type=jedis'"
						+ " or the application's own RedisConnectionFactory.");
	}

}
