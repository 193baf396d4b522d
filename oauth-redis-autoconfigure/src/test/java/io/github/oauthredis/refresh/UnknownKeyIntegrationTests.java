package io.github.oauthredis.refresh;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 24: two instances with different keys on one Redis never touch each other's
 * records, whoever came first and whatever they do.
 */
class UnknownKeyIntegrationTests extends EngineFixture {

	private static final TokenKey ISSUED = EngineInstance.issuedKey("read");

	private EngineInstance owner;

	private EngineInstance stranger;

	@BeforeEach
	void start() {
		this.owner = instance();
		this.stranger = instance(new EngineInstance.Options().ring(EngineInstance.ring("strange-key")));
	}

	@Test
	void grantIsNeitherReadNorWrittenNorRemovedNorMarked() {
		String accessToken = login(this.owner, ENDED).accessToken();
		List<String> before = contents();

		assertThat(unavailable(obtain(this.stranger), "unknown_key")).hasMessageContaining("test-key")
			.satisfies((failure) -> assertThat(failure.isRetryable()).isTrue());
		unavailable(this.stranger.refresher.replace(demand(), accessToken), "unknown_key");
		unavailable(this.stranger.refresher.remove(KEY), "unknown_key");
		unavailable(this.stranger.refresher.load(KEY, EngineInstance.POLICY), "unknown_key");
		unavailable(this.stranger.refresher.save(KEY, EngineInstance.POLICY, tokens()), "unknown_key");

		assertThat(contents()).isEqualTo(before);
		assertThat(this.server.tokenRequests()).isZero();
		assertThat(this.stranger.eventTypes()).containsExactly(TokenEvent.Type.LOCKED);
		assertThat(this.stranger.find(KEY).state()).isEqualTo(State.LOCKED);
	}

	@Test
	void deadGrantIsNotReported() {
		login(this.owner, ENDED);
		this.server.kill(Objects.requireNonNull(this.owner.find(KEY).requireTokens().refreshToken()));
		failure(obtain(this.owner), RuntimeException.class);
		List<String> before = contents();

		assertThat(unavailable(obtain(this.stranger), "unknown_key").isRetryable()).isTrue();

		assertThat(contents()).isEqualTo(before);
	}

	@Test
	void issuedTokenIsFetchedIntoOwnMemoryAtMostOncePerInterval() {
		TokenDemand demand = this.owner.demand(ISSUED, this.server);
		this.owner.accessToken(demand);
		List<String> before = contents();

		String own = this.stranger.accessToken(demand);
		IntStream.range(0, 20).forEach((i) -> {
			assertThat(this.stranger.accessToken(demand)).isEqualTo(own);
			assertThat(token(this.stranger.refresher.replace(demand, own))).as("too young").isEqualTo(own);
		});

		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertThat(contents()).isEqualTo(before);
	}

	@Test
	void issuedTokenWhoseRequestFailsIsAskedForAtMostOncePerInterval() {
		TokenDemand demand = this.owner.demand(ISSUED, this.server);
		this.owner.accessToken(demand);
		List<String> before = contents();
		this.server.faults().failAlways(503, "temporarily_unavailable");

		IntStream.range(0, 20).forEach((i) -> failure(this.stranger.refresher.obtain(demand), RuntimeException.class));

		assertThat(contents()).isEqualTo(before);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

	@Test
	void issuedTokenThatTheServerGaveToBothIsNotMarkedByTheStranger() {
		this.server.reissueUntil(Duration.ofSeconds(10));
		TokenDemand demand = this.owner.demand(ISSUED, this.server,
				EngineInstance.policy(Duration.ofSeconds(5), Duration.ofSeconds(8), Duration.ZERO, Duration.ZERO));
		String shared = this.owner.accessToken(demand);
		List<String> before = contents();

		assertThat(this.stranger.accessToken(demand)).isEqualTo(shared);
		assertThat(token(this.stranger.refresher.replace(demand, shared))).isEqualTo(shared);

		assertThat(contents()).isEqualTo(before);
		assertThat(this.owner.find(ISSUED).timing().refused()).isFalse();
	}

	@Test
	void recordsOfBothStandSideBySideWhereKeysDiffer() {
		TokenKey bob = EngineInstance.grantKey("bob");
		login(this.owner, HOUR);
		this.stranger.login(bob, this.server.issueGrant("client", "read"), HOUR);

		unavailable(this.owner.refresher.remove(bob), "unknown_key");
		unavailable(this.stranger.refresher.remove(KEY), "unknown_key");

		assertThat(this.owner.find(KEY).state()).isEqualTo(State.LIVE);
		assertThat(this.stranger.find(bob).state()).isEqualTo(State.LIVE);
	}

	private static Tokens tokens() {
		Instant now = Instant.now();
		return new Tokens("other", "Bearer", "other", Set.of("read"), Set.of("read"), "alice", now,
				now.plusSeconds(3600), now, Duration.ofHours(1), null, null, false, Marks.NONE);
	}

	/**
	 * Everything in Redis, byte for byte.
	 */
	private List<String> contents() {
		return this.redis.keys("*")
			.stream()
			.map((name) -> name + " " + new String(dump(name), StandardCharsets.ISO_8859_1))
			.toList();
	}

	private byte[] dump(String name) {
		return (byte[]) Objects.requireNonNull(this.redis.binaryCommand("DUMP".getBytes(StandardCharsets.UTF_8),
				name.getBytes(StandardCharsets.UTF_8)));
	}

}
