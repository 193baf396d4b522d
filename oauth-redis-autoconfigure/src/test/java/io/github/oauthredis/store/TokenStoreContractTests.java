package io.github.oauthredis.store;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * What every {@link TokenStore} promises, seen by two instances that share the records.
 */
abstract class TokenStoreContractTests extends StoreFixture {

	static final Duration BOUND = Duration.ofSeconds(20);

	static final Duration LEASE = Duration.ofSeconds(60);

	static final Duration SHORT = Duration.ofMillis(40);

	final TokenKey key = TokenKey.grant("github", "client", "https://provider/token", UUID.randomUUID().toString());

	// find

	@Test
	void findWhenNothingIsStoredReturnsAbsent() {
		TokenRecord record = find();

		assertThat(record.state()).isEqualTo(State.ABSENT);
		assertThat(record.generation()).isZero();
		assertThat(record.nextGeneration()).isPositive();
		assertThat(record.tokens()).isNull();
		assertThat(record.detail()).isNull();
		assertThat(record.timing()).isEqualTo(TokenRecord.Timing.NONE);
	}

	@Test
	void findWhenAnotherInstanceStoredReturnsTheSame() {
		Tokens tokens = StoreInstance.tokens("one");
		Life life = StoreInstance.life(Duration.ofMinutes(10), Duration.ofDays(1));
		Instant before = Instant.now();

		Written written = get(other().put(this.key, find(other()), tokens, life));
		TokenRecord found = find();

		assertThat(written.accepted()).isTrue();
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.tokens()).isEqualTo(tokens);
		assertThat(found.generation()).isEqualTo(written.record().generation());
		assertThat(found.nextGeneration()).isGreaterThan(found.generation());
		assertThat(found.timing().expiresAt()).isCloseTo(life.expiresAt(), within(Duration.ofSeconds(2)));
		assertThat(found.timing().writtenAt()).isCloseTo(before, within(Duration.ofSeconds(2)));
		assertThat(found.timing().refused()).isFalse();
		assertThat(found.timing().leasedUntil()).isNull();
	}

	@Test
	void findWhenLifetimeIsUnknownReturnsNoEnd() {
		Tokens unknown = StoreInstance.tokens("one", (Duration) null);
		get(store().put(this.key, find(), unknown, new Life(null, Instant.now().plusSeconds(60))));

		assertThat(find().timing().expiresAt()).isNull();
	}

	@Test
	void findWhenLeasedReturnsItsEnd() {
		put("one");
		acquire();

		Instant leasedUntil = find(other()).timing().leasedUntil();

		assertThat(leasedUntil).isCloseTo(Instant.now().plus(LEASE), within(Duration.ofSeconds(5)));
	}

	@Test
	void findWhenTwoKeysDifferInPrincipalReturnsEachItsOwn() {
		TokenKey bob = TokenKey.grant("github", "client", "https://provider/token", "bob-" + UUID.randomUUID());
		put("one");

		assertThat(get(store().find(bob)).state()).isEqualTo(State.ABSENT);
	}

	// put

	@Test
	void putWhenAnotherWroteMeanwhileReturnsTheirRecord() {
		TokenRecord read = find();
		TokenRecord theirs = get(other().put(this.key, read, StoreInstance.tokens("theirs"), life())).record();

		Written mine = get(store().put(this.key, read, StoreInstance.tokens("mine"), life()));

		assertThat(mine.accepted()).isFalse();
		assertThat(mine.record().tokens()).isEqualTo(theirs.tokens());
		assertThat(find().generation()).isEqualTo(theirs.generation());
	}

	@Test
	void putWhenLeaseIsHeldRefusesItsCommitAndKeepsItsLease() {
		put("one");
		Lease lease = acquire();
		TokenRecord login = get(other().put(this.key, find(other()), StoreInstance.tokens("login"), life())).record();

		Written late = commit(store(), lease, "late");

		assertThat(late.accepted()).isFalse();
		assertThat(late.record().generation()).isEqualTo(login.generation());
		assertThat(late.record().requireTokens().accessToken()).isEqualTo("access-login");
	}

	@Test
	void putWhenDeadRevives() {
		put("one");
		get(store().fail(this.key, acquire(), failure(Failure.Kind.FATAL)));

		Written written = get(store().put(this.key, find(), StoreInstance.tokens("two"), life()));

		assertThat(written.accepted()).isTrue();
		assertThat(written.record().state()).isEqualTo(State.LIVE);
		assertThat(find(other()).timing().failures()).isZero();
	}

	@Test
	void putWhenLifeIsBeyondMeasureKeepsTheRecord() {
		Life endless = new Life(Instant.MAX, Instant.MAX);

		Tokens tokens = StoreInstance.tokens("one", Duration.ofSeconds(Long.MAX_VALUE));
		TokenRecord record = get(store().put(this.key, find(), tokens, endless)).record();

		assertThat(record.state()).isEqualTo(State.LIVE);
		Lease lease = acquire();
		assertThat(find(other()).timing().expiresAt()).isAfter(Instant.now().plus(Duration.ofDays(3650)));
		get(store().release(this.key, lease));
		assertThat(find(other()).state()).isEqualTo(State.LIVE);
	}

	@Test
	void putWhenLifeHasEndedAlreadyLeavesNothingForLong() {
		put("one", new Life(Instant.now().minusSeconds(5), Instant.now().minusSeconds(1)));

		Await.until("the end of the record", BOUND, () -> find().state() == State.ABSENT);
	}

	// acquire

	@Test
	void acquireWhenFreeReturnsLeaseAndNotesTheAttempt() {
		TokenRecord record = put("one");
		Instant before = Instant.now();

		Lease lease = acquire();

		TokenRecord found = find(other());
		assertThat(lease.baseGeneration()).isEqualTo(record.generation());
		assertThat(lease.nextGeneration()).isGreaterThan(record.generation());
		assertThat(lease.until()).isBetween(before.plus(LEASE), Instant.now().plus(LEASE));
		assertThat(found.generation()).isEqualTo(record.generation());
		assertThat(found.tokens()).isEqualTo(record.tokens());
		assertThat(found.timing().attempts()).isEqualTo(1);
		assertThat(found.timing().attemptedAt()).isCloseTo(before, within(Duration.ofSeconds(2)));
	}

	@Test
	void acquireWhenHeldElsewhereReturnsHeld() {
		acquire();

		Acquisition second = get(other().acquire(this.key, find(other()), LEASE));

		assertThat(second).isInstanceOfSatisfying(Acquisition.Held.class,
				(held) -> assertThat(held.remaining()).isPositive().isLessThanOrEqualTo(LEASE));
	}

	@Test
	void acquireWhenLeaseLapsedReturnsAnotherOwnerAndKeepsTheFirstAttempt() {
		put("one");
		Lease lapsed = lapsedLease();
		TokenRecord read = find(other());

		Lease next = acquired(other().acquire(this.key, read, LEASE));

		TokenRecord found = find();
		assertThat(next.owner()).isNotEqualTo(lapsed.owner());
		assertThat(found.timing().attempts()).isEqualTo(2);
		assertThat(found.timing().attemptedAt()).isCloseTo(read.timing().attemptedAt(), within(Duration.ofMillis(500)));
	}

	@Test
	void acquireWhenGenerationChangedReturnsTheRecord() {
		TokenRecord read = put("one");
		TokenRecord current = get(other().put(this.key, read, StoreInstance.tokens("two"), life())).record();

		Acquisition acquisition = get(store().acquire(this.key, read, LEASE));

		assertThat(acquisition).isInstanceOfSatisfying(Acquisition.Changed.class, (changed) -> {
			assertThat(changed.current().generation()).isEqualTo(current.generation());
			assertThat(changed.current().tokens()).isEqualTo(current.tokens());
		});
		assertThat(find().timing().leasedUntil()).isNull();
	}

	@Test
	void acquireWhenAttemptsChangedReturnsTheRecord() {
		TokenRecord read = put("one");
		lapsedLease();

		Acquisition acquisition = get(other().acquire(this.key, read, LEASE));

		assertThat(acquisition).isInstanceOfSatisfying(Acquisition.Changed.class,
				(changed) -> assertThat(changed.current().timing().attempts()).isEqualTo(1));
	}

	@Test
	void acquireWhenNextAttemptIsInTheFutureReturnsTheRecord() {
		TokenRecord read = put("one");
		get(store().fail(this.key, acquire(), failure(Failure.Kind.CLEAR)));

		Acquisition acquisition = get(other().acquire(this.key, read, LEASE));

		assertThat(acquisition).isInstanceOfSatisfying(Acquisition.Changed.class,
				(changed) -> assertThat(changed.current().timing().nextAttemptAt()).isAfter(Instant.now()));
	}

	@Test
	void acquireWhenNextAttemptHasComeReturnsLease() {
		put("one");
		get(store().fail(this.key, acquire(), new Failure(Failure.Kind.CLEAR, "http_503", Duration.ZERO)));
		TokenRecord read = find(other());

		Await.until("the lease", BOUND,
				() -> get(other().acquire(this.key, read, LEASE)) instanceof Acquisition.Acquired);
	}

	@Test
	void acquireWhenItDiedMeanwhileReturnsTheRecord() {
		TokenRecord read = put("one");
		get(store().fail(this.key, acquire(), new Failure(Failure.Kind.FATAL, "invalid_grant", Duration.ZERO)));
		awaitNextAttempt();

		Acquisition acquisition = get(other().acquire(this.key, read, LEASE));

		assertThat(acquisition).isInstanceOfSatisfying(Acquisition.Changed.class,
				(changed) -> assertThat(changed.current().state()).isEqualTo(State.DEAD));
	}

	@Test
	void acquireWhenReadAsDeadReturnsLease() {
		put("one");
		get(store().fail(this.key, acquire(), new Failure(Failure.Kind.FATAL, "invalid_client", Duration.ZERO)));

		Lease lease = acquireWhenAllowed();

		assertThat(commit(other(), lease, "two").record().state()).isEqualTo(State.LIVE);
	}

	@Test
	void acquireWhenManyRaceGivesOneLease() {
		TokenRecord read = put("one");
		List<CompletionStage<Acquisition>> races = new ArrayList<>();

		for (int i = 0; i < 64; i++) {
			races.add(((i % 2 == 0) ? store() : other()).acquire(this.key, read, LEASE));
		}
		List<Acquisition> outcomes = races.stream().map(StoreInstance::get).toList();

		assertThat(outcomes).filteredOn(Acquisition.Acquired.class::isInstance).hasSize(1);
		assertThat(find().timing().attempts()).isEqualTo(1);
	}

	// commit

	@Test
	void commitStoresFreesTheLeaseAndClearsTheAttempt() {
		put("one");
		Lease lease = acquire();

		Written written = commit(store(), lease, "two");

		TokenRecord found = find(other());
		assertThat(written.accepted()).isTrue();
		assertThat(written.record().generation()).isEqualTo(lease.nextGeneration());
		assertThat(found.generation()).isEqualTo(lease.nextGeneration());
		assertThat(found.requireTokens().accessToken()).isEqualTo("access-two");
		assertThat(found.timing().attempts()).isZero();
		assertThat(found.timing().attemptedAt()).isNull();
		assertThat(found.timing().leasedUntil()).isNull();
	}

	@Test
	void commitWhenLeaseLapsedAndGenerationIsUnchangedStores() {
		put("one");
		Lease lapsed = lapsedLease();

		Written written = commit(store(), lapsed, "late");

		assertThat(written.accepted()).isTrue();
		assertThat(find(other()).requireTokens().accessToken()).isEqualTo("access-late");
	}

	@Test
	void commitWhenLeaseLapsedAndAnotherHoldsOneStoresAndLeavesThatLease() {
		put("one");
		Lease lapsed = lapsedLease();
		Lease next = acquired(other().acquire(this.key, find(other()), LEASE));

		Written first = commit(store(), lapsed, "late");
		TokenRecord between = find();
		Written second = commit(other(), next, "second");

		assertThat(first.accepted()).isTrue();
		assertThat(between.timing().leasedUntil()).isNotNull();
		assertThat(second.accepted()).isFalse();
		assertThat(second.record().requireTokens().accessToken()).isEqualTo("access-late");
	}

	@Test
	void commitWhenNewerIsStoredIsRefused() {
		put("one");
		Lease lapsed = lapsedLease();
		Lease next = acquired(other().acquire(this.key, find(other()), LEASE));
		commit(other(), next, "newer");

		Written late = commit(store(), lapsed, "late");

		assertThat(late.accepted()).isFalse();
		assertThat(late.record().generation()).isEqualTo(next.nextGeneration());
		assertThat(find().requireTokens().accessToken()).isEqualTo("access-newer");
	}

	@Test
	void commitWhenRepeatedSucceedsAgain() {
		put("one");
		Lease lease = acquire();
		commit(store(), lease, "two");

		Written again = commit(store(), lease, "two");

		assertThat(again.accepted()).isTrue();
		assertThat(again.record().generation()).isEqualTo(lease.nextGeneration());
	}

	@Test
	void commitWhenAnotherWriterStoredTheSameGenerationIsRefused() {
		put("one");
		Lease lease = acquire();
		Lease twin = new Lease("twin", lease.baseGeneration(), lease.nextGeneration(), lease.until());
		commit(store(), lease, "mine");

		Written theirs = commit(other(), twin, "theirs");

		assertThat(theirs.accepted()).isFalse();
		assertThat(find().requireTokens().accessToken()).isEqualTo("access-mine");
	}

	@Test
	void commitWhenRepeatedAfterANewerOneIsRefused() {
		put("one");
		Lease first = acquire();
		commit(store(), first, "two");
		Lease second = acquired(other().acquire(this.key, find(other()), LEASE));
		commit(other(), second, "three");

		Written again = commit(store(), first, "two");

		assertThat(again.accepted()).isFalse();
		assertThat(again.record().generation()).isEqualTo(second.nextGeneration());
	}

	@Test
	void commitWhenDeclaredDeadByALaterHolderRevives() {
		put("one");
		Lease lapsed = lapsedLease();
		Lease next = acquired(other().acquire(this.key, find(other()), LEASE));
		get(other().fail(this.key, next, failure(Failure.Kind.FATAL)));

		Written late = commit(store(), lapsed, "late");

		assertThat(late.accepted()).isTrue();
		assertThat(find(other()).state()).isEqualTo(State.LIVE);
		assertThat(find(other()).timing().nextAttemptAt()).isNull();
	}

	@Test
	void commitWhenRecordExpiredMeanwhileIsRefused() {
		TokenRecord first = put("one", new Life(Instant.now().plusSeconds(1), Instant.now().plusSeconds(1)));
		Lease lease = acquired(store().acquire(this.key, first, SHORT));
		Await.until("the end of the record", BOUND, () -> find(other()).state() == State.ABSENT);

		Written late = commit(store(), lease, "late");

		assertThat(late.accepted()).isFalse();
		assertThat(late.record().state()).isEqualTo(State.ABSENT);
		assertThat(find().nextGeneration()).isGreaterThan(lease.nextGeneration());
	}

	@Test
	void commitWhenRemovedMeanwhileIsRefused() {
		put("one");
		Lease lease = acquire();
		assertThat(get(other().tombstone(this.key, find(other())))).isTrue();

		Written late = commit(store(), lease, "late");

		assertThat(late.accepted()).isFalse();
		assertThat(late.record().state()).isEqualTo(State.ABSENT);
		assertThat(find().generation()).isGreaterThan(lease.baseGeneration());
		assertThat(find().nextGeneration()).isGreaterThan(lease.nextGeneration());
	}

	@Test
	void commitWhenNothingWasStoredStores() {
		Lease lease = acquire();

		Written written = commit(store(), lease, "first");

		assertThat(written.accepted()).isTrue();
		assertThat(find(other()).requireTokens().accessToken()).isEqualTo("access-first");
	}

	@Test
	void commitPassesWhatRemainsAtTheTime() {
		put("one");
		Lease lease = acquire();
		Life life = StoreInstance.life(Duration.ofMinutes(10), Duration.ofDays(1));

		commit(store(), lease, "two", life);
		commit(store(), lease, "two", life);

		assertThat(find(other()).timing().expiresAt()).isCloseTo(life.expiresAt(), within(Duration.ofSeconds(2)));
	}

	// generations

	@Test
	void generationWhenStoredIsAheadOfTimeStillRises() {
		long ahead = Instant.now().plus(Duration.ofHours(1)).toEpochMilli();
		Lease fromTheFuture = new Lease("future", 0, ahead, Instant.now().plus(LEASE));
		assertThat(commit(store(), fromTheFuture, "future").accepted()).isTrue();

		TokenRecord read = find(other());
		Lease lease = acquired(other().acquire(this.key, read, LEASE));
		long committed = commit(other(), lease, "two").record().generation();
		long saved = get(store().put(this.key, find(), StoreInstance.tokens("three"), life())).record().generation();
		boolean removed = get(other().tombstone(this.key, find(other())));
		TokenRecord tombstone = find();

		assertThat(read.generation()).isEqualTo(ahead);
		assertThat(List.of(read.nextGeneration(), lease.nextGeneration(), committed)).containsOnly(ahead + 1);
		assertThat(saved).isEqualTo(ahead + 2);
		assertThat(removed).isTrue();
		assertThat(tombstone.generation()).isEqualTo(ahead + 3);
		assertThat(tombstone.nextGeneration()).isEqualTo(ahead + 4);
	}

	@Test
	void generationWhenTimeIsAheadFollowsTime() {
		long before = Instant.now().toEpochMilli();

		long generation = put("one").generation();

		assertThat(generation).isBetween(before - 2000, Instant.now().toEpochMilli() + 2000);
	}

	// fail

	@Test
	void failWhenClearKeepsTheRecordAndTakesTheAttemptOff() {
		TokenRecord record = put("one");
		Lease lease = acquire();

		boolean noted = get(store().fail(this.key, lease, failure(Failure.Kind.CLEAR)));

		TokenRecord found = find(other());
		assertThat(noted).isTrue();
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.generation()).isEqualTo(record.generation());
		assertThat(found.tokens()).isEqualTo(record.tokens());
		assertThat(found.detail()).isEqualTo("http_503");
		assertThat(found.timing().failures()).isEqualTo(1);
		assertThat(found.timing().attempts()).isZero();
		assertThat(found.timing().attemptedAt()).isNull();
		assertThat(found.timing().leasedUntil()).isNull();
		assertThat(found.timing().nextAttemptAt()).isCloseTo(Instant.now().plusSeconds(30),
				within(Duration.ofSeconds(5)));
	}

	@Test
	void failWhenAmbiguousKeepsTheAttempt() {
		put("one");

		get(store().fail(this.key, acquire(), failure(Failure.Kind.AMBIGUOUS)));

		TokenRecord found = find(other());
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.timing().attempts()).isEqualTo(1);
		assertThat(found.timing().attemptedAt()).isNotNull();
		assertThat(found.timing().leasedUntil()).isNull();
	}

	@Test
	void failWhenFatalMarksDeadAndRemovesNothing() {
		TokenRecord record = put("one");

		get(store().fail(this.key, acquire(), new Failure(Failure.Kind.FATAL, "invalid_grant", Duration.ZERO)));

		TokenRecord found = find(other());
		assertThat(found.state()).isEqualTo(State.DEAD);
		assertThat(found.detail()).isEqualTo("invalid_grant");
		assertThat(found.tokens()).isEqualTo(record.tokens());
		assertThat(found.generation()).isEqualTo(record.generation());
		assertThat(found.timing().attempts()).isZero();
	}

	@Test
	void failWhenNotTheOwnerIsIgnored() {
		TokenRecord record = put("one");
		Lease lease = acquire();
		Lease stranger = new Lease("stranger", lease.baseGeneration(), lease.nextGeneration(), lease.until());

		boolean noted = get(other().fail(this.key, stranger, failure(Failure.Kind.FATAL)));

		TokenRecord found = find();
		assertThat(noted).isFalse();
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.timing().failures()).isZero();
		assertThat(found.timing().attempts()).isEqualTo(1);
		assertThat(found.timing().leasedUntil()).isNotNull();
		assertThat(found.generation()).isEqualTo(record.generation());
	}

	@Test
	void failWhenLeaseLapsedIsIgnored() {
		put("one");
		Lease lapsed = lapsedLease();

		boolean noted = get(store().fail(this.key, lapsed, failure(Failure.Kind.FATAL)));

		assertThat(noted).isFalse();
		assertThat(find().state()).isEqualTo(State.LIVE);
		assertThat(find().timing().failures()).isZero();
	}

	@Test
	void failWhenAnotherHoldsTheLeaseIsIgnored() {
		put("one");
		Lease lapsed = lapsedLease();
		Lease next = acquired(other().acquire(this.key, find(other()), LEASE));

		boolean noted = get(store().fail(this.key, lapsed, failure(Failure.Kind.FATAL)));

		assertThat(noted).isFalse();
		assertThat(find().state()).isEqualTo(State.LIVE);
		assertThat(find().timing().leasedUntil()).isNotNull();
		assertThat(get(other().fail(this.key, next, failure(Failure.Kind.CLEAR)))).isTrue();
	}

	@Test
	void failWhenGenerationChangedIsIgnoredAndGivesTheLeaseBack() {
		put("one");
		Lease lease = acquire();
		get(other().put(this.key, find(other()), StoreInstance.tokens("login"), life()));

		boolean noted = get(store().fail(this.key, lease, failure(Failure.Kind.FATAL)));

		TokenRecord found = find();
		assertThat(noted).isFalse();
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.timing().failures()).isZero();
		assertThat(found.timing().leasedUntil()).isNull();
	}

	@Test
	void failWhenNothingIsStoredIsRememberedByAll() {
		TokenRecord read = find(other());

		get(store().fail(this.key, acquire(), failure(Failure.Kind.FATAL)));

		TokenRecord found = find(other());
		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertThat(found.generation()).isZero();
		assertThat(found.detail()).isEqualTo("http_503");
		assertThat(found.timing().failures()).isEqualTo(1);
		assertThat(found.timing().nextAttemptAt()).isAfter(Instant.now());
		assertThat(get(other().acquire(this.key, read, LEASE))).isInstanceOf(Acquisition.Changed.class);
	}

	@Test
	void failWhenRepeatedCountsFailuresUntilACommit() {
		put("one");
		for (int i = 1; i <= 3; i++) {
			Lease lease = acquireWhenAllowed();
			get(store().fail(this.key, lease, new Failure(Failure.Kind.CLEAR, "http_503", Duration.ZERO)));

			assertThat(find(other()).timing().failures()).isEqualTo(i);
		}

		commit(store(), acquireWhenAllowed(), "two");

		assertThat(find(other()).timing().failures()).isZero();
		assertThat(find(other()).timing().nextAttemptAt()).isNull();
	}

	@Test
	void failWhenClearKeepsAnEarlierUnresolvedAttempt() {
		put("one");
		lapsedLease();
		Instant first = find().timing().attemptedAt();

		get(store().fail(this.key, acquire(), failure(Failure.Kind.CLEAR)));

		assertThat(find(other()).timing().attempts()).isEqualTo(1);
		assertThat(find(other()).timing().attemptedAt()).isCloseTo(first, within(Duration.ofMillis(500)));
	}

	@Test
	void failWhenDelayIsBeyondMeasureWaitsAtMostADay() {
		put("one");

		get(store().fail(this.key, acquire(),
				new Failure(Failure.Kind.CLEAR, "slow_down", Duration.ofSeconds(Long.MAX_VALUE))));

		assertThat(find(other()).timing().nextAttemptAt()).isBetween(Instant.now().plus(Duration.ofHours(23)),
				Instant.now().plus(Duration.ofHours(25)));
	}

	// invalidateIf

	@Test
	void invalidateIfWhenItIsTheStoredTokenMarksItForAll() {
		TokenRecord record = put("one");

		boolean marked = get(store().invalidateIf(this.key, digest(record), Duration.ZERO));

		assertThat(marked).isTrue();
		assertThat(find(other()).timing().refused()).isTrue();
		assertThat(find(other()).generation()).isEqualTo(record.generation());
		assertThat(find(other()).state()).isEqualTo(State.LIVE);
	}

	@Test
	void invalidateIfWhenTwiceMarksOnce() {
		TokenRecord record = put("one");
		get(other().invalidateIf(this.key, digest(record), Duration.ZERO));

		assertThat(get(store().invalidateIf(this.key, digest(record), Duration.ZERO))).isFalse();
		assertThat(find().timing().refused()).isTrue();
	}

	@Test
	void invalidateIfWhenAnotherTokenIsStoredDoesNothing() {
		TokenRecord first = put("one");
		get(other().put(this.key, first, StoreInstance.tokens("two"), life()));

		assertThat(get(store().invalidateIf(this.key, digest(first), Duration.ZERO))).isFalse();
		assertThat(find().timing().refused()).isFalse();
	}

	@Test
	void invalidateIfWhenTooYoungDoesNothing() {
		TokenRecord record = put("one", StoreInstance.life(Duration.ofHours(3), Duration.ofDays(1)));

		assertThat(get(store().invalidateIf(this.key, digest(record), Duration.ofHours(1)))).isFalse();
		assertThat(find().timing().refused()).isFalse();
	}

	@Test
	void invalidateIfWhenLifetimeIsUnknownCountsTheWholeAge() {
		TokenRecord record = put("one", new Life(null, Instant.now().plusSeconds(600)));

		assertThat(get(store().invalidateIf(this.key, digest(record), Duration.ofHours(1)))).isFalse();
		assertThat(get(store().invalidateIf(this.key, digest(record), Duration.ZERO))).isTrue();
	}

	@Test
	void invalidateIfWhenHalfTheLifetimeIsOverMarks() {
		TokenRecord record = put("one", StoreInstance.life(Duration.ofSeconds(1), Duration.ofDays(1)));

		Await.until("half the lifetime", BOUND,
				() -> get(store().invalidateIf(this.key, digest(record), Duration.ofHours(1))));

		assertThat(Instant.now()).isAfter(record.timing().writtenAt().plusMillis(250));
	}

	@Test
	void invalidateIfWhenAbsentOrDeadDoesNothing() {
		assertThat(get(store().invalidateIf(this.key, "-", Duration.ZERO))).isFalse();
		TokenRecord record = put("one");
		get(store().fail(this.key, acquire(), failure(Failure.Kind.FATAL)));

		assertThat(get(store().invalidateIf(this.key, digest(record), Duration.ZERO))).isFalse();
		get(store().tombstone(this.key, find()));
		assertThat(get(store().invalidateIf(this.key, "-", Duration.ZERO))).isFalse();
	}

	@Test
	void invalidateIfWhenRenewedIsForgotten() {
		TokenRecord record = put("one");
		get(store().invalidateIf(this.key, digest(record), Duration.ZERO));

		commit(store(), acquire(), "two");

		assertThat(find(other()).timing().refused()).isFalse();
	}

	@Test
	void invalidateIfWhenLeasedKeepsTheLease() {
		TokenRecord record = put("one");
		Lease lease = acquire();

		assertThat(get(other().invalidateIf(this.key, digest(record), Duration.ZERO))).isTrue();

		assertThat(find().timing().leasedUntil()).isNotNull();
		assertThat(commit(store(), lease, "two").accepted()).isTrue();
	}

	// release

	@Test
	void releaseGivesTheLeaseBackAndTakesTheAttemptOff() {
		put("one");
		Lease lease = acquire();

		get(store().release(this.key, lease));

		TokenRecord found = find(other());
		assertThat(found.timing().leasedUntil()).isNull();
		assertThat(found.timing().attempts()).isZero();
		assertThat(found.timing().attemptedAt()).isNull();
		assertThat(found.timing().failures()).isZero();
		assertThat(get(other().acquire(this.key, found, LEASE))).isInstanceOf(Acquisition.Acquired.class);
	}

	@Test
	void releaseWhenStaleKeepsTheNextOwnersLease() {
		put("one");
		Lease lapsed = lapsedLease();
		Lease next = acquired(other().acquire(this.key, find(other()), LEASE));

		get(store().release(this.key, lapsed));

		TokenRecord found = find();
		assertThat(found.timing().leasedUntil()).isNotNull();
		assertThat(found.timing().attempts()).isEqualTo(2);
		assertThat(get(store().acquire(this.key, found, LEASE))).isInstanceOf(Acquisition.Held.class);
		assertThat(commit(other(), next, "two").accepted()).isTrue();
	}

	@Test
	void releaseWhenRecordWasReplacedTakesNoAttemptOffTheNewOne() {
		put("one");
		Lease lease = acquire();
		TokenRecord login = get(other().put(this.key, find(other()), StoreInstance.tokens("login"), life())).record();

		get(store().release(this.key, lease));

		assertThat(find().generation()).isEqualTo(login.generation());
		assertThat(find().timing().leasedUntil()).isNull();
		assertThat(find().timing().attempts()).isZero();
	}

	// tombstone

	@Test
	void tombstoneWhenPresentRemovesForAll() {
		TokenRecord record = put("one");

		boolean removed = get(store().tombstone(this.key, record));

		TokenRecord found = find(other());
		assertThat(removed).isTrue();
		assertThat(found.state()).isEqualTo(State.ABSENT);
		assertThat(found.tokens()).isNull();
		assertThat(found.generation()).isGreaterThan(record.generation());
		assertThat(found.nextGeneration()).isGreaterThan(found.generation());
	}

	@Test
	void tombstoneWhenGenerationChangedDoesNothing() {
		TokenRecord first = put("one");
		get(other().put(this.key, first, StoreInstance.tokens("two"), life()));

		assertThat(get(store().tombstone(this.key, first))).isFalse();
		assertThat(find().requireTokens().accessToken()).isEqualTo("access-two");
	}

	@Test
	void tombstoneWhenAbsentBlocksWhatIsInFlight() {
		Lease lease = acquire();
		assertThat(get(other().tombstone(this.key, find(other())))).isTrue();

		assertThat(commit(store(), lease, "late").accepted()).isFalse();
		assertThat(find().state()).isEqualTo(State.ABSENT);
	}

	@Test
	void tombstoneWhenWrittenAgainGivesWayToTheNextGeneration() {
		put("one");
		get(store().tombstone(this.key, find()));
		TokenRecord tombstone = find();

		Written saved = get(other().put(this.key, find(other()), StoreInstance.tokens("login"), life()));

		assertThat(saved.accepted()).isTrue();
		assertThat(saved.record().generation()).isGreaterThan(tombstone.generation());
		assertThat(find().state()).isEqualTo(State.LIVE);
	}

	@Test
	void tombstoneWhenObtainedAgainUnderALeaseGivesWay() {
		put("one");
		get(store().tombstone(this.key, find()));

		Lease lease = acquired(other().acquire(this.key, find(other()), LEASE));

		assertThat(find().timing().attempts()).isZero();
		assertThat(commit(other(), lease, "two").accepted()).isTrue();
	}

	// What the tests have in common

	final TokenRecord find() {
		return find(store());
	}

	final TokenRecord find(TokenStore store) {
		return get(store.find(this.key));
	}

	final TokenRecord put(String name) {
		return put(name, life());
	}

	final TokenRecord put(String name, Life life) {
		Written written = get(store().put(this.key, find(), StoreInstance.tokens(name), life));
		assertThat(written.accepted()).isTrue();
		return written.record();
	}

	final Lease acquire() {
		return acquired(store().acquire(this.key, find(), LEASE));
	}

	/**
	 * Take a lease as soon as the next attempt may be made, by the clock of the store.
	 */
	final Lease acquireWhenAllowed() {
		AtomicReference<Acquisition> acquisition = new AtomicReference<>();
		Await.until("the next attempt", BOUND, () -> {
			acquisition.set(get(store().acquire(this.key, find(), LEASE)));
			return acquisition.get() instanceof Acquisition.Acquired;
		});
		return ((Acquisition.Acquired) acquisition.get()).lease();
	}

	/**
	 * Take a lease and wait until it has lapsed, as if its holder were paused.
	 */
	final Lease lapsedLease() {
		Lease lease = acquired(store().acquire(this.key, find(), SHORT));
		Await.until("the end of the lease", BOUND,
				() -> lease.until().plusMillis(5).isBefore(Instant.now()) && find().timing().leasedUntil() == null);
		return lease;
	}

	final Written commit(TokenStore store, Lease lease, String name) {
		return commit(store, lease, name, life());
	}

	final Written commit(TokenStore store, Lease lease, String name, Life life) {
		return get(store.commit(this.key, lease, StoreInstance.tokens(name), life));
	}

	static Lease acquired(CompletionStage<Acquisition> stage) {
		Acquisition acquisition = get(stage);
		assertThat(acquisition).isInstanceOf(Acquisition.Acquired.class);
		return ((Acquisition.Acquired) acquisition).lease();
	}

	static Life life() {
		return StoreInstance.life(Duration.ofHours(1), Duration.ofDays(30));
	}

	static Failure failure(Failure.Kind kind) {
		return new Failure(kind, "http_503", Duration.ofSeconds(30));
	}

	static String digest(TokenRecord record) {
		return record.requireTokens().accessTokenDigest();
	}

	static <T> T get(CompletionStage<T> stage) {
		return StoreInstance.get(stage);
	}

	private void awaitNextAttempt() {
		Instant allowedAt = find().timing().nextAttemptAt();
		Await.until("the next attempt", BOUND, () -> allowedAt.plusMillis(50).isBefore(Instant.now()));
	}

}
