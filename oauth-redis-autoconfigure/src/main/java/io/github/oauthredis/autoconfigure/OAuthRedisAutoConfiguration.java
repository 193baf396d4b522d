package io.github.oauthredis.autoconfigure;

import java.time.Clock;

import com.nimbusds.jose.jwk.source.JWKSource;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.data.redis.autoconfigure.DataRedisAutoConfiguration;
import org.springframework.boot.data.redis.autoconfigure.DataRedisReactiveAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.OAuth2ClientAutoConfiguration;
import org.springframework.boot.security.oauth2.client.autoconfigure.reactive.ReactiveOAuth2ClientAutoConfiguration;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.boot.thread.Threading;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.core.io.ResourceLoader;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.ReactiveOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.endpoint.JwtBearerGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.OAuth2ClientCredentialsGrantRequest;
import org.springframework.security.oauth2.client.endpoint.OAuth2RefreshTokenGrantRequest;
import org.springframework.security.oauth2.client.endpoint.ReactiveOAuth2AccessTokenResponseClient;
import org.springframework.security.oauth2.client.endpoint.TokenExchangeGrantRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.registration.ReactiveClientRegistrationRepository;

import io.github.oauthredis.client.AuthorizedClients;
import io.github.oauthredis.client.ClientSecretRollover;
import io.github.oauthredis.client.LoginSubjects;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.client.TokenEndpoint;
import io.github.oauthredis.client.TokenKeyCustomizer;
import io.github.oauthredis.client.TokenSources;
import io.github.oauthredis.client.UserTokenClients;
import io.github.oauthredis.crypto.ClientSecrets;
import io.github.oauthredis.crypto.ConfiguredSealingKeys;
import io.github.oauthredis.crypto.ExplicitKeys;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.resilience.CircuitBreakerCallGuard;
import io.github.oauthredis.store.ClientSecretPlaces;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.store.TokenStore;

/**
 * Auto-configuration of the engine: settings, keys, the store in Redis and the refresher,
 * for applications that have client registrations.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(before = { OAuth2ClientAutoConfiguration.class, ReactiveOAuth2ClientAutoConfiguration.class },
		after = { DataRedisAutoConfiguration.class, DataRedisReactiveAutoConfiguration.class })
@ConditionalOnClass({ OAuth2AuthorizedClientManager.class, RedisConnectionFactory.class })
@ConditionalOnBooleanProperty(name = "oauth-redis.enabled", matchIfMissing = true)
@Conditional(OnClientRegistrationsCondition.class)
@EnableConfigurationProperties(OAuthRedisProperties.class)
@Import({ EventsConfiguration.class, StoreConfiguration.class })
public final class OAuthRedisAutoConfiguration {

	// Not a bean: one of this type would be taken for the application's own.
	private static final Clock clock = Clock.systemUTC();

	@Bean
	OAuthRedisSettings oauthRedisSettings(OAuthRedisProperties properties) {
		return new OAuthRedisSettings(properties);
	}

	@Bean
	BackgroundThreads oauthRedisBackgroundThreads() {
		return new BackgroundThreads();
	}

	@Bean
	@ConditionalOnMissingBean
	SealingKeys oauthRedisSealingKeys(OAuthRedisSettings settings, Registrations registrations,
			@Qualifier(SealingKeySources.SOURCE) ObjectProvider<JWKSource<?>> source, ResourceLoader resources,
			BackgroundThreads threads) {
		ExplicitKeys explicit = SealingKeySources.of(settings.properties().encryption(), source.getIfAvailable(),
				resources, clock, threads);
		return new ConfiguredSealingKeys(settings.properties().encryption().enabled(), explicit,
				(id) -> registrations.find(id)
					.thenApply((registration) -> (registration != null) ? new ClientSecrets(registration.getClientId(),
							registration.getClientSecret(), settings.otherClientSecrets(id)) : null),
				threads.executor());
	}

	@Bean
	@ConditionalOnMissingBean
	TokenRefresher oauthRedisTokenRefresher(TokenStore store, ObjectProvider<RevocationOutbox> outbox,
			ObjectProvider<NearCache> nearCache, TokenEvents events, OAuthRedisSettings settings,
			ObjectProvider<CallGuard> guard, Environment environment) {
		return new TokenRefresher(store, outbox.getIfAvailable(), nearCache.getIfAvailable(), events, clock,
				settings.limits(), guard.getIfAvailable(() -> CallGuard.NONE), Threading.VIRTUAL.isActive(environment));
	}

	@Bean
	@ConditionalOnMissingBean
	TokenEndpoint oauthRedisTokenEndpoint(OAuthRedisSettings settings, ObjectProvider<SslBundles> sslBundles,
			ObjectProvider<ClientSecretPlaces> places, TokenEvents events) {
		ClientSecretRollover secrets = new ClientSecretRollover(
				(id) -> settings.properties().client(id).nextClientSecrets(), places.getIfAvailable(), events, clock);
		return new TokenEndpoint(settings::client, settings.properties().refresh().connectTimeout(),
				sslBundles.getIfAvailable(), clock, secrets);
	}

	@Bean
	@ConditionalOnMissingBean
	UserTokenClients oauthRedisUserTokenClients(
			ObjectProvider<OAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest>> clientCredentials,
			ObjectProvider<ReactiveOAuth2AccessTokenResponseClient<OAuth2ClientCredentialsGrantRequest>> reactiveClientCredentials,
			ObjectProvider<OAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest>> refreshToken,
			ObjectProvider<ReactiveOAuth2AccessTokenResponseClient<OAuth2RefreshTokenGrantRequest>> reactiveRefreshToken,
			ObjectProvider<OAuth2AccessTokenResponseClient<TokenExchangeGrantRequest>> tokenExchange,
			ObjectProvider<ReactiveOAuth2AccessTokenResponseClient<TokenExchangeGrantRequest>> reactiveTokenExchange,
			ObjectProvider<OAuth2AccessTokenResponseClient<JwtBearerGrantRequest>> jwtBearer,
			ObjectProvider<ReactiveOAuth2AccessTokenResponseClient<JwtBearerGrantRequest>> reactiveJwtBearer,
			ObjectProvider<OAuth2AuthorizedClientProvider> providers,
			ObjectProvider<ReactiveOAuth2AuthorizedClientProvider> reactiveProviders) {
		return new UserTokenClients(clientCredentials.getIfAvailable(), reactiveClientCredentials.getIfAvailable(),
				refreshToken.getIfAvailable(), reactiveRefreshToken.getIfAvailable(), tokenExchange.getIfAvailable(),
				reactiveTokenExchange.getIfAvailable(), jwtBearer.getIfAvailable(), reactiveJwtBearer.getIfAvailable(),
				providers.orderedStream().toList(), reactiveProviders.orderedStream().toList());
	}

	@Bean
	@ConditionalOnMissingBean
	AuthorizedClients oauthRedisAuthorizedClients(Registrations registrations, OAuthRedisSettings settings,
			TokenRefresher refresher, TokenEndpoint endpoint, UserTokenClients userTokenClients,
			ObjectProvider<TokenKeyCustomizer> customizer, ObjectProvider<NearCache> nearCache,
			ObjectProvider<SignalStore> signals) {
		SignalStore store = signals.getIfAvailable();
		LoginSubjects subjects = (store != null)
				? new LoginSubjects(store, (id) -> settings.properties().client(id).signals().issuer()) : null;
		return new AuthorizedClients(registrations, settings::client, refresher,
				new TokenSources(endpoint, userTokenClients), customizer.getIfAvailable(), nearCache.getIfAvailable(),
				subjects, clock);
	}

	@Bean
	StartupCheck oauthRedisStartupCheck(OAuthRedisSettings settings, Registrations registrations, SealingKeys keys,
			ObjectProvider<SslBundles> sslBundles) {
		return new StartupCheck(settings, registrations, keys, sslBundles.getIfAvailable());
	}

	@Bean
	StartupReport oauthRedisStartupReport(OAuthRedisSettings settings, Registrations registrations, SealingKeys keys,
			ObjectProvider<OwnConnections> connections, BackgroundThreads threads) {
		return new StartupReport(settings, registrations, keys, connections.getIfAvailable(), threads);
	}

	@Bean
	EngineShutdown oauthRedisEngineShutdown(TokenRefresher refresher,
			ObjectProvider<RedisConnectionFactory> connectionFactory) {
		return new EngineShutdown(refresher, connectionFactory.getIfUnique());
	}

	/**
	 * Where registrations come from.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingBean(Registrations.class)
	static class RegistrationsConfiguration {

		@Bean
		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
		Registrations oauthRedisReactiveRegistrations(ObjectProvider<ClientRegistrationRepository> blocking,
				ObjectProvider<ReactiveClientRegistrationRepository> reactive) {
			return new FoundRegistrations(blocking, reactive, true);
		}

		@Bean
		@Conditional(NotReactiveCondition.class)
		Registrations oauthRedisRegistrations(ObjectProvider<ClientRegistrationRepository> blocking,
				ObjectProvider<ReactiveClientRegistrationRepository> reactive) {
			return new FoundRegistrations(blocking, reactive, false);
		}

	}

	/**
	 * Circuit breakers, where Resilience4j is there.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnClass(CircuitBreaker.class)
	@ConditionalOnBooleanProperty(name = "oauth-redis.circuit-breaker.enabled", matchIfMissing = true)
	@ConditionalOnMissingBean(CallGuard.class)
	static class CircuitBreakerConfiguration {

		@Bean
		CircuitBreakerCallGuard oauthRedisCallGuard(OAuthRedisSettings settings) {
			OAuthRedisProperties.CircuitBreaker breaker = settings.properties().circuitBreaker();
			return new CircuitBreakerCallGuard(breaker.failureThreshold(), breaker.openFor(), clock);
		}

	}

	/**
	 * Says what is wrong where Lettuce is missing.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnMissingClass("io.lettuce.core.RedisClient")
	@ConditionalOnMissingBean(TokenStore.class)
	static class MissingLettuceConfiguration {

		@Bean
		TokenStore oauthRedisTokenStore() {
			throw RequiredRedis.withoutLettuce();
		}

	}

}
