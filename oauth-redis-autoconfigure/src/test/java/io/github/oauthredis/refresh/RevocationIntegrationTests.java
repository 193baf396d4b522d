package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 30, batch half: what a mark revokes is gone for every instance, and a refresh in
 * flight cannot bring it back.
 */
class RevocationIntegrationTests extends EngineFixture {

	private static final TokenKey ISSUED = EngineInstance.issuedKey("read");

	private static final MarkScope ALL = new MarkScope.All();

	private static final RefreshPolicy EAGER = EngineInstance.policy(Duration.ofSeconds(5), Duration.ofSeconds(8),
			Duration.ZERO, Duration.ZERO);

	// Grants

	@Test
	void revokedGrantIsLostForEverybodyWithoutATokenRequest() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		login(instance, HOUR);
		token(obtain(instance));
		token(obtain(other));

		mark(other, new MarkScope.Principal("alice"));

		assertRevoked(obtain(instance));
		assertRevoked(obtain(other));
		assertThat(EngineInstance.get(instance.refresher.load(KEY, EngineInstance.POLICY))).isNull();
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void revokedGrantThatEndedIsNotPresented() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		mark(instance, new MarkScope.Registration("github"));

		assertRevoked(obtain(instance));

		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void loginAfterRevocationIsServedAndRenewed() {
		EngineInstance instance = instance();
		login(instance, HOUR);
		mark(instance, ALL);
		assertRevoked(obtain(instance));

		login(instance, ENDED);

		assertThat(token(obtain(instance))).isNotNull();
		assertThat(instance.find(KEY).state()).isEqualTo(State.LIVE);
		assertPairAlive(instance);
	}

	@Test
	void staleCopyOfARevokedGrantThatIsSavedStaysRevoked() {
		EngineInstance instance = instance();
		IssuedGrant grant = this.server.issueGrant("client", "read");
		Tokens tokens = tokens(grant);
		instance.save(KEY, tokens);
		mark(instance, ALL);

		instance.save(KEY, tokens);

		assertRevoked(obtain(instance));
	}

	@ParameterizedTest
	@EnumSource
	void grantRevokedWhileItsRefreshIsInFlightIsLost(Step step) {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		login(held, ENDED);
		this.steps.hold(step);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(step, 1);

		mark(other, new MarkScope.Principal("alice"));
		this.steps.release(step);

		assertRevoked(call);
		assertThat(other.find(KEY).state()).isEqualTo(State.DEAD);
		assertRevoked(obtain(other));
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void flightThatMeetsAnotherRecordReadsItsMarks() {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		login(held, ENDED);
		this.steps.hold(Step.FOUND);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.FOUND, 1);
		token(obtain(other));

		mark(other, ALL);
		this.steps.release(Step.FOUND);

		assertRevoked(call);
	}

	@Test
	void flightWhoseCommitIsRefusedReadsTheMarksOfWhatIsThere() {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		login(held, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);
		login(other, HOUR);

		mark(other, ALL);
		this.steps.release(Step.ANSWERED);

		assertRevoked(call);
	}

	// Issued tokens

	@Test
	void revokedIssuedTokenIsObtainedAnewOnceForEverybody() {
		EngineInstance instance = instance();
		EngineInstance other = instance();
		TokenDemand demand = instance.demand(ISSUED, this.server);
		String before = instance.accessToken(demand);

		mark(other, new MarkScope.Registration("service"));
		TokenRecord revoked = other.find(ISSUED);
		String after = instance.accessToken(demand);

		assertThat(revoked.state()).isEqualTo(State.DEAD);
		assertThat(after).isNotEqualTo(before);
		assertThat(other.accessToken(demand)).isEqualTo(after);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertThat(other.find(ISSUED).requireTokens().marks()).isEqualTo(revoked.marks());
	}

	@Test
	void revokedTokensAreNotShownToTheSource() {
		EngineInstance owner = instance();
		EngineInstance stranger = instance(new EngineInstance.Options().ring(EngineInstance.ring("strange-key")));
		List<Optional<Tokens>> shown = new CopyOnWriteArrayList<>();
		TokenDemand real = owner.demand(ISSUED, this.server, EAGER);
		TokenDemand demand = new TokenDemand(ISSUED, EAGER, (current) -> {
			shown.add(Optional.ofNullable(current));
			return real.source().request(current);
		});
		owner.accessToken(demand);
		stranger.accessToken(demand);
		mark(owner, ALL);

		owner.accessToken(demand);
		stranger.accessToken(demand);

		assertThat(shown).hasSize(4).allMatch(Optional::isEmpty);
	}

	@ParameterizedTest
	@EnumSource
	void issuedTokenRevokedWhileItIsRequestedIsObtainedAnew(Step step) {
		EngineInstance held = heldInstance();
		EngineInstance other = instance();
		TokenDemand demand = held.demand(ISSUED, this.server);
		this.steps.hold(step);
		CompletableFuture<TokenRecord> call = held.refresher.obtain(demand).toCompletableFuture();
		this.steps.awaitHeld(step, 1);

		mark(other, ALL);
		this.steps.release(step);

		TokenRecord stored = other.find(ISSUED);
		assertThat(token(call)).isEqualTo(other.accessToken(demand));
		assertThat(other.find(ISSUED).state()).as("was %s", stored).isEqualTo(State.LIVE);
		assertThat(this.server.tokenRequests()).isEqualTo(2);
	}

	@Test
	void issuedTokenRevokedEachTimeItIsRequestedIsRequestedTwice() {
		EngineInstance instance = instance();
		TokenDemand real = instance.demand(ISSUED, this.server);
		TokenDemand demand = new TokenDemand(ISSUED, EngineInstance.POLICY, (current) -> {
			mark(instance, ALL);
			return real.source().request(current);
		});

		assertThat(unavailable(instance.refresher.obtain(demand), "revoked").isRetryable()).isTrue();

		assertThat(this.server.tokenRequests()).isEqualTo(2);
		assertThat(instance.accessToken(real)).isEqualTo(instance.find(ISSUED).requireTokens().accessToken());
	}

	@Test
	void revokedIssuedTokenInOwnMemoryIsObtainedAnew() {
		EngineInstance owner = instance();
		EngineInstance stranger = instance(new EngineInstance.Options().ring(EngineInstance.ring("strange-key")));
		TokenDemand demand = owner.demand(ISSUED, this.server, EAGER);
		owner.accessToken(demand);
		String before = stranger.accessToken(demand);
		assertThat(stranger.accessToken(demand)).isEqualTo(before);

		mark(owner, ALL);

		String after = stranger.accessToken(demand);
		assertThat(after).isNotEqualTo(before);
		assertThat(stranger.accessToken(demand)).isEqualTo(after);
	}

	// What it costs

	@Test
	void refreshCostsFourCommandsWhereMarksAreHeardOfAndFiveElsewhere() {
		EngineInstance instance = instance(new EngineInstance.Options().nearCache());
		login(instance, ENDED);
		token(obtain(instance));
		login(instance, ENDED);

		assertThat(commandsOfARefresh(instance)).isEqualTo(5);

		instance.near().armed();
		login(instance, ENDED);
		assertThat(commandsOfARefresh(instance)).isEqualTo(4);
	}

	@ParameterizedTest
	@ValueSource(strings = { "heard", "deaf" })
	void grantRevokedBeforeTheCommitIsLostWhereTheNewsWas(String news) {
		EngineInstance held = instance(new EngineInstance.Options().nearCache().stopPoints(this.steps));
		held.near().armed();
		login(held, ENDED);
		this.steps.hold(Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(Step.ANSWERED, 1);

		if (news.equals("heard")) {
			held.near().changed("oauth-redis:{nb}:r:github");
		}
		else {
			held.near().disarmed();
		}
		mark(held, new MarkScope.Registration("github"));
		this.steps.release(Step.ANSWERED);

		assertRevoked(call);
	}

	@Test
	void tokenIsServedWhenRedisIsLostBetweenCommitAndMarks() {
		EngineInstance instance = instance();
		login(instance, ENDED);
		instance.faults.loseRequests("marks");

		assertThat(token(obtain(instance))).isEqualTo(instance.find(KEY).requireTokens().accessToken());
		assertPairAlive(instance);
	}

	private long commandsOfARefresh(EngineInstance instance) {
		instance.awaitIdle();
		int requests = this.server.tokenRequests();
		this.redis.resetCommandCounts();
		token(obtain(instance));
		instance.awaitIdle();
		Map<String, Long> counts = this.redis.commandCounts();
		assertThat(this.server.tokenRequests()).isEqualTo(requests + 1);
		assertThat(counts).doesNotContainKeys("eval", "script|load");
		return counts.getOrDefault("evalsha", 0L);
	}

	private static Tokens tokens(IssuedGrant grant) {
		Instant now = Instant.now();
		return new Tokens(grant.accessToken(), "Bearer", grant.refreshToken(), Set.of("read"), Set.of("read"), "alice",
				now, now.plusSeconds(3600), now, HOUR, null, null, true, Marks.NONE);
	}

	private static void mark(EngineInstance instance, MarkScope scope) {
		assertThat(EngineInstance.get(instance.store.mark(scope))).isPositive();
	}

	private static void assertRevoked(CompletionStage<TokenRecord> call) {
		assertThat(failure(call, GrantLostException.class).getReason()).isEqualTo("revoked");
	}

}
