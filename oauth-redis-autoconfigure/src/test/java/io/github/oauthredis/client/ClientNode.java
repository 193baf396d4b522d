package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.refresh.RequestLimits;
import io.github.oauthredis.refresh.TokenRefresher;
import io.github.oauthredis.resilience.CallGuard;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.store.SignalStore;

/**
 * One instance of an application: the common part of all faces over an engine and
 * connections of its own. Registrations and settings may change while it runs.
 */
final class ClientNode implements AutoCloseable {

	final Map<String, ClientRegistration> registrations = new ConcurrentHashMap<>();

	final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	volatile Function<String, ClientSettings> settings = (id) -> TestClients.settings();

	private final LettuceConnectionFactory connectionFactory;

	// Serves nothing before it is armed.
	final NearCache near;

	final TokenRefresher refresher;

	// Remembers logins at one registration only.
	final SignalStore signals;

	final AuthorizedClients clients;

	ClientNode(String host, int port, UserTokenClients userClients, @Nullable TokenKeyCustomizer customizer) {
		Clock clock = Clock.systemUTC();
		this.connectionFactory = new LettuceConnectionFactory(new RedisStandaloneConfiguration(host, port));
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		SealingKey key = new SealingKey("test", new SecretKeySpec(new byte[32], "AES"));
		KeyRing ring = new KeyRing(key, List.of(key));
		RedisTokenStore store = new RedisTokenStore(this.connectionFactory, "oauth-redis", Duration.ofSeconds(5),
				(registrationId) -> CompletableFuture.completedFuture(ring), new RecordCodec(), this.events::add, clock,
				0);
		this.near = new NearCache(100, Duration.ofSeconds(30), Duration.ofMinutes(10), new RedisKeys("oauth-redis"),
				clock);
		this.refresher = new TokenRefresher(store, this.near, this.events::add, clock, new RequestLimits(16, null),
				CallGuard.NONE, false);
		this.signals = new SignalStore(this.connectionFactory, "oauth-redis", Duration.ofSeconds(5),
				(registrationId) -> CompletableFuture.completedFuture(ring), Set.of("oidc"), Duration.ofDays(180),
				clock);
		Function<String, ClientSettings> current = (id) -> this.settings.apply(id);
		TokenEndpoint endpoint = new TokenEndpoint(current, Duration.ofSeconds(2), null, clock);
		this.clients = new AuthorizedClients(new CurrentRegistrations(), current, this.refresher,
				new TokenSources(endpoint, userClients), customizer, this.near,
				new LoginSubjects(this.signals, (id) -> null), clock);
	}

	ClientNode with(ClientRegistration... registrations) {
		for (ClientRegistration registration : registrations) {
			this.registrations.put(registration.getRegistrationId(), registration);
		}
		return this;
	}

	@Override
	public void close() {
		this.refresher.close();
		this.connectionFactory.destroy();
	}

	private final class CurrentRegistrations implements Registrations {

		@Override
		public CompletionStage<@Nullable ClientRegistration> find(String registrationId) {
			return CompletableFuture.completedFuture(known(registrationId));
		}

		@Override
		public @Nullable ClientRegistration known(String registrationId) {
			return ClientNode.this.registrations.get(registrationId);
		}

	}

}
