package io.github.oauthredis.autoconfigure;

import java.time.Clock;

import io.lettuce.core.RedisClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnSingleCandidate;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.InvalidationSource;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.store.ClientSecretPlaces;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.RecordSweep;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.RevokedRecords;
import io.github.oauthredis.store.TokenStore;

/**
 * The store, where Lettuce is there.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnClass(RedisClient.class)
@ConditionalOnMissingBean(TokenStore.class)
class StoreConfiguration {

	// Not a bean: one of this type would be taken for the application's own.
	private static final Clock clock = Clock.systemUTC();

	@Bean
	OwnConnections oauthRedisConnections(ObjectProvider<RedisConnectionFactory> connectionFactories,
			OAuthRedisSettings settings) {
		return new OwnConnections(RequiredRedis.of(connectionFactories), settings.properties().redisTimeout());
	}

	@Bean
	RedisTokenStore oauthRedisTokenStore(OwnConnections connections, OAuthRedisSettings settings, SealingKeys keys,
			TokenEvents events) {
		int waitReplicas = settings.properties().refresh().waitReplicas();
		if (waitReplicas > 0 && !connections.canConnectFurther()) {
			throw RequiredRedis.withoutReplicas(waitReplicas);
		}
		return new RedisTokenStore(connections.factory(), settings.properties().keyPrefix(),
				settings.properties().redisTimeout(), keys, new RecordCodec(), events, clock, waitReplicas);
	}

	@Bean
	ClientSecretPlaces oauthRedisClientSecretPlaces(OwnConnections connections, OAuthRedisSettings settings) {
		return new ClientSecretPlaces(connections.factory(), settings.properties().keyPrefix(),
				settings.properties().redisTimeout(), clock);
	}

	@Bean
	@ConditionalOnSingleCandidate(LettuceConnectionFactory.class)
	RedisLifecycle oauthRedisSweeps(OwnConnections connections, OAuthRedisSettings settings, SealingKeys keys,
			TokenEvents events, ObjectProvider<RevocationOutbox> outboxes, BackgroundThreads threads) {
		OAuthRedisProperties properties = settings.properties();
		RevocationOutbox outbox = outboxes.getIfAvailable();
		RevokedRecords revoked = (outbox != null) ? outbox::offer : RevokedRecords.NOBODY;
		return new RedisLifecycle(() -> {
			if (properties.sweepRate() == 0) {
				return null;
			}
			RecordSweep sweep = new RecordSweep((LettuceConnectionFactory) connections.factory(),
					properties.keyPrefix(), properties.redisTimeout(), keys, new RecordCodec(), events, revoked,
					properties.sweepRate(), threads.patient(), clock);
			return SweepTimer.start(sweep, properties.encryption().rotationDelay());
		}, connections.getPhase());
	}

	/**
	 * Records in memory, where Caffeine is there, too.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(name = "com.github.benmanes.caffeine.cache.Caffeine")
	@ConditionalOnBooleanProperty(name = "oauth-redis.near-cache.enabled", matchIfMissing = true)
	static class NearCacheConfiguration {

		@Bean
		@ConditionalOnMissingBean
		NearCache oauthRedisNearCache(OAuthRedisSettings settings) {
			OAuthRedisProperties.NearCache properties = settings.properties().nearCache();
			return new NearCache(properties.maximumSize(), properties.maxStaleness(), properties.outageStaleness(),
					new RedisKeys(settings.properties().keyPrefix()), clock);
		}

		@Bean
		@ConditionalOnSingleCandidate(LettuceConnectionFactory.class)
		RedisLifecycle oauthRedisInvalidations(OwnConnections connections, OAuthRedisSettings settings,
				NearCache nearCache) {
			LettuceConnectionFactory connectionFactory = (LettuceConnectionFactory) connections.factory();
			return new RedisLifecycle(() -> {
				InvalidationSource source = new InvalidationSource(connectionFactory, settings.properties().keyPrefix(),
						settings.properties().redisTimeout(), clock, nearCache);
				source.start();
				return source::close;
			}, connections.getPhase());
		}

	}

}
