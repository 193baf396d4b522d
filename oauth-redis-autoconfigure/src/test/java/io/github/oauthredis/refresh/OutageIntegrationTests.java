package io.github.oauthredis.refresh;

import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for engines with records in memory, while Redis answers and while it does not.
 *
 * @author OAuth Redis
 */
class OutageIntegrationTests extends EngineFixture {

	private static final TokenKey SERVICE = EngineInstance.issuedKey("read");

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final MutableClock clock = new MutableClock(Clock.systemUTC().instant());

	private EngineInstance instance;

	private FaultyStore store;

	private NearCache near;

	@BeforeEach
	void start() {
		this.instance = instance(new EngineInstance.Options().nearCache().clock(this.clock));
		this.store = this.instance.faults;
		this.near = this.instance.near();
		this.near.armed();
	}

	@AfterEach
	void heal() {
		this.store.heal();
	}

	private void loseRedis() {
		this.store.loseAll();
	}

	private TokenDemand service() {
		return EngineInstance.demand(SERVICE, this.server.tokenUri(), EngineInstance.POLICY);
	}

	@Test
	void obtainWhenInMemoryDoesNotAskRedis() {
		IssuedGrant grant = login(this.instance, HOUR);
		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
		loseRedis();

		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
		assertThat(EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY)).accessToken())
			.isEqualTo(grant.accessToken());
	}

	@Test
	void obtainWhenChangedElsewhereSeesIt() {
		login(this.instance, HOUR);
		token(obtain(this.instance));
		IssuedGrant other = login(instance(), HOUR);

		this.near.changed(new RedisKeys("oauth-redis").token(KEY));

		assertThat(token(obtain(this.instance))).isEqualTo(other.accessToken());
	}

	@Test
	void obtainWhenRedisIsAwayServesWhatIsInMemoryUpToTheBound() {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(KEY, grant, Duration.ofHours(10), Duration.ofHours(9), true);
		token(obtain(this.instance));
		loseRedis();

		this.clock.advance(Duration.ofSeconds(30 + 599));
		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
		this.clock.advance(Duration.ofSeconds(2));

		unavailable(obtain(this.instance), "redis_unavailable");
	}

	@Test
	void whatIsServedInAnOutageIsToldOnceForEachRecordAndOutage() {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(KEY, grant, Duration.ofHours(10), Duration.ofHours(9), true);
		token(obtain(this.instance));
		token(obtain(this.instance));
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SAVED);

		for (int outage = 1; outage <= 2; outage++) {
			loseRedis();
			this.clock.advance(Duration.ofMinutes(1));
			for (int i = 0; i < 10; i++) {
				token(obtain(this.instance));
				load();
			}
			assertThat(this.instance.eventTypes().stream().filter(TokenEvent.Type.STALE_SERVED::equals))
				.hasSize(outage);
			this.store.heal();
			this.clock.advance(Duration.ofSeconds(2));
			Await.until("Redis to be back", BOUND, () -> {
				token(obtain(this.instance));
				return this.instance.eventTypes().get(this.instance.events.size() - 1) == TokenEvent.Type.REDIS_BACK;
			});
		}
	}

	@Test
	void obtainWhenRedisIsAwayNeverServesAnEndedTokenNorPresentsItsRefreshToken() {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(KEY, grant, Duration.ofMinutes(5), Duration.ofMinutes(5), true);
		token(obtain(this.instance));
		loseRedis();
		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());

		this.clock.advance(Duration.ofMinutes(5));

		unavailable(obtain(this.instance), "redis_unavailable");
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void obtainWhenRedisIsLostAfterTheRefreshServesWhatItBrought() {
		login(this.instance, ENDED);
		String token = token(obtain(this.instance));
		loseRedis();

		assertThat(token(obtain(this.instance))).isEqualTo(token);
	}

	@Test
	void obtainWhenRedisIsLostAfterTheLoginServesIt() {
		IssuedGrant grant = login(this.instance, HOUR);
		loseRedis();

		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
	}

	@Test
	void obtainWhenRedisIsLostAfterALateCommitServesIt() {
		login(this.instance, ENDED);
		this.store.loseReplies("commit");
		String token = token(obtain(this.instance));
		this.store.heal();
		this.instance.awaitIdle();
		Await.until("the stored record", BOUND, () -> this.near.find(KEY) != null);
		loseRedis();

		assertThat(token(obtain(this.instance))).isEqualTo(token);
	}

	@Test
	void obtainWhenMarksCouldNotBeReadAfterTheRefreshKeepsNothing() {
		login(this.instance, ENDED);
		this.store.loseRequests("marks");
		token(obtain(this.instance));
		loseRedis();

		unavailable(obtain(this.instance), "redis_unavailable");
	}

	@Test
	void obtainWhenRevokedDuringTheRefreshKeepsNothing() {
		login(this.instance, ENDED);
		CompletableFuture<Void> marks = this.store.hold("marks");
		CompletableFuture<TokenRecord> call = obtain(this.instance);
		Await.until("a commit", BOUND, () -> this.store.answered("commit") == 1);
		EngineInstance.get(instance().store.mark(new MarkScope.Registration(KEY.registrationId())));
		this.store.loseRequests("find");

		marks.complete(null);

		unavailable(call, "redis_unavailable");
		assertThat(this.near.findInOutage(KEY)).isNull();
	}

	@Test
	void removeWhenRedisIsLostAfterwardsServesNothing() {
		login(this.instance, HOUR);
		EngineInstance.get(this.instance.refresher.remove(KEY));
		loseRedis();

		unavailable(obtain(this.instance), "redis_unavailable");
	}

	@Test
	void obtainWhenRedisIsAwayAsksItOnceASecond() {
		login(this.instance, HOUR);
		token(obtain(this.instance));
		loseRedis();
		this.clock.advance(Duration.ofSeconds(31));
		token(obtain(this.instance));
		this.store.heal();

		int before = this.store.answered("find");
		for (int i = 0; i < 100; i++) {
			token(obtain(this.instance));
		}
		assertThat(this.store.answered("find")).isEqualTo(before);
		this.clock.advance(Duration.ofSeconds(1));
		token(obtain(this.instance));

		Await.until("one question", BOUND, () -> this.store.answered("find") == before + 1);
	}

	@Test
	void loadWhenRedisIsAwayWaitsForNobodyAndAsksOnceASecond() {
		IssuedGrant grant = login(this.instance, HOUR);
		loseRedis();
		load();
		CompletableFuture<Void> answers = this.store.hold("find");
		this.store.heal();

		assertThat(load()).isEqualTo(grant.accessToken());
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(load()).isEqualTo(grant.accessToken());
		assertThat(load()).isEqualTo(grant.accessToken());

		int before = this.store.answered("find");
		answers.complete(null);
		Await.until("one question", BOUND, () -> this.store.answered("find") == before + 1);
	}

	private String load() {
		return EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY)).accessToken();
	}

	@Test
	void obtainWhenClockIsSetBackInAnOutageAsksRedisAgain() {
		loseRedis();
		EngineInstance.get(this.instance.refresher.obtain(service()));
		this.store.heal();
		int before = this.store.answered("find");

		this.clock.advance(Duration.ofMinutes(-10));
		EngineInstance.get(this.instance.refresher.obtain(service()));

		assertThat(this.store.answered("find")).isGreaterThan(before);
	}

	@Test
	void obtainWhenRedisIsAwayFetchesIssuedTokensOncePerInstance() {
		loseRedis();

		String token = token(this.instance.refresher.obtain(service()));

		assertThat(token(this.instance.refresher.obtain(service()))).isEqualTo(token);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		this.instance.awaitEvents(TokenEvent.Type.REDIS_AWAY, TokenEvent.Type.OBTAINED);
		assertThat(this.instance.events.get(1).detail()).isEqualTo("unshared");
		this.store.heal();
		this.clock.advance(Duration.ofSeconds(1));
		TokenRecord shared = EngineInstance.get(this.instance.refresher.obtain(service()));
		assertThat(shared.generation()).isPositive();
	}

	@Test
	void replaceWhenRedisIsAwayDoesNotServeTheRefusedTokenAgain() {
		IssuedGrant grant = login(this.instance, HOUR);
		token(obtain(this.instance));
		loseRedis();

		unavailable(this.instance.refresher.replace(demand(), grant.accessToken()).toCompletableFuture(),
				"redis_unavailable");

		unavailable(obtain(this.instance), "redis_unavailable");
	}

	@Test
	void replaceWhenMemoryIsBehindReturnsTheNewerToken() {
		IssuedGrant refused = login(this.instance, HOUR);
		token(obtain(this.instance));
		IssuedGrant newer = login(instance(), HOUR);

		String token = token(this.instance.refresher.replace(demand(), refused.accessToken()));

		assertThat(token).isEqualTo(newer.accessToken());
	}

	@Test
	void saveWhenRedisIsAwayKeepsTheLoginUntilItReturns() {
		loseRedis();
		IssuedGrant grant = login(this.instance, HOUR);

		assertThat(token(obtain(this.instance))).isEqualTo(grant.accessToken());
		assertThat(EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY)).accessToken())
			.isEqualTo(grant.accessToken());
		this.store.heal();
		this.instance.awaitIdle();

		assertThat(token(obtain(instance()))).isEqualTo(grant.accessToken());
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.REDIS_AWAY, TokenEvent.Type.PENDING,
				TokenEvent.Type.REDIS_BACK, TokenEvent.Type.SAVED);
	}

	@Test
	void saveWhenRedisIsAwayBeatsTheRefreshOfAnOlderLogin() {
		login(this.instance, ENDED);
		this.store.loseRequests("commit");
		token(obtain(this.instance));
		loseRedis();

		IssuedGrant newer = login(this.instance, HOUR);

		assertThat(token(obtain(this.instance))).isEqualTo(newer.accessToken());
		this.store.heal();
		this.instance.awaitIdle();
		assertThat(token(obtain(instance()))).isEqualTo(newer.accessToken());
	}

	@Test
	void removeWhenALoginWaitsDropsIt() {
		loseRedis();
		login(this.instance, HOUR);

		CompletableFuture<Void> removal = this.instance.refresher.remove(KEY).toCompletableFuture();

		unavailable(removal, "redis_unavailable");
		this.store.heal();
		this.instance.awaitIdle();
		assertThat(this.instance.find(KEY).state()).isEqualTo(TokenRecord.State.ABSENT);
	}

	@Test
	void obtainWhenRedisWentBackToAnOlderRecordPutsTheNewerBack() {
		login(this.instance, ENDED);
		String name = new RedisKeys("oauth-redis").token(KEY);
		this.redis.command("COPY", name, name + ":older");
		String token = token(obtain(this.instance));
		long generation = raw().generation();

		this.redis.command("COPY", name + ":older", name, "REPLACE");
		this.near.changedAll();

		assertThat(token(obtain(this.instance))).isEqualTo(token);
		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(this.instance);
		assertThat(this.instance.eventTypes()).containsExactly(TokenEvent.Type.SAVED, TokenEvent.Type.REFRESHED,
				TokenEvent.Type.STALE, TokenEvent.Type.REPAIRED);
	}

	@Test
	void obtainWhenRecordIsGoneDoesNotMakeItAnew() {
		login(this.instance, HOUR);
		token(obtain(this.instance));

		this.redis.flushAll();
		this.near.changedAll();

		failure(obtain(this.instance), GrantLostException.class);
		assertThat(this.redis.keys("*")).isEmpty();
	}

}
