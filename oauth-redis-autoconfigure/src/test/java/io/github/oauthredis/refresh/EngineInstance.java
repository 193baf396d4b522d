package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import javax.crypto.spec.SecretKeySpec;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * One instance of a fleet in a test: an engine with connections of its own, on a real
 * Redis and a real token endpoint.
 */
final class EngineInstance implements AutoCloseable {

	static final RefreshPolicy POLICY = new RefreshPolicy(Duration.ofMinutes(5), 0.2, Duration.ofSeconds(5),
			Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ofSeconds(5), Duration.ofMinutes(5), Duration.ZERO,
			Duration.ofMinutes(5), Duration.ofDays(180));

	final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final LettuceConnectionFactory connectionFactory;

	private final Clock clock;

	final TokenStore store;

	final TokenRefresher refresher;

	EngineInstance(String host, int port, Clock clock, StopPoints stopPoints) {
		this(host, port, clock, stopPoints, ring("test-key"));
	}

	EngineInstance(String host, int port, Clock clock, StopPoints stopPoints, KeyRing ring) {
		this.clock = clock;
		this.connectionFactory = new LettuceConnectionFactory(new RedisStandaloneConfiguration(host, port));
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.store = new RedisTokenStore(this.connectionFactory, "oauth-redis", Duration.ofSeconds(5),
				(registrationId) -> CompletableFuture.completedFuture(ring), new RecordCodec(), this.events::add,
				clock);
		this.refresher = new TokenRefresher(this.store, this.events::add, clock, 16, false, stopPoints);
	}

	static KeyRing ring(String id) {
		byte[] secret = new byte[32];
		secret[0] = (byte) id.hashCode();
		SealingKey key = new SealingKey(id, new SecretKeySpec(secret, "AES"));
		return new KeyRing(key, List.of(key));
	}

	static TokenKey grantKey(String principal) {
		return TokenKey.grant("github", "client", "https://provider/token", principal);
	}

	static TokenKey issuedKey(String... scopes) {
		return TokenKey.issued("service", "client", "https://provider/token", "client_credentials", List.of(scopes),
				java.util.Map.of(), null);
	}

	TokenDemand demand(TokenKey key, FakeAuthorizationServer server) {
		return demand(key, server, POLICY);
	}

	TokenDemand demand(TokenKey key, FakeAuthorizationServer server, RefreshPolicy policy) {
		return new TokenDemand(key, policy, new HttpTokenSource(server.tokenUri(), "client", "secret"));
	}

	/**
	 * Save a grant as a login does.
	 * @param expiresIn lifetime counted from now; negative for a token that ended
	 */
	void login(TokenKey key, IssuedGrant grant, @Nullable Duration expiresIn) {
		Instant now = this.clock.instant();
		Duration lifetime = (expiresIn == null || expiresIn.isNegative()) ? Duration.ofHours(1) : expiresIn;
		Instant issuedAt = (expiresIn != null && expiresIn.isNegative()) ? now.minus(lifetime).plus(expiresIn) : now;
		get(this.refresher.save(key, POLICY,
				new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read"), Set.of("read"),
						key.attributes().get(2), issuedAt, issuedAt.plus(lifetime), issuedAt,
						(expiresIn != null) ? lifetime : null, null, null, false)));
	}

	TokenRecord obtain(TokenDemand demand) {
		return get(this.refresher.obtain(demand));
	}

	static <T extends @Nullable Object> T get(CompletionStage<T> stage) {
		return stage.toCompletableFuture().orTimeout(30, java.util.concurrent.TimeUnit.SECONDS).join();
	}

	static String key(String seed) {
		return Base64.getEncoder().encodeToString(seed.getBytes(java.nio.charset.StandardCharsets.UTF_8));
	}

	@Override
	public void close() {
		this.refresher.close();
		this.connectionFactory.destroy();
	}

}
