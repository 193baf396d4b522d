package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.refresh.StopPoints.Step;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tokens that arrived and could not be stored at once: in a process that lives none is
 * lost.
 */
class PendingCommitIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private EngineInstance instance;

	@BeforeEach
	void start() {
		this.instance = instance(new EngineInstance.Options().stopPoints(this.steps));
	}

	@AfterEach
	void heal() {
		this.instance.faults.heal();
	}

	private void awaitStored(String token) {
		Await.until("the tokens in Redis", BOUND,
				() -> this.instance.find(KEY).requireTokens().accessToken().equals(token));
	}

	@Test
	void lostCommitIsServedFromMemoryAndStoredLater() {
		IssuedGrant grant = login(this.instance, ENDED);
		this.instance.faults.loseRequests("commit");

		String token = token(obtain(this.instance));

		assertThat(token).isNotEqualTo(grant.accessToken());
		assertThat(token(obtain(this.instance))).isEqualTo(token);
		Tokens loaded = EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY));
		assertThat(loaded.accessToken()).isEqualTo(token);
		assertThat(this.instance.find(KEY).requireTokens().accessToken()).isEqualTo(grant.accessToken());

		this.instance.faults.heal();
		awaitStored(token);

		assertThat(token(obtain(instance()))).isEqualTo(token);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		this.instance.awaitEvents(TokenEvent.Type.SAVED, TokenEvent.Type.PENDING, TokenEvent.Type.REFRESHED);
		assertPairAlive(this.instance);
	}

	@Test
	void lostReplyToACommitIsAskedForAndStoresOnce() {
		login(this.instance, ENDED);
		this.instance.faults.loseReplies("commit");

		String token = token(obtain(this.instance));
		long generation = raw().generation();
		this.instance.faults.heal();
		this.instance.awaitIdle();

		assertThat(raw().generation()).isEqualTo(generation);
		assertThat(this.instance.faults.answered("commit")).isEqualTo(1);
		assertThat(token(obtain(this.instance))).isEqualTo(token);
		assertPairAlive(this.instance);
	}

	@Test
	void commitThatANewLoginOvertookIsDropped() {
		login(this.instance, ENDED);
		this.instance.faults.loseRequests("commit");
		token(obtain(this.instance));

		IssuedGrant newer = login(this.instance, HOUR);
		this.instance.faults.heal();
		this.instance.awaitIdle();

		assertThat(token(obtain(this.instance))).isEqualTo(newer.accessToken());
	}

	@Test
	void commitThatARemovalOvertookIsRefused() {
		login(this.instance, ENDED);
		this.instance.faults.loseRequests("commit");
		token(obtain(this.instance));

		EngineInstance.get(instance().refresher.remove(KEY));
		this.instance.faults.heal();
		this.instance.awaitIdle();

		assertThat(EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY))).isNull();
	}

	/**
	 * Log in while Redis is away, and hold what offers it to Redis later.
	 */
	private CompletableFuture<@Nullable Void> loginThatIsBeingStored() {
		this.instance.faults.loseRequests("find");
		login(this.instance, HOUR);
		CompletableFuture<@Nullable Void> offer = this.instance.faults.hold("put");
		this.instance.faults.heal();
		Await.until("the offer", BOUND, () -> offer.getNumberOfDependents() == 1);
		return offer;
	}

	private @Nullable Tokens load() {
		return EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY));
	}

	@Test
	void loginThatIsRemovedWhileItIsBeingStoredDoesNotComeBack() {
		CompletableFuture<@Nullable Void> offer = loginThatIsBeingStored();

		EngineInstance.get(this.instance.refresher.remove(KEY));
		offer.complete(null);
		this.instance.awaitIdle();

		assertThat(load()).isNull();
		assertThat(raw().state()).isEqualTo("gone");
	}

	@Test
	void loginThatIsRepeatedWhileItIsBeingStoredDoesNotComeBack() {
		CompletableFuture<@Nullable Void> offer = loginThatIsBeingStored();

		CompletableFuture<IssuedGrant> newer = CompletableFuture.supplyAsync(() -> login(this.instance, HOUR));
		Await.until("the newer login", BOUND, () -> offer.getNumberOfDependents() == 2);
		offer.complete(null);
		IssuedGrant grant = EngineInstance.get(newer);
		Await.until("a look at what is stored now", BOUND, () -> this.instance.faults.answered("find") == 3);
		load();

		assertThat(load().accessToken()).as("after a write that followed the look").isEqualTo(grant.accessToken());
	}

	@Test
	void pendingPairThatEndedIsStoredBeforeAnythingIsPresented() {
		login(this.instance, ENDED);
		this.server.answers().expiresIn(1);
		this.instance.faults.loseRequests("commit");
		String pending = token(obtain(this.instance));
		Await.until("its end", BOUND, () -> !isUsable(pending));

		// The stored refresh token is used up: to present it would cost the family.
		unavailable(obtain(this.instance), "redis_unavailable");
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		this.server.answers().expiresIn(3600);
		this.instance.faults.heal();
		String renewed = token(obtain(this.instance));

		assertThat(renewed).isNotEqualTo(pending);
		assertThat(this.server.reuseEvents()).isZero();
		assertPairAlive(this.instance);
	}

	private boolean isUsable(String token) {
		Tokens tokens = EngineInstance.get(this.instance.refresher.load(KEY, EngineInstance.POLICY));
		assertThat(tokens.accessToken()).isEqualTo(token);
		return Instant.now().isBefore(tokens.expiresAt());
	}

	@Test
	void pendingPairIsNotForgottenByACallerWithAnOldReading() {
		login(this.instance, ENDED);
		this.steps.hold(Step.FOUND);
		CompletableFuture<TokenRecord> first = obtain(this.instance);
		CompletableFuture<TokenRecord> late = obtain(this.instance);
		this.steps.awaitHeld(Step.FOUND, 2);
		this.instance.faults.loseRequests("commit");
		this.steps.releaseFirst(Step.FOUND);
		Await.until("one of them", BOUND, () -> first.isDone() || late.isDone());
		raw().lapse();

		this.steps.release(Step.FOUND);

		assertThat(token(late)).isEqualTo(token(first));
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		this.instance.faults.heal();
		this.instance.awaitIdle();
		assertPairAlive(this.instance);
	}

}
