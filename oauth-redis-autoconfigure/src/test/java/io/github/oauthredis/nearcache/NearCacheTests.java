package io.github.oauthredis.nearcache;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link NearCache}: every order in which answers of Redis and news of changes
 * can arrive.
 *
 * @author OAuth Redis
 */
class NearCacheTests {

	private static final TokenKey KEY = TokenKey.issued("api", "client", "https://provider/token", "client_credentials",
			List.of(), Map.of(), null);

	private final MutableClock clock = new MutableClock();

	private final NearCache cache = new NearCache(100, Duration.ofSeconds(30), Duration.ofMinutes(10),
			new RedisKeys("oauth-redis"), this.clock);

	private static String name(TokenKey key) {
		return new RedisKeys("oauth-redis").token(key);
	}

	private static TokenRecord record(State state, long generation) {
		Tokens tokens = (state != State.ABSENT) ? new Tokens("token-" + generation, "Bearer", null, Set.of(), Set.of(),
				null, Instant.EPOCH, null, null, null, null, null, false, Marks.NONE) : null;
		return new TokenRecord(state, generation, generation + 1, tokens, null, Timing.NONE, Marks.NONE);
	}

	private CompletableFuture<TokenRecord> ask() {
		CompletableFuture<TokenRecord> answer = new CompletableFuture<>();
		this.cache.load(KEY, () -> answer);
		return answer;
	}

	private void read(long generation) {
		ask().complete(record(State.LIVE, generation));
	}

	private @Nullable Long found() {
		NearRecord found = this.cache.find(KEY);
		return (found != null) ? found.record().generation() : null;
	}

	private @Nullable Long foundInOutage() {
		TokenRecord found = this.cache.findInOutage(KEY);
		return (found != null) ? found.generation() : null;
	}

	@Test
	void findWhenReadReturnsIt() {
		this.cache.armed();

		read(1);

		assertThat(found()).isEqualTo(1);
	}

	@Test
	void findWhenChangedReturnsNull() {
		this.cache.armed();
		read(1);

		this.cache.changed(name(KEY));

		assertThat(found()).isNull();
	}

	@Test
	void findWhenChangedBeforeTheAnswerArrivedReturnsNull() {
		this.cache.armed();
		CompletableFuture<TokenRecord> answer = ask();

		this.cache.changed(name(KEY));
		answer.complete(record(State.LIVE, 1));

		assertThat(found()).isNull();
	}

	@Test
	void findWhenOtherKeyChangedReturnsIt() {
		this.cache.armed();
		read(1);

		this.cache.changed("oauth-redis:{other}:token");

		assertThat(found()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "flush", "disarm and arm", "arm", "disarm" })
	void findWhenInterruptedBeforeTheAnswerArrivedReturnsNull(String what) {
		this.cache.armed();
		CompletableFuture<TokenRecord> answer = ask();

		interrupt(what);
		answer.complete(record(State.LIVE, 1));

		if (what.equals("disarm")) {
			assertThat(found()).as("as good as when the question was sent").isEqualTo(1);
			this.cache.armed();
		}
		assertThat(found()).isNull();
	}

	@Test
	void findWhenNobodyHearsOfChangesReturnsNull() {
		read(1);

		assertThat(found()).isNull();
		assertThat(foundInOutage()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "flush", "disarm and arm", "arm" })
	void findWhenInterruptedReturnsNull(String what) {
		this.cache.armed();
		read(1);

		interrupt(what);

		assertThat(found()).isNull();
	}

	private void interrupt(String what) {
		if (what.startsWith("disarm")) {
			this.cache.disarmed();
		}
		if (what.endsWith("arm") && !what.equals("disarm")) {
			this.cache.armed();
		}
		if (what.equals("flush")) {
			this.cache.changedAll();
		}
	}

	@Test
	void findWhenNobodyConfirmsEndsAfterTheBound() {
		this.cache.armed();
		read(1);

		this.clock.advance(Duration.ofSeconds(29));
		assertThat(found()).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(found()).isNull();
	}

	@Test
	void findWhenConfirmedGoesOn() {
		this.cache.armed();
		read(1);

		this.clock.advance(Duration.ofHours(1));
		this.cache.confirmed(this.clock.instant().minusSeconds(29));

		assertThat(found()).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(1));
		assertThat(found()).isNull();
	}

	@Test
	void findWhenDisarmedKeepsWhatWasConfirmedUpToTheBound() {
		this.cache.armed();
		read(1);
		this.cache.confirmed(this.clock.instant());

		this.cache.disarmed();
		this.cache.confirmed(this.clock.instant().plusSeconds(10));
		this.clock.advance(Duration.ofSeconds(29));
		assertThat(found()).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(found()).isNull();
	}

	@Test
	void findInOutageEndsAfterBothBounds() {
		this.cache.armed();
		read(1);

		this.clock.advance(Duration.ofSeconds(30 + 599));
		assertThat(foundInOutage()).isEqualTo(1);
		this.clock.advance(Duration.ofSeconds(1));

		assertThat(foundInOutage()).isNull();
	}

	@Test
	void findInOutageWhenSomethingChangedReturnsWhatWasKnown() {
		this.cache.armed();
		read(1);

		this.cache.changed(name(KEY));

		assertThat(foundInOutage()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis:{nb}:all", "oauth-redis:{nb}:r:api", "principal" })
	void findInOutageWhenRevokedInABatchReturnsNull(String mark) {
		TokenKey grant = TokenKey.grant("api", "client", "https://provider/token", "alice");
		this.cache.armed();
		this.cache.load(grant, () -> CompletableFuture.completedFuture(record(State.LIVE, 1)));
		assertThat(this.cache.find(grant)).isNotNull();

		this.cache.changed(mark.equals("principal") ? "oauth-redis:{nb}:p:" + Digests.sha256("alice") : mark);

		assertThat(this.cache.find(grant)).isNull();
		assertThat(this.cache.findInOutage(grant)).isNull();
		assertThat(this.cache.marks(grant)).isNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "oauth-redis:{nb}:r:other", "oauth-redis:{nb}:p:alice", "oauth-redis:{nb}:c:provider" })
	void findWhenOthersAreRevokedReturnsIt(String mark) {
		this.cache.armed();
		read(1);

		this.cache.changed(mark);

		assertThat(found()).isEqualTo(1);
		assertThat(foundInOutage()).isEqualTo(1);
	}

	@Test
	void marksWhenRecordWasWrittenReturnsThose() {
		this.cache.armed();
		read(1);

		this.cache.changed(name(KEY));

		assertThat(found()).isNull();
		assertThat(this.cache.marks(KEY)).isEqualTo(Marks.NONE);
	}

	@Test
	void marksWhenNobodyHearsOfChangesReturnsNull() {
		read(1);
		assertThat(this.cache.marks(KEY)).isNull();

		this.cache.armed();
		assertThat(this.cache.marks(KEY)).isNull();
	}

	@Test
	void marksWhenNotConfirmedForLongReturnsNull() {
		this.cache.armed();
		read(1);

		this.clock.advance(Duration.ofSeconds(30));

		assertThat(this.cache.marks(KEY)).isNull();
	}

	@Test
	void loadWhenAnOlderAnswerComesLateKeepsTheNewer() {
		this.cache.armed();
		CompletableFuture<TokenRecord> late = ask();
		read(2);

		late.complete(record(State.LIVE, 1));

		assertThat(found()).isEqualTo(2);
	}

	@Test
	void loadWhenAnOlderAnswerComesLateAndBothChangedKeepsTheNewerForAnOutage() {
		this.cache.armed();
		CompletableFuture<TokenRecord> late = ask();
		read(2);
		this.cache.changed(name(KEY));

		late.complete(record(State.LIVE, 1));

		assertThat(found()).isNull();
		assertThat(foundInOutage()).isEqualTo(2);
	}

	@Test
	void loadWhenChangedMeanwhileKeepsTheNewerForAnOutage() {
		this.cache.armed();
		read(1);
		CompletableFuture<TokenRecord> answer = ask();
		this.cache.changed(name(KEY));

		answer.complete(record(State.LIVE, 2));

		assertThat(found()).isNull();
		assertThat(foundInOutage()).isEqualTo(2);
	}

	@Test
	void loadWhenRedisWentBackReturnsTheOlder() {
		this.cache.armed();
		read(2);
		this.cache.changed(name(KEY));

		read(1);

		assertThat(found()).isEqualTo(1);
	}

	@ParameterizedTest
	@ValueSource(strings = { "ABSENT", "DEAD", "LOCKED" })
	void loadWhenRecordIsNotLiveForgetsIt(String state) {
		this.cache.armed();
		read(1);

		ask().complete(record(State.valueOf(state), 2));

		assertThat(found()).isNull();
		assertThat(foundInOutage()).isNull();
	}

	@Test
	void loadWhenReadFailsKeepsWhatWasThere() {
		this.cache.armed();
		read(1);

		ask().completeExceptionally(new IllegalStateException("no answer"));

		assertThat(found()).isEqualTo(1);
	}

	@Test
	void forgetWhenAnswerIsUnderWayRefusesIt() {
		this.cache.armed();
		CompletableFuture<TokenRecord> answer = ask();

		this.cache.forget(KEY);
		answer.complete(record(State.LIVE, 1));

		assertThat(found()).isNull();
	}

	@Test
	void nextChangeCompletesWithTheNextChange() {
		CompletableFuture<Boolean> change = this.cache.nextChange(KEY);
		this.cache.changed("oauth-redis:{other}:token");
		assertThat(change).isNotDone();

		this.cache.changed(name(KEY));

		assertThat(change).isCompletedWithValue(true);
		assertThat(this.cache.nextChange(KEY)).isNotDone();
	}

	@Test
	void valuesAreAsGoodAsTheirRecords() {
		NearValues<String, String> values = this.cache.values();
		this.cache.armed();
		read(1);
		long now = this.clock.millis();

		values.put("key", "value", this.cache.find(KEY), now + 1000);

		assertThat(values.find("key", now + 999)).isEqualTo("value");
		values.put("key", "value", this.cache.find(KEY), now + 1000);
		assertThat(values.find("key", now + 1000)).isNull();
		values.put("key", "value", this.cache.find(KEY), now + 1000);
		this.cache.changed(name(KEY));
		assertThat(values.find("key", now)).isNull();
	}

}
