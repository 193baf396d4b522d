package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.client.AuthorizedClients;
import io.github.oauthredis.client.GrantLogout;
import io.github.oauthredis.client.GrantLogoutListener;
import io.github.oauthredis.client.GrantRevocations;
import io.github.oauthredis.client.GrantServerLogoutHandler;
import io.github.oauthredis.client.HttpRevocationEndpoint;
import io.github.oauthredis.client.ReactiveTokenRevocations;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.client.TokenEndpoint;
import io.github.oauthredis.client.TokenRevocations;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.revocation.RevocationEndpoint;
import io.github.oauthredis.revocation.RevocationSender;
import io.github.oauthredis.store.OwnConnections;
import io.github.oauthredis.store.RedisRevocationOutbox;
import io.github.oauthredis.store.RevocationOutbox;

/**
 * Auto-configuration of revocation: by the application, at logout, and at the provider.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@AutoConfiguration(after = OAuthRedisAutoConfiguration.class)
@ConditionalOnBean({ AuthorizedClients.class, OAuthRedisSettings.class })
public final class OAuthRedisRevocationAutoConfiguration {

	// Not a bean: one of this type would be taken for the application's own.
	private static final Clock clock = Clock.systemUTC();

	@Bean
	@ConditionalOnMissingBean
	GrantRevocations oauthRedisGrantRevocations(AuthorizedClients clients, TokenRefresher refresher) {
		return new GrantRevocations(clients, refresher);
	}

	@Bean
	@ConditionalOnMissingBean
	TokenRevocations oauthRedisTokenRevocations(GrantRevocations revocations) {
		return new TokenRevocations(revocations);
	}

	@Bean
	@ConditionalOnMissingBean
	ReactiveTokenRevocations oauthRedisReactiveTokenRevocations(GrantRevocations revocations) {
		return new ReactiveTokenRevocations(revocations);
	}

	/**
	 * What tells providers.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnBooleanProperty(name = "oauth-redis.revocation.enabled", matchIfMissing = true)
	static class OutboxConfiguration {

		@Bean
		@ConditionalOnBean(OwnConnections.class)
		@ConditionalOnMissingBean(RevocationOutbox.class)
		RedisRevocationOutbox oauthRedisRevocationOutbox(OwnConnections connections, OAuthRedisSettings settings,
				SealingKeys keys, TokenEvents events) {
			return new RedisRevocationOutbox(connections.factory(), settings.properties().keyPrefix(),
					settings.properties().redisTimeout(), keys, new RecordCodec(), events, clock);
		}

		@Bean
		@ConditionalOnBean(RevocationOutbox.class)
		@ConditionalOnMissingBean
		RevocationEndpoint oauthRedisRevocationEndpoint(Registrations registrations, OAuthRedisSettings settings,
				TokenEndpoint endpoint) {
			return new HttpRevocationEndpoint(registrations, (id) -> settings.properties().client(id).revocationUri(),
					endpoint);
		}

		@Bean
		@ConditionalOnBean(RevocationOutbox.class)
		RedisLifecycle oauthRedisRevocationSender(RevocationOutbox outbox, RevocationEndpoint endpoint,
				TokenEvents events, OAuthRedisSettings settings, ObjectProvider<OwnConnections> connections) {
			OwnConnections own = connections.getIfAvailable();
			// Two requests, each with the time that a token request has for a late
			// answer.
			Duration hidden = settings.properties().refresh().callTimeout().multipliedBy(6).plusSeconds(30);
			return new RedisLifecycle(() -> {
				RevocationSender sender = new RevocationSender(outbox, endpoint, events, clock, hidden);
				sender.start();
				return sender::close;
			}, (own != null) ? own.getPhase() : 0);
		}

	}

	/**
	 * Logouts.
	 */
	@Configuration(proxyBeanMethods = false)
	@ConditionalOnWebApplication
	@ConditionalOnBooleanProperty(name = "oauth-redis.revocation.on-logout", matchIfMissing = true)
	static class LogoutConfiguration {

		@Bean
		@ConditionalOnMissingBean
		GrantLogout oauthRedisGrantLogout(GrantRevocations revocations, Registrations registrations,
				OAuthRedisSettings settings, TokenEvents events) {
			return new GrantLogout(revocations, registrations, () -> ids(registrations, settings), events,
					settings.properties().redisTimeout());
		}

		private static Collection<String> ids(Registrations registrations, OAuthRedisSettings settings) {
			List<ClientRegistration> known = (registrations instanceof FoundRegistrations found) ? found.list() : null;
			if (known != null) {
				return known.stream().map(ClientRegistration::getRegistrationId).toList();
			}
			return new TreeSet<>(settings.properties().clients().keySet());
		}

		@Bean
		@ConditionalOnMissingBean
		@Conditional(NotReactiveCondition.class)
		GrantLogoutListener oauthRedisGrantLogoutListener(GrantLogout logout) {
			return new GrantLogoutListener(logout);
		}

		/**
		 * Reactive logouts publish no event.
		 */
		@Configuration(proxyBeanMethods = false)
		@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.REACTIVE)
		@ConditionalOnClass(ServerHttpSecurity.class)
		static class ReactiveLogoutConfiguration {

			@Bean
			@ConditionalOnMissingBean
			GrantServerLogoutHandler oauthRedisGrantServerLogoutHandler(GrantLogout logout) {
				return new GrantServerLogoutHandler(logout);
			}

			@Bean
			Customizer<ServerHttpSecurity.LogoutSpec> oauthRedisLogoutCustomizer(GrantServerLogoutHandler handler) {
				return (logout) -> logout.logoutHandler((handlers) -> handlers.add(handler));
			}

		}

	}

}
