package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tokens that are saved, loaded and removed, and how long they last.
 */
class SavedTokensIntegrationTests extends EngineFixture {

	private EngineInstance instance;

	@BeforeEach
	void start() {
		this.instance = instance();
	}

	private @Nullable Tokens load() {
		return EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY));
	}

	private void remove() {
		EngineInstance.get(this.instance.refresher.remove(KEY));
	}

	private static Tokens tokens(String accessToken, @Nullable String refreshToken, Instant issuedAt) {
		return new Tokens(accessToken, "Bearer", refreshToken, Set.of("read"), Set.of("read"), "alice", issuedAt,
				issuedAt.plus(HOUR), issuedAt, HOUR, null, null, false, Marks.NONE);
	}

	@Test
	void saveBeatsARefreshInFlight() {
		login(this.instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> refreshing = obtain(this.instance);
		gate.awaitHeld(1);

		IssuedGrant newer = login(instance(), HOUR);
		long generation = raw().generation();
		gate.release();

		assertThat(token(refreshing)).isEqualTo(newer.accessToken());
		this.instance.awaitIdle();
		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(load().refreshToken()).isEqualTo(newer.refreshToken());
	}

	@Test
	void saveWhenCopyIsStaleKeepsWhatIsStored() {
		IssuedGrant first = login(this.instance, ENDED);
		Tokens before = load();
		String second = token(obtain(this.instance));
		Tokens stored = load();
		long generation = raw().generation();

		this.instance.save(KEY, before);
		this.instance.save(KEY, stored);
		this.instance.save(KEY, tokens(first.accessToken(), first.refreshToken(), before.issuedAt()));

		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(token(obtain(this.instance))).isEqualTo(second);
		assertPairAlive(this.instance);
	}

	@Test
	void saveWhenCopyIsSeveralRotationsOldKeepsWhatIsStored() {
		login(this.instance, ENDED);
		Tokens before = load();
		token(obtain(this.instance));
		raw().end();
		raw().allowNextAttempt();
		String third = token(obtain(this.instance));

		this.instance.save(KEY, before);

		assertThat(token(obtain(this.instance))).isEqualTo(third);
		assertPairAlive(this.instance);
	}

	@Test
	void saveWhenANewerLoginBringsTheSameAccessTokenTakesIt() {
		Instant now = Instant.now();
		this.instance.save(KEY, tokens("same", "refresh-1", now.minusSeconds(60)));

		this.instance.save(KEY, tokens("same", "refresh-2", now));

		assertThat(load().refreshToken()).isEqualTo("refresh-2");
	}

	@Test
	void saveRemembersThatTheServerRotates() {
		login(this.instance, ENDED);
		token(obtain(this.instance));

		this.instance.login(KEY, this.server.issueGrant("client", "read"), HOUR);

		assertThat(load().rotates()).isTrue();
	}

	@Test
	void saveWhenManySaveAtOnceKeepsOneOfThem() {
		List<CompletableFuture<@Nullable Void>> saves = IntStream.range(0, 4)
			.mapToObj((i) -> this.instance.refresher
				.save(KEY, EngineInstance.POLICY, tokens("access-" + i, "refresh-" + i, Instant.now()))
				.toCompletableFuture())
			.toList();

		saves.forEach(EngineInstance::get);

		Tokens kept = load();
		assertThat(kept.refreshToken()).isEqualTo(kept.accessToken().replace("access", "refresh"));
	}

	@Test
	void recordOutlivesItsAccessTokenAsLongAsTheGrantLasts() {
		IssuedGrant grant = login(this.instance, ENDED);
		assertThat(raw().timeToLive()).isBetween(Duration.ofDays(179), Duration.ofDays(180));
		raw().end();

		assertThat(load().refreshToken()).isEqualTo(grant.refreshToken());
		assertThat(token(obtain(this.instance))).isNotEqualTo(grant.accessToken());
		assertThat(raw().timeToLive()).isBetween(Duration.ofDays(179), Duration.ofDays(180));
	}

	@Test
	void scopesThatWereChangedInConfigurationFindTheSameGrant() {
		Instant now = Instant.now().minus(Duration.ofDays(30));
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.save(KEY, new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read"),
				Set.of("read", "old"), "alice", now, now.plus(HOUR), now, HOUR, null, null, false, Marks.NONE));
		this.server.answers().scope("write read");

		TokenRecord renewed = this.instance.obtain(demand());

		assertThat(renewed.requireTokens().scopes()).containsExactlyInAnyOrder("read", "write");
		assertThat(renewed.requireTokens().requestedScopes()).containsExactlyInAnyOrder("read", "old");
		assertThat(this.server.requests().get(0).parameter("scope")).isNull();
		assertPairAlive(this.instance);
	}

	@Test
	void narrowedScopesAreAHitAndToldOnce() {
		Instant now = Instant.now().minus(Duration.ofDays(1));
		IssuedGrant grant = this.server.issueGrant("client", "read write");
		this.instance.save(KEY, new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read", "write"),
				Set.of("write", "read"), "alice", now, now.plus(HOUR), now, HOUR, null, null, false, Marks.NONE));
		this.server.answers().scope("read");

		assertThat(this.instance.obtain(demand()).requireTokens().scopes()).containsExactly("read");
		token(obtain(this.instance));
		raw().end();
		token(obtain(this.instance));

		assertThat(this.server.tokenRequests()).isEqualTo(2);
		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED, TokenEvent.Type.NARROWED,
				TokenEvent.Type.REFRESHED);
	}

	@Test
	void tokenWithoutLifetimeAndRefreshTokenIsServedLater() {
		this.instance.login(KEY, new IssuedGrant("family", "bot-token", null, -1), null);
		EngineInstance tomorrow = instance(
				new EngineInstance.Options().clock(Clock.offset(Clock.systemUTC(), Duration.ofDays(1))));

		assertThat(token(obtain(this.instance))).isEqualTo("bot-token");
		assertThat(token(obtain(tomorrow))).isEqualTo("bot-token");
		assertThat(load().accessToken()).isEqualTo("bot-token");
		assertThat(raw().timeToLive()).isGreaterThan(Duration.ofDays(179));
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void lifetimeOfASecondLeadsToAboutOneRequestASecond() {
		login(this.instance, ENDED);
		this.server.answers().expiresIn(1);
		long start = System.nanoTime();
		int[] calls = new int[1];

		Await.until("three tokens", Duration.ofSeconds(20), () -> {
			assertThat(token(obtain(this.instance))).isNotEmpty();
			calls[0]++;
			return this.server.tokenRequests() >= 3;
		});

		double seconds = (System.nanoTime() - start) / 1e9;
		assertThat(calls[0]).isGreaterThan(3);
		assertThat(this.server.tokenRequests() - 1).isLessThanOrEqualTo((int) (seconds / 0.5));
		this.instance.awaitIdle();
		assertPairAlive(this.instance);
	}

	@Test
	void clocksThatDifferChangeNothing() {
		EngineInstance behind = instance(
				new EngineInstance.Options().clock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-10))));
		EngineInstance ahead = instance(
				new EngineInstance.Options().clock(Clock.offset(Clock.systemUTC(), Duration.ofMinutes(10))));
		login(this.instance, ENDED);

		String token = token(obtain(behind));

		assertThat(List.of(token(obtain(ahead)), token(obtain(this.instance)), token(obtain(behind))))
			.containsOnly(token);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void removeRefusesWhatARefreshInFlightBrings() {
		login(this.instance, ENDED);
		Gate gate = this.server.hold();
		CompletableFuture<TokenRecord> refreshing = obtain(this.instance);
		gate.awaitHeld(1);

		remove();
		gate.release();

		assertThat(failure(refreshing, GrantLostException.class).getReason()).isEqualTo("no_grant");
		assertThat(load()).isNull();
		assertThat(raw().state()).isEqualTo("gone");
		assertThat(raw().timeToLive()).isBetween(Duration.ofMinutes(59), Duration.ofHours(1));
	}

	@Test
	void removeThenSaveStoresAHigherGeneration() {
		login(this.instance, HOUR);
		remove();
		long tombstone = raw().generation();

		login(this.instance, HOUR);

		assertThat(raw().generation()).isGreaterThan(tombstone);
		assertThat(load()).isNotNull();
	}

	@Test
	void loadNeverCallsTheServer() {
		assertThat(load()).as("nothing stored").isNull();
		IssuedGrant grant = login(this.instance, ENDED);
		assertThat(load().accessToken()).as("ended with refresh token").isEqualTo(grant.accessToken());
		this.instance.save(KEY, tokens("ended", null, Instant.now().minus(Duration.ofHours(2))));
		assertThat(load()).as("ended without refresh token").isNull();

		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void recordWithUnknownKeyIsLeftAlone() {
		IssuedGrant grant = login(this.instance, ENDED);
		EngineInstance stranger = instance(new EngineInstance.Options().ring(EngineInstance.ring("strange-key")));

		assertThat(unavailable(obtain(stranger), "unknown_key")).hasMessageContaining("test-key");
		unavailable(stranger.refresher.load(KEY, EngineInstance.POLICY), "unknown_key");
		unavailable(stranger.refresher.remove(KEY), "unknown_key");
		unavailable(stranger.refresher.save(KEY, EngineInstance.POLICY, tokens("access", null, Instant.now())),
				"unknown_key");

		assertThat(load().refreshToken()).isEqualTo(grant.refreshToken());
		assertThat(this.instance.find(KEY).state()).isEqualTo(State.LIVE);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void issuedTokenWithUnknownKeyIsFetchedForThisInstanceAlone() {
		TokenDemand demand = this.instance.demand(EngineInstance.issuedKey("read"), this.server);
		String shared = this.instance.accessToken(demand);
		EngineInstance stranger = instance(new EngineInstance.Options().ring(EngineInstance.ring("strange-key")));

		List<String> own = IntStream.range(0, 20)
			.mapToObj((i) -> stranger.refresher.obtain(demand))
			.toList()
			.stream()
			.map(EngineFixture::token)
			.distinct()
			.toList();
		String replaced = token(stranger.refresher.replace(demand, own.get(0)));

		assertThat(own).hasSize(1).doesNotContain(shared);
		assertThat(replaced).as("too young").isEqualTo(own.get(0));
		assertThat(this.instance.accessToken(demand)).isEqualTo(shared);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

}
