package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * One provider in trouble must not delay another one.
 */
class BulkheadIntegrationTests extends EngineFixture {

	private static final int SLOTS = 16;

	private static final int SHARE = 12;

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final FakeAuthorizationServer healthy = FakeAuthorizationServer.start()
		.client("client", "secret")
		.rotateStrictly();

	@AfterEach
	void closeHealthy() {
		this.healthy.close();
	}

	private List<CompletableFuture<TokenRecord>> obtainIssued(EngineInstance instance, int count) {
		return obtainIssued(instance, "https://provider/token", count);
	}

	private List<CompletableFuture<TokenRecord>> obtainIssued(EngineInstance instance, String provider, int count) {
		return IntStream.range(0, count)
			.mapToObj((i) -> TokenKey.issued("service", "client", provider, "client_credentials", List.of("scope" + i),
					Map.of(), null))
			.map((key) -> instance.refresher.obtain(instance.demand(key, this.server, PATIENT)))
			.map(CompletionStage::toCompletableFuture)
			.toList();
	}

	private String obtainHealthy(EngineInstance instance, String principal) {
		return token(obtainHealthy(instance, principal, ENDED));
	}

	private CompletionStage<TokenRecord> obtainHealthy(EngineInstance instance, String principal, Duration remaining) {
		TokenKey key = TokenKey.grant("healthy", "client", "https://healthy/token", principal);
		instance.login(key, this.healthy.issueGrant("client", "read"), HOUR, remaining, true);
		return instance.refresher.obtain(instance.demand(key, this.healthy, PATIENT));
	}

	@Test
	void obtainWhenAProviderHangsLeavesSlotsToOthers() {
		EngineInstance instance = instance();
		Gate gate = this.server.hold();
		List<CompletableFuture<TokenRecord>> hanging = obtainIssued(instance, 100);
		Await.until("the queue", BOUND, () -> instance.queued() == 100 - SHARE);
		gate.awaitHeld(SHARE);

		IntStream.range(0, 20).forEach((i) -> assertThat(obtainHealthy(instance, "user" + i)).isNotEmpty());

		assertThat(hanging).noneMatch(CompletableFuture::isDone);
		assertThat(gate.held()).isEqualTo(SHARE);
		gate.release();
		assertThat(hanging).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
		assertThat(this.server.tokenRequests()).isEqualTo(100);
	}

	@ParameterizedTest
	@ValueSource(ints = { 2, 3, 4 })
	void obtainWhenThereAreFewSlotsLeavesOneToOthers(int concurrency) {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(concurrency));
		Gate gate = this.server.hold();
		List<CompletableFuture<TokenRecord>> hanging = obtainIssued(instance, concurrency);
		Await.until("the queue", BOUND, () -> instance.queued() == 1);

		assertThat(obtainHealthy(instance, "alice")).isNotEmpty();

		gate.release();
		assertThat(hanging).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
	}

	@Test
	void obtainWhenThereIsOneSlotTakesIt() {
		EngineInstance instance = instance(new EngineInstance.Options().concurrency(1));

		assertThat(obtainHealthy(instance, "alice")).isNotEmpty();
	}

	@Test
	void obtainWhenTwoProvidersHangRenewsNothingInTheBackgroundAheadOfCallers() {
		EngineInstance instance = instance();
		Gate gate = this.server.hold();
		List<CompletableFuture<TokenRecord>> hanging = new ArrayList<>(obtainIssued(instance, SHARE));
		hanging.addAll(obtainIssued(instance, "https://second/token", SLOTS - SHARE));
		gate.awaitHeld(SLOTS);

		for (int i = 0; i < SHARE; i++) {
			assertThat(token(obtainHealthy(instance, "near-end" + i, NEAR_END))).isNotEmpty();
		}
		Await.until("the end of all renewals", BOUND, () -> instance.flights() == SLOTS);
		CompletionStage<TokenRecord> caller = obtainHealthy(instance, "ended", ENDED);
		gate.releaseOne();

		assertThat(token(caller)).isNotEmpty();
		assertThat(this.healthy.tokenRequests()).as("the caller's").isEqualTo(1);
		gate.release();
		assertThat(hanging).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
	}

	@Test
	void obtainWhenAProviderHangsRenewsNothingInTheBackgroundBehindCallers() {
		EngineInstance instance = instance();
		IssuedGrant grant = login(instance, NEAR_END);
		Gate gate = this.server.hold();
		List<CompletableFuture<TokenRecord>> hanging = obtainIssued(instance, SHARE);
		gate.awaitHeld(SHARE);

		assertThat(token(instance.refresher.obtain(demand(PATIENT)))).isEqualTo(grant.accessToken());
		assertThat(instance.queued()).isZero();
		gate.release();
		assertThat(hanging).allSatisfy((call) -> assertThat(token(call)).isNotEmpty());
		assertThat(this.server.tokenRequests()).isEqualTo(SHARE);

		assertThat(token(instance.refresher.obtain(demand(PATIENT)))).isEqualTo(grant.accessToken());
		Await.until("the renewal by a later call", BOUND,
				() -> !instance.find(KEY).requireTokens().accessToken().equals(grant.accessToken()));
	}

	@Test
	void obtainWhenAThousandGrantsAreDeadAsksOnceForEachAndDelaysNobodyElse() {
		EngineInstance first = instance();
		EngineInstance second = instance();
		List<TokenKey> dead = IntStream.range(0, 1_000).mapToObj((i) -> EngineInstance.grantKey("user" + i)).toList();
		dead.forEach((key) -> {
			IssuedGrant grant = this.server.issueGrant("client", "read");
			first.login(key, grant, HOUR, ENDED, true);
			this.server.kill(grant.refreshToken());
		});
		Gate gate = this.server.hold();
		List<CompletableFuture<TokenRecord>> calls = Stream.of(first, second)
			.flatMap((instance) -> dead.stream()
				.map((key) -> instance.refresher.obtain(instance.demand(key, this.server, PATIENT))
					.toCompletableFuture()))
			.toList();
		gate.awaitHeld(SHARE);

		assertThat(obtainHealthy(first, "alice")).isNotEmpty();
		assertThat(obtainHealthy(second, "bob")).isNotEmpty();
		gate.release();

		calls.forEach((call) -> failure(call, GrantLostException.class));
		dead.forEach((key) -> failure(first.refresher.obtain(first.demand(key, this.server, PATIENT)),
				GrantLostException.class));
		assertThat(this.server.tokenRequests()).as("one for each").isEqualTo(1_000);
	}

}
