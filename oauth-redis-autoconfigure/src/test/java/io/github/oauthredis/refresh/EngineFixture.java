package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Engines on a real Redis and a real token endpoint that rotates strictly. After each
 * test every engine must come to rest: nothing may leak, whatever happened.
 */
abstract class EngineFixture {

	static final TokenKey KEY = EngineInstance.grantKey("alice");

	static final Duration HOUR = Duration.ofHours(1);

	static final Duration ENDED = Duration.ofMinutes(-1);

	static final Duration NEAR_END = Duration.ofMinutes(1);

	/**
	 * Gives up after 0.3 seconds, so its lease lasts 2.3 seconds.
	 */
	static final RefreshPolicy IMPATIENT = EngineInstance.policy(Duration.ofMillis(300), Duration.ofSeconds(8),
			Duration.ofSeconds(5), Duration.ZERO);

	final RedisTarget redis = target();

	final FakeAuthorizationServer server = FakeAuthorizationServer.start().client("client", "secret").rotateStrictly();

	final HeldSteps steps = new HeldSteps();

	private final List<EngineInstance> instances = new ArrayList<>();

	/**
	 * Return the Redis to use, once for each test.
	 */
	RedisTarget target() {
		return RedisServer.shared();
	}

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void comeToRest() {
		this.server.faults().none();
		this.steps.releaseAll();
		try {
			this.instances.forEach(EngineInstance::awaitIdle);
		}
		finally {
			this.instances.forEach(EngineInstance::close);
			this.server.close();
		}
	}

	EngineInstance instance() {
		return instance(new EngineInstance.Options());
	}

	EngineInstance instance(EngineInstance.Options options) {
		EngineInstance instance = new EngineInstance(this.redis, options);
		this.instances.add(instance);
		return instance;
	}

	/**
	 * An instance that stops at the steps this test holds.
	 */
	EngineInstance heldInstance() {
		return instance(new EngineInstance.Options().stopPoints(this.steps));
	}

	/**
	 * Log a user in; the server was seen to rotate.
	 */
	IssuedGrant login(EngineInstance instance, Duration remaining) {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		instance.login(KEY, grant, HOUR, remaining, true);
		return grant;
	}

	RawRecord raw() {
		return new RawRecord(this.redis, KEY);
	}

	TokenDemand demand() {
		return demand(EngineInstance.POLICY);
	}

	TokenDemand demand(RefreshPolicy policy) {
		return EngineInstance.demand(KEY, this.server.tokenUri(), policy);
	}

	CompletableFuture<TokenRecord> obtain(EngineInstance instance) {
		return instance.refresher.obtain(demand()).toCompletableFuture();
	}

	List<CompletableFuture<TokenRecord>> obtain(EngineInstance instance, int callers) {
		return IntStream.range(0, callers).mapToObj((i) -> obtain(instance)).toList();
	}

	static String token(CompletionStage<TokenRecord> call) {
		return EngineInstance.get(call).requireTokens().accessToken();
	}

	static <T extends Throwable> T failure(CompletionStage<?> call, Class<T> type) {
		Throwable failure = failure(call);
		assertThat(failure).isInstanceOf(type);
		return type.cast(failure);
	}

	static TokenUnavailableException unavailable(CompletionStage<?> call, String code) {
		TokenUnavailableException failure = failure(call, TokenUnavailableException.class);
		assertThat(failure.getError().getErrorCode()).isEqualTo(code);
		return failure;
	}

	private static @Nullable Throwable failure(CompletionStage<?> call) {
		try {
			EngineInstance.get(call);
			return null;
		}
		catch (CompletionException ex) {
			return ex.getCause();
		}
	}

	/**
	 * Assert that what is stored is what the server has: the only pair there is.
	 */
	void assertPairAlive(EngineInstance instance) {
		String refreshToken = instance.find(KEY).requireTokens().refreshToken();
		assertThat(refreshToken).isNotNull();
		assertThat(this.server.isAlive(refreshToken)).as("the stored refresh token is the current one").isTrue();
		assertThat(this.server.reuseEvents()).isZero();
	}

}
