package io.github.oauthredis.store;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * What every {@link TokenStore} promises about marks and hold-offs, seen by two instances
 * that share them. Starts without any mark.
 */
abstract class TokenStoreMarksContractTests extends StoreFixture {

	static final Duration LEASE = Duration.ofSeconds(60);

	static final String TOKEN_URI = "https://provider.example/token";

	static final MarkScope ALL = new MarkScope.All();

	final String alice = "alice-" + UUID.randomUUID();

	final TokenKey grant = TokenKey.grant("github", "client", TOKEN_URI, this.alice);

	final TokenKey issued = TokenKey.issued("service", "client", TOKEN_URI, "client_credentials", List.of(), Map.of(),
			null);

	// mark

	@Test
	void markReturnsTheTimeInMilliseconds() {
		assertThat(Instant.ofEpochMilli(get(store().mark(ALL)))).isCloseTo(Instant.now(),
				within(Duration.ofMinutes(5)));
	}

	@Test
	void markWhenRaisedOftenGrowsEveryTime() {
		long before = 0;
		for (int i = 0; i < 50; i++) {
			long mark = get(((i % 2 == 0) ? store() : other()).mark(ALL));
			assertThat(mark).isGreaterThan(before);
			before = mark;
		}
	}

	// marks

	@Test
	void marksWhenNothingWasRevokedReturnsNone() {
		assertThat(get(store().marks(this.grant))).isEqualTo(Marks.NONE);
		assertThat(get(store().marks(this.issued))).isEqualTo(Marks.NONE);
	}

	@Test
	void marksWhenAllScopesAreMarkedReturnsEachInItsPlace() {
		long all = get(other().mark(ALL));
		long registration = get(other().mark(new MarkScope.Registration("github")));
		long principal = get(other().mark(new MarkScope.Principal(this.alice)));

		assertThat(get(store().marks(this.grant))).isEqualTo(new Marks(all, registration, principal));
		assertThat(get(store().marks(this.issued))).isEqualTo(new Marks(all, 0, 0));
	}

	@Test
	void marksWhenAnotherScopeIsMarkedReturnsNone() {
		get(other().mark(new MarkScope.Registration("gitlab")));
		get(other().mark(new MarkScope.Registration(this.alice)));
		get(other().mark(new MarkScope.Principal("bob")));
		get(other().mark(new MarkScope.Principal("github")));

		assertThat(get(store().marks(this.grant))).isEqualTo(Marks.NONE);
	}

	// find

	@Test
	void findWhenNothingIsStoredReturnsTheMarksAllTheSame() {
		long all = get(other().mark(ALL));

		assertThat(find(store(), this.grant).marks()).isEqualTo(new Marks(all, 0, 0));
	}

	@Test
	void findWhenMarkedAfterTheGrantReturnsDead() {
		List<MarkScope> scopes = List.of(ALL, new MarkScope.Registration("github"),
				new MarkScope.Principal(this.alice));
		for (MarkScope scope : scopes) {
			Tokens tokens = put(this.grant, "one").requireTokens();
			assertThat(find(store(), this.grant).state()).isEqualTo(State.LIVE);

			get(other().mark(scope));

			for (TokenStore store : List.of(store(), other())) {
				TokenRecord found = find(store, this.grant);
				assertThat(found.state()).as("%s", scope).isEqualTo(State.DEAD);
				assertThat(found.detail()).isEqualTo("revoked");
				assertThat(found.tokens()).isEqualTo(tokens);
			}
		}
	}

	@Test
	void findWhenMarkedBeforeTheGrantReturnsLive() {
		get(other().mark(ALL));
		get(other().mark(new MarkScope.Principal(this.alice)));

		put(this.grant, "one");

		assertThat(find(other(), this.grant).state()).isEqualTo(State.LIVE);
	}

	@Test
	void findWhenOneOfManyIsMarkedLeavesTheOthers() {
		TokenKey bob = TokenKey.grant("github", "client", TOKEN_URI, "bob");
		TokenKey elsewhere = TokenKey.grant("gitlab", "client", TOKEN_URI, this.alice);
		List.of(this.grant, bob, elsewhere, this.issued).forEach((key) -> put(key, "one"));

		get(other().mark(new MarkScope.Principal(this.alice)));

		assertThat(find(store(), this.grant).state()).isEqualTo(State.DEAD);
		assertThat(find(store(), elsewhere).state()).isEqualTo(State.DEAD);
		assertThat(find(store(), bob).state()).isEqualTo(State.LIVE);
		assertThat(find(store(), this.issued).state()).isEqualTo(State.LIVE);
	}

	@Test
	void findWhenRegistrationIsMarkedLeavesOtherRegistrations() {
		put(this.grant, "one");
		put(this.issued, "one");

		get(other().mark(new MarkScope.Registration("service")));

		assertThat(find(store(), this.issued).state()).isEqualTo(State.DEAD);
		assertThat(find(store(), this.grant).state()).isEqualTo(State.LIVE);
	}

	@Test
	void findWhenCommittedWithTheMarksOfTheReadingIsDeadIfMarkedMeanwhile() {
		TokenRecord read = put(this.grant, "one");
		Lease lease = acquired(store(), this.grant, find(store(), this.grant));
		get(other().mark(ALL));

		Written late = get(store().commit(this.grant, lease, tokens("late", read.requireTokens().marks()), life()));

		assertThat(late.accepted()).isTrue();
		assertThat(find(store(), this.grant).state()).isEqualTo(State.DEAD);
		assertThat(find(other(), this.grant).detail()).isEqualTo("revoked");
	}

	@Test
	void acquireWhenReadAsRevokedLeasesAndTheNextGrantLives() {
		put(this.issued, "one");
		get(other().mark(ALL));
		TokenRecord revoked = find(store(), this.issued);

		Lease lease = acquired(store(), this.issued, revoked);
		get(store().commit(this.issued, lease, tokens("two", revoked.marks()), life()));

		TokenRecord found = find(other(), this.issued);
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.requireTokens().accessToken()).isEqualTo("access-two");
	}

	@Test
	void putWhenReadAsRevokedRevives() {
		put(this.grant, "one");
		get(other().mark(ALL));
		assertThat(find(store(), this.grant).state()).isEqualTo(State.DEAD);

		put(this.grant, "login");

		assertThat(find(other(), this.grant).state()).isEqualTo(State.LIVE);
	}

	@Test
	void tombstoneWhenReadAsRevokedRemoves() {
		put(this.grant, "one");
		get(other().mark(ALL));

		assertThat(get(store().tombstone(this.grant, find(store(), this.grant)))).isTrue();

		assertThat(find(other(), this.grant).state()).isEqualTo(State.ABSENT);
	}

	// holdOff

	@Test
	void holdOffIsSeenByEverybodyInEveryRecordOfTheProvider() {
		get(other().holdOff(this.issued, Duration.ofSeconds(90)));
		Instant expected = Instant.now().plusSeconds(90);

		assertThat(find(store(), this.grant).timing().heldUntil()).isCloseTo(expected, within(Duration.ofSeconds(10)));
		assertThat(find(other(), this.issued).timing().heldUntil()).isCloseTo(expected, within(Duration.ofSeconds(10)));
	}

	@Test
	void holdOffLeavesOtherProvidersAlone() {
		get(store().holdOff(this.grant, Duration.ofSeconds(90)));

		TokenKey elsewhere = TokenKey.grant("github", "client", "https://other.example/token", this.alice);
		assertThat(find(store(), elsewhere).timing().heldUntil()).isNull();
	}

	@Test
	void holdOffKeepsTheLaterEnd() {
		get(store().holdOff(this.grant, Duration.ofMinutes(10)));
		get(other().holdOff(this.grant, Duration.ofSeconds(5)));
		assertHeldFor(Duration.ofMinutes(10));

		get(other().holdOff(this.grant, Duration.ofMinutes(20)));
		assertHeldFor(Duration.ofMinutes(20));
	}

	@Test
	void holdOffIsAtMostADay() {
		get(store().holdOff(this.grant, Duration.ofDays(365_000_000)));

		assertHeldFor(Duration.ofDays(1));
	}

	@Test
	void holdOffWhenThereIsNoTimeDoesNothing() {
		get(store().holdOff(this.grant, Duration.ZERO));
		get(store().holdOff(this.grant, Duration.ofSeconds(-5)));

		assertThat(find(store(), this.grant).timing().heldUntil()).isNull();
	}

	@Test
	void holdOffNeitherKillsNorChangesARecord() {
		TokenRecord before = put(this.grant, "one");

		get(other().holdOff(this.grant, Duration.ofSeconds(90)));

		TokenRecord found = find(store(), this.grant);
		assertThat(found.state()).isEqualTo(State.LIVE);
		assertThat(found.generation()).isEqualTo(before.generation());
		assertThat(found.timing().attempts()).isZero();
	}

	// What the tests have in common

	private void assertHeldFor(Duration time) {
		assertThat(find(store(), this.grant).timing().heldUntil()).isCloseTo(Instant.now().plus(time),
				within(Duration.ofSeconds(20)));
	}

	/**
	 * Log in: with the marks of the reading.
	 */
	final TokenRecord put(TokenKey key, String name) {
		TokenRecord read = find(store(), key);
		Written written = get(store().put(key, read, tokens(name, read.marks()), life()));
		assertThat(written.accepted()).isTrue();
		return written.record();
	}

	static TokenRecord find(TokenStore store, TokenKey key) {
		return get(store.find(key));
	}

	static Lease acquired(TokenStore store, TokenKey key, TokenRecord record) {
		return TokenStoreContractTests.acquired(store.acquire(key, record, LEASE));
	}

	static Tokens tokens(String name, Marks marks) {
		return StoreInstance.tokens(name, Instant.now(), marks);
	}

	static Life life() {
		return TokenStoreContractTests.life();
	}

	static <T> T get(CompletionStage<T> stage) {
		return StoreInstance.get(stage);
	}

}
