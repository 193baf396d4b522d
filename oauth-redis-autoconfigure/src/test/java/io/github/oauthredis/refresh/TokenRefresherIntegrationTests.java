package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The engine on a real Redis and a real token endpoint.
 */
class TokenRefresherIntegrationTests {

	private final RedisServer redis = RedisServer.shared();

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start()
		.client("client", "secret")
		.rotateStrictly();

	private final EngineInstance instance = new EngineInstance(this.redis.host(), this.redis.port(), Clock.systemUTC(),
			StopPoints.NONE);

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.instance.close();
		this.server.close();
	}

	@Test
	void obtainWhenManyCallersMeetOneExpiredTokenSendsOneRequest() {
		TokenKey key = EngineInstance.grantKey("alice");
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(key, grant, Duration.ofMinutes(-1));

		List<CompletableFuture<TokenRecord>> calls = IntStream.range(0, 64)
			.mapToObj(
					(i) -> this.instance.refresher.obtain(this.instance.demand(key, this.server)).toCompletableFuture())
			.toList();
		List<String> values = calls.stream()
			.map((call) -> EngineInstance.get(call).requireTokens().accessToken())
			.distinct()
			.toList();

		assertThat(values).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.server.isAlive(Objects.requireNonNull(
				this.instance.obtain(this.instance.demand(key, this.server)).requireTokens().refreshToken())))
			.isTrue();
		assertThat(this.instance.events).extracting(TokenEvent::type)
			.containsExactly(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED);
	}

	@Test
	void obtainWhenNothingIsStoredObtainsOnce() {
		TokenKey key = EngineInstance.issuedKey("read");

		List<String> values = IntStream.range(0, 64)
			.mapToObj(
					(i) -> this.instance.refresher.obtain(this.instance.demand(key, this.server)).toCompletableFuture())
			.toList()
			.stream()
			.map((call) -> EngineInstance.get(call).requireTokens().accessToken())
			.distinct()
			.toList();

		assertThat(values).hasSize(1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

}
