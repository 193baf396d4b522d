package io.github.oauthredis.nearcache;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import javax.crypto.spec.SecretKeySpec;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.store.RedisTokenStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What is heard of a Redis that does not track.
 *
 * @author OAuth Redis
 */
class PublishedKeysIntegrationTests {

	private static final String CHANNEL = "oauth-redis:changed";

	private static final String FALLBACK = "Redis does not tell of changes by itself";

	private final RedisServer redis = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private Heard heard;

	@AfterEach
	void close() {
		this.heard.close();
		this.proxy.close();
		this.redis.close();
	}

	private void startWithOldProtocol() {
		start(ProtocolVersion.RESP2);
	}

	private void start(ProtocolVersion protocol) {
		this.heard = Heard
			.of(new RedisStandaloneConfiguration(this.proxy.host(), this.proxy.port()),
					this.redis.client().clientOptions(ClientOptions.builder().protocolVersion(protocol).build()))
			.await("armed");
	}

	private void startAs(String... permissions) {
		this.redis.command("ACL", "SETUSER", "app", "on", ">secret", "~oauth-redis:*", "resetchannels", "+ping",
				"+psetex");
		for (String permission : permissions) {
			this.redis.command("ACL", "SETUSER", "app", permission);
		}
		RedisStandaloneConfiguration configuration = new RedisStandaloneConfiguration(this.proxy.host(),
				this.proxy.port());
		configuration.setUsername("app");
		configuration.setPassword("secret");
		this.heard = Heard.of(configuration, this.redis.client()).await("armed");
	}

	private void assertHearsWhatIsPublished() {
		this.redis.command("SET", Heard.key("silent"), "1");
		this.redis.command("PUBLISH", CHANNEL, Heard.key("told"));
		this.heard.await(Heard.key("told"));
		assertThat(this.heard.events).doesNotContain(Heard.key("silent"));
	}

	@Test
	void startWhenProtocolIsOldHearsWhatIsPublishedAndWarns() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			startWithOldProtocol();

			assertHearsWhatIsPublished();
			assertThat(logs.text()).contains(FALLBACK);
		}
	}

	@Test
	void startWhenUserMayNotTrackHearsWhatIsPublished() {
		startAs("+subscribe", "&oauth-redis:*");

		assertHearsWhatIsPublished();
	}

	@Test
	void startWhenUserMayNotProveItHearsWhatIsPublished() {
		startAs("+subscribe", "&oauth-redis:*", "+client|tracking", "-psetex");

		assertHearsWhatIsPublished();
	}

	@Test
	void startWhenUserMayTrackNeedsNothingElse() {
		startAs("+client|tracking");

		this.redis.command("SET", Heard.key("told"), "1");
		this.heard.await(Heard.key("told"));
		this.heard.awaitConfirmation();
	}

	@Test
	void recordThatAnInstanceWritesIsHeardOf() {
		startWithOldProtocol();
		TokenKey key = TokenKey.issued("api", "client", "https://provider/token", "client_credentials", List.of(),
				Map.of(), null);
		KeyRing ring = KeyRing.of(new SealingKey("some", new SecretKeySpec(new byte[32], "AES")));
		LettuceConnectionFactory connectionFactory = this.redis.connectionFactory();
		RedisTokenStore store = new RedisTokenStore(connectionFactory, "oauth-redis", Heard.BOUND,
				(registrationId) -> CompletableFuture.completedFuture(ring), new RecordCodec(), (event) -> {
				}, Clock.systemUTC(), 0);
		Instant now = Clock.systemUTC().instant();
		Instant end = now.plusSeconds(60);
		Tokens tokens = new Tokens("token", "Bearer", null, Set.of(), Set.of(), null, now, end, null, null, null, null,
				false, Marks.NONE);

		CompletionStage<?> put = store.find(key)
			.thenCompose((record) -> store.put(key, record, tokens, new Life(end, end)));

		assertThat(put).succeedsWithin(Heard.BOUND);
		this.heard.await(new RedisKeys("oauth-redis").token(key));
		connectionFactory.destroy();
	}

	@Test
	void nothingIsConfirmedBecauseAMessageMayBeLate() {
		startWithOldProtocol();
		this.redis.resetCommandCounts();

		Await.until("signs of life", Heard.BOUND, () -> this.redis.commandCounts().getOrDefault("ping", 0L) > 1);

		assertThat(this.heard.confirmed()).isNull();
	}

	@Test
	void brokenConnectionIsMadeAnewWithoutAnotherWarning() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			startWithOldProtocol();
			logs.clear();
			this.proxy.cut();
			this.heard.await("armed", 2);

			this.redis.command("PUBLISH", CHANNEL, Heard.key("told"));
			this.heard.await(Heard.key("told"));
			assertThat(this.heard.events).containsSubsequence("armed", "disarmed", "armed", Heard.key("told"));
			assertThat(logs.text()).as("warned once").doesNotContain(FALLBACK);
		}
	}

	@Test
	void connectionThatLosesEverythingIsDisarmed() {
		startWithOldProtocol();

		this.proxy.blackHole(Direction.DOWNSTREAM);
		this.heard.await("disarmed");
		this.proxy.passThrough();

		this.heard.await("armed", 2);
	}

	@Test
	void brokenConnectionIsTrackedOnceThatIsPermitted() {
		startAs("+subscribe", "&oauth-redis:*");

		this.redis.command("ACL", "SETUSER", "app", "+client|tracking");
		this.proxy.cut();
		this.heard.await("armed", 2);

		this.redis.command("SET", Heard.key("told"), "1", "PX", String.valueOf(Duration.ofMinutes(1).toMillis()));
		this.heard.await(Heard.key("told"));
	}

}
