package io.github.oauthredis.store;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import io.lettuce.core.api.StatefulConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HeldConnection} under the store.
 */
class HeldConnectionIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final WatchedFactory factory = new WatchedFactory(RedisServer.shared());

	private final StoreInstance instance = new StoreInstance(this.factory, StoreInstance.PATIENT);

	private final TokenKey key = TokenKey.grant("github", "client", "https://provider/token", "held");

	@AfterEach
	void close() {
		this.instance.close();
	}

	@Test
	void callsShareOneConnectionObtainedOnAThreadOfItsOwn() {
		this.factory.gate.release();

		for (int i = 0; i < 100; i++) {
			find();
		}

		assertThat(this.factory.askedBy).containsExactly("oauth-redis-connect");
	}

	@Test
	void callWhenFactoryIsSlowDoesNotWaitForIt() {
		CompletionStage<TokenRecord> found = this.instance.store.find(this.key);

		this.factory.gate.awaitHeld(1);
		assertThat(found).isNotDone();
		this.factory.gate.release();
		assertThat(StoreInstance.get(found).state()).isEqualTo(State.ABSENT);
	}

	@Test
	void callsWhenFactoryWasRestartedUseItsNewConnection() {
		this.factory.gate.release();
		find();
		this.factory.stop();
		assertThatExceptionOfType(CompletionException.class).isThrownBy(this::find)
			.withCauseInstanceOf(TokenStoreException.class);

		this.factory.start();

		Await.until("a connection that works", BOUND, this::answers);
		assertThat(this.factory.askedBy).containsOnly("oauth-redis-connect");
	}

	private boolean answers() {
		try {
			return find().state() == State.ABSENT;
		}
		catch (CompletionException ex) {
			return false;
		}
	}

	private TokenRecord find() {
		return StoreInstance.get(this.instance.store.find(this.key));
	}

	/**
	 * Connections of an application that are its own affair, so that ours are these.
	 */
	private static final class WatchedFactory extends LettuceConnectionFactory {

		final List<String> askedBy = new CopyOnWriteArrayList<>();

		final Gate gate = new Gate();

		WatchedFactory(RedisServer redis) {
			super(new RedisStandaloneConfiguration(redis.host(), redis.port()));
			afterPropertiesSet();
			start();
		}

		@Override
		protected @Nullable StatefulConnection<ByteBuffer, ByteBuffer> getSharedReactiveConnection() {
			this.askedBy.add(Thread.currentThread().getName());
			this.gate.pass();
			return super.getSharedReactiveConnection();
		}

	}

}
