package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RespClient;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What subscribers hear of writes, and that nothing else depends on it.
 */
class ChangedKeysIntegrationTests {

	private static final Duration LEASE = Duration.ofSeconds(60);

	private final TokenKey key = TokenKey.grant("github", "client", "https://provider/token",
			UUID.randomUUID().toString());

	private final RedisServer redis = RedisServer.start();

	private final StoreInstance instance = new StoreInstance(this.redis.host(), this.redis.port());

	private final RedisKeys names = new RedisKeys(StoreInstance.PREFIX);

	private final RespClient subscriber = this.redis.connect();

	@BeforeEach
	void subscribe() {
		this.subscriber.command("SUBSCRIBE", "oauth-redis:changed");
	}

	@AfterEach
	void close() {
		this.subscriber.close();
		this.instance.close();
		this.redis.close();
	}

	@Test
	void everyWriteOfARecordIsToldOnce() {
		String record = this.names.token(this.key);

		put("one");
		assertThat(told()).containsExactly(record);
		Lease lease = acquire();
		assertThat(told()).containsExactly(record);
		get(this.instance.store.release(this.key, lease));
		assertThat(told()).containsExactly(record);
		get(this.instance.store.fail(this.key, acquire(), new Failure(Failure.Kind.CLEAR, "x", Duration.ZERO)));
		assertThat(told()).containsExactly(record, record);
		get(this.instance.store.invalidateIf(this.key, find().requireTokens().accessTokenDigest(), Duration.ZERO));
		assertThat(told()).containsExactly(record);
		get(this.instance.store.tombstone(this.key, find()));
		assertThat(told()).containsExactly(record);
	}

	@Test
	void commitIsToldOnceAndNeverTheLease() {
		put("one");
		Lease lease = acquire();
		told();

		get(this.instance.store.commit(this.key, lease, StoreInstance.tokens("two"), life()));

		assertThat(told()).containsExactly(this.names.token(this.key));
	}

	@Test
	void recordThatIsSetAsideIsTold() {
		this.redis.command("SET", this.names.token(this.key), "x");

		find();

		assertThat(told()).containsExactly(this.names.token(this.key));
	}

	@Test
	void marksAndHoldOffsAreTold() {
		List<MarkScope> scopes = List.of(new MarkScope.All(), new MarkScope.Registration("github"),
				new MarkScope.Principal("alice"));

		scopes.forEach((scope) -> get(this.instance.store.mark(scope)));
		get(this.instance.store.holdOff(this.key, Duration.ofSeconds(90)));

		assertThat(told()).containsExactly(this.names.mark(scopes.get(0)), this.names.mark(scopes.get(1)),
				this.names.mark(scopes.get(2)), this.names.holdOff(this.key));
	}

	@Test
	void whatWritesNeitherIsNotTold() {
		put("one");
		Lease lease = acquire();
		get(this.instance.store.holdOff(this.key, Duration.ofSeconds(90)));
		told();

		find();
		get(this.instance.store.marks(this.key));
		get(this.instance.store.acquire(this.key, find(), LEASE));
		get(this.instance.store.commit(this.key, new Lease("other", 1, 2, lease.until()), StoreInstance.tokens("late"),
				life()));
		get(this.instance.store.invalidateIf(this.key, "other", Duration.ZERO));
		get(this.instance.store.holdOff(this.key, Duration.ofSeconds(1)));
		get(this.instance.store.admit(this.key, new Budget(1, 1), false));
		get(this.instance.store.probe(this.key, "me", Duration.ofSeconds(1)));

		assertThat(told()).isEmpty();
	}

	@Test
	void prefixWithColonsNamesTheChannel() {
		assertThat(new RedisKeys("app:oauth-redis").mark(new MarkScope.All())).isEqualTo("app:oauth-redis:{nb}:all");
		String script = new String(RedisScript.MARK.text(), StandardCharsets.UTF_8);
		this.subscriber.command("SUBSCRIBE", "app:oauth-redis:changed");

		this.redis.command("EVAL", script, "2", "app:oauth-redis:{nb}:all", "app:oauth-redis:swept:{nb}", "60000",
				"raise", "0");

		assertThat(told()).containsExactly("app:oauth-redis:{nb}:all");
	}

	@Test
	void whereNobodyMayPublishEverythingWorks() {
		this.redis.command("ACL", "SETUSER", "default", "-publish");
		assertEverythingWorks();
		this.redis.command("ACL", "SETUSER", "default", "+publish", "resetchannels");
		assertEverythingWorks();
	}

	private void assertEverythingWorks() {
		TokenRecord record = put("one");
		Lease lease = acquire();
		assertThat(get(this.instance.store.commit(this.key, lease, StoreInstance.tokens("two"), life())).accepted())
			.isTrue();
		assertThat(find().generation()).isGreaterThan(record.generation());
		assertThat(get(this.instance.store.mark(new MarkScope.Registration("other")))).isPositive();
		get(this.instance.store.holdOff(this.key, Duration.ofSeconds(90)));
		assertThat(find().timing().heldUntil()).isNotNull();
		assertThat(get(this.instance.store.tombstone(this.key, find()))).isTrue();
	}

	/**
	 * What was told since the last call. A subscriber may still ask for an echo, and
	 * whatever comes before it was published before.
	 */
	private List<String> told() {
		String echo = UUID.randomUUID().toString();
		List<String> told = new ArrayList<>();
		for (List<?> reply = ping(echo); !echo.equals(reply.get(1)); reply = ping(echo)) {
			if ("message".equals(reply.get(0))) {
				told.add((String) reply.get(2));
			}
		}
		return told;
	}

	private List<?> ping(String echo) {
		return (List<?>) Objects.requireNonNull(this.subscriber.command("PING", echo));
	}

	private TokenRecord find() {
		return get(this.instance.store.find(this.key));
	}

	private TokenRecord put(String name) {
		return get(this.instance.store.put(this.key, find(), StoreInstance.tokens(name), life())).record();
	}

	private Lease acquire() {
		return TokenStoreContractTests.acquired(this.instance.store.acquire(this.key, find(), LEASE));
	}

	private static Life life() {
		return TokenStoreContractTests.life();
	}

	private static <T> T get(CompletionStage<T> stage) {
		return StoreInstance.get(stage);
	}

}
