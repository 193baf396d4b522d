package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An engine whose way to Redis breaks in the middle of a refresh, against a server that
 * rotates strictly: no pair is lost, nothing is presented twice.
 */
class RedisNetworkIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final TcpProxy proxy = TcpProxy.to(RedisServer.shared());

	private EngineInstance witness;

	private EngineInstance remote;

	private int requestsBefore;

	@BeforeEach
	void start() {
		this.witness = instance();
		this.remote = new EngineInstance(this.proxy.host(), this.proxy.port(),
				new EngineInstance.Options().stopPoints(this.steps).redisTimeout(Duration.ofSeconds(1)));
		warmUp();
	}

	@AfterEach
	void close() {
		this.proxy.passThrough();
		this.proxy.comeBack();
		this.remote.awaitIdle();
		this.remote.close();
		this.proxy.close();
	}

	@Test
	void commitWhoseReplyIsLostIsServedAndStored() {
		login(this.witness, ENDED);
		this.proxy.cutOnReply(RedisNetworkIntegrationTests::isCommit);

		String token = token(obtain(this.remote));

		Await.until("the cut", Duration.ofSeconds(20), () -> this.proxy.drops() == 1);
		assertServedEverywhere(token);
	}

	@Test
	void commitWhoseRequestIsLostIsServedAndStored() {
		login(this.witness, ENDED);
		this.proxy.cutOnRequest(RedisNetworkIntegrationTests::isCommit);

		String token = token(obtain(this.remote));

		Await.until("the cut", Duration.ofSeconds(20), () -> this.proxy.drops() == 1);
		assertThat(token(obtain(this.remote))).isEqualTo(token);
		assertServedEverywhere(token);
	}

	@Test
	void commitIntoABlackHoleIsServedMeanwhileAndStoredAfterwards() {
		IssuedGrant grant = login(this.witness, ENDED);
		this.steps.hold(StopPoints.Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(this.remote);
		this.steps.awaitHeld(StopPoints.Step.ANSWERED, 1);
		this.proxy.blackHole(Direction.UPSTREAM);
		this.proxy.blackHole(Direction.DOWNSTREAM);

		this.steps.release(StopPoints.Step.ANSWERED);
		String token = token(call);

		assertThat(token(obtain(this.remote))).as("served from memory").isEqualTo(token);
		assertThat(this.witness.find(KEY).requireTokens().accessToken()).isEqualTo(grant.accessToken());
		this.proxy.passThrough();
		assertServedEverywhere(token);
		assertThat(this.remote.eventTypes()).contains(TokenEvent.Type.PENDING);
		Await.until("the event", BOUND, () -> this.remote.eventTypes().contains(TokenEvent.Type.REFRESHED));
	}

	@Test
	void redisThatGoesAwayBetweenAnswerAndCommitCostsNothing() {
		login(this.witness, ENDED);
		this.steps.hold(StopPoints.Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(this.remote);
		this.steps.awaitHeld(StopPoints.Step.ANSWERED, 1);

		this.proxy.refuse();
		this.steps.release(StopPoints.Step.ANSWERED);
		String token = token(call);
		this.proxy.comeBack();

		assertServedEverywhere(token);
	}

	@Test
	void acquireWhoseReplyIsLostSendsNothingAndIsGivenBack() {
		login(this.witness, ENDED);
		this.proxy.cutOnReply(RedisNetworkIntegrationTests::isAcquire);

		TokenUnavailableException failure = unavailable(obtain(this.remote), "redis_unavailable");

		assertThat(failure.isRetryable()).isTrue();
		assertThat(this.server.tokenRequests()).isEqualTo(this.requestsBefore);
		Await.until("the lease given back", BOUND, () -> !raw().leased());
		assertThat(this.witness.find(KEY).timing().attempts()).isZero();
		assertServedEverywhere(token(obtain(this.witness)));
	}

	@Test
	void connectionThatIsStuckForGoodStopsTheRefreshesOfOneInstanceOnlyForAWhile() {
		login(this.witness, ENDED);
		this.proxy.hold(RedisNetworkIntegrationTests::isAcquire);
		CompletableFuture<TokenRecord> stuck = obtain(this.remote);
		unavailable(stuck, "redis_unavailable");

		String token = token(obtain(this.witness));

		Await.until("recovery", BOUND, () -> obtain(this.remote).handle((record, ex) -> ex == null).join());
		assertServedEverywhere(token);
	}

	@Test
	void redisThatIsAwayAnswersManyCallersInTimeAndSendsNothing() {
		login(this.witness, ENDED);
		this.proxy.refuse();
		long start = System.nanoTime();

		List<CompletableFuture<TokenRecord>> calls = obtain(this.remote, 64);

		calls.forEach((call) -> assertThat(unavailable(call, "redis_unavailable").isRetryable()).isTrue());
		assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(4));
		assertThat(this.server.tokenRequests()).as("a rotating token is not presented without a lease")
			.isEqualTo(this.requestsBefore);
		this.proxy.comeBack();
		Await.until("recovery", BOUND, () -> obtain(this.remote).handle((record, ex) -> ex == null).join());
		assertPairAlive(this.witness);
	}

	/**
	 * Only a commit carries content, which begins with the name of the sealing key.
	 */
	private static boolean isCommit(String request) {
		return request.contains("EVALSHA") && request.contains("test-key");
	}

	/**
	 * Only acquire states the length of a lease.
	 */
	private static boolean isAcquire(String request) {
		return request.contains("EVALSHA")
				&& request.contains("\r\n" + EngineInstance.POLICY.lease().toMillis() + "\r\n");
	}

	/**
	 * Make Redis know the scripts by a refresh of another key.
	 */
	private void warmUp() {
		this.remote.awaitRedis();
		this.witness.obtain(this.witness.demand(EngineInstance.issuedKey("warm"), this.server));
		this.remote.obtain(this.remote.demand(EngineInstance.issuedKey("warm-too"), this.server));
		this.requestsBefore = this.server.tokenRequests();
	}

	private void assertServedEverywhere(String token) {
		Await.until("the pair in Redis", BOUND,
				() -> this.witness.find(KEY).requireTokens().accessToken().equals(token));
		assertThat(token(obtain(this.witness))).isEqualTo(token);
		assertThat(token(obtain(this.remote))).isEqualTo(token);
		assertThat(this.server.tokenRequests() - this.requestsBefore).isOne();
		assertPairAlive(this.witness);
	}

}
