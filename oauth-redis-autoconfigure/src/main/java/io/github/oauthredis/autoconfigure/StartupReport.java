package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Encryption;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.crypto.ConfiguredSealingKeys;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.store.OwnConnections;

/**
 * Says at each start how tokens are kept, warns of what weakens that, and has derived
 * keys prepared in the background. Waits for nobody. Guarded by the lifecycle of the
 * application context.
 */
final class StartupReport implements SmartLifecycle {

	private static final Log logger = LogFactory.getLog(StartupReport.class);

	// More would keep a processor busy for seconds; the rest is derived when it is
	// needed.
	private static final int PREPARED_KEYS = 16;

	private final OAuthRedisSettings settings;

	private final Registrations registrations;

	private final SealingKeys keys;

	private final @Nullable OwnConnections connections;

	private final BackgroundThreads threads;

	private volatile boolean running;

	/**
	 * Create a report.
	 * @param settings the settings
	 * @param registrations the registrations
	 * @param keys keys that seal records
	 * @param connections connections to Redis; null if tokens are kept elsewhere
	 * @param threads where Redis is asked
	 */
	StartupReport(OAuthRedisSettings settings, Registrations registrations, SealingKeys keys,
			@Nullable OwnConnections connections, BackgroundThreads threads) {
		this.settings = settings;
		this.registrations = registrations;
		this.keys = keys;
		this.connections = connections;
		this.threads = threads;
	}

	@Override
	public void start() {
		this.running = true;
		List<String> ids = ids();
		logger.info("OAuth tokens are shared through %s; registrations: %s; URIs: %s; records are %s".formatted(redis(),
				ids.isEmpty() ? "looked up when needed" : ids,
				this.settings.uris().isEmpty() ? "none" : this.settings.uris(), sealing()));
		if (!this.settings.properties().encryption().enabled()) {
			logger
				.warn("Tokens are stored in Redis unsealed, because 'oauth-redis.encryption.enabled' is false: whoever "
						+ "can read Redis can use them");
		}
		if (this.connections != null) {
			reportShortcomings(this.connections);
			checkEviction(this.connections);
		}
		// Only now, on the same thread: the first connection must not wait for it.
		if (this.keys instanceof ConfiguredSealingKeys configured) {
			configured.warmUp(ids.subList(0, Math.min(ids.size(), PREPARED_KEYS)));
		}
	}

	@Override
	public void stop() {
		this.running = false;
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	private void reportShortcomings(OwnConnections connections) {
		List<String> shortcomings = connections.shortcomings();
		if (!shortcomings.isEmpty()) {
			logger.warn(("OAuth Redis uses the application's own connections to Redis, because it cannot know how they "
					+ "are made. After a failover Redis may be found late: they have %s. Shorten it there, or define a "
					+ "plain LettuceConnectionFactory")
				.formatted(String.join(" and ", shortcomings)));
		}
	}

	private void checkEviction(OwnConnections connections) {
		EvictionCheck check = new EvictionCheck(connections.factory(), this.settings.properties().redisTimeout());
		try {
			this.threads.executor().execute(check);
		}
		catch (RejectedExecutionException ex) {
			logger.debug("The eviction policy of Redis is not checked", ex);
		}
	}

	private List<String> ids() {
		List<ClientRegistration> known = (this.registrations instanceof FoundRegistrations found && !found.isLazy())
				? found.list() : null;
		List<String> ids = new ArrayList<>();
		if (known != null) {
			known.forEach((registration) -> ids.add(registration.getRegistrationId()));
		}
		return ids;
	}

	private String redis() {
		if (this.connections == null) {
			return "the application's own store";
		}
		if (this.connections.factory() instanceof LettuceConnectionFactory lettuce) {
			return "Redis (%s)".formatted(
					lettuce.isClusterAware() ? "cluster" : lettuce.isRedisSentinelAware() ? "sentinel" : "standalone");
		}
		return "Redis";
	}

	private String sealing() {
		Encryption encryption = this.settings.properties().encryption();
		if (!encryption.enabled()) {
			return "not sealed";
		}
		if (!(this.keys instanceof ConfiguredSealingKeys)) {
			return "sealed with keys of the application";
		}
		if (this.keys.sealingId().isEmpty()) {
			return "sealed with keys derived from client secrets";
		}
		return encryption.keys().isEmpty() ? "sealed with keys of a JWK Set" : "sealed with a configured key";
	}

}
