package io.github.oauthredis.refresh;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.token.GrantLostException;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 24, seen from callers: somebody with every right on Redis against a fleet of two
 * that works. Each attack is refused and reported, or delays somebody for a time that is
 * stated. What the store alone makes of raw bytes is in
 * {@code RecordAttackIntegrationTests}.
 */
class RedisAttackerIntegrationTests extends EngineFixture {

	private static final String CANARY = "canary-";

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration TEN_YEARS = Duration.ofDays(3650);

	private static final String LEASE = "oauth-redis:{" + KEY + "}:lease";

	private static final TokenKey MALLORY = EngineInstance.grantKey("mallory");

	private static final TokenKey ELSEWHERE = TokenKey.grant("gitlab", "client", "https://provider/token", "alice");

	private static final RefreshPolicy HURRIED = EngineInstance.policy(Duration.ofMillis(300), Duration.ofMillis(500),
			Duration.ofSeconds(5), Duration.ZERO);

	private final RedisKeys names = new RedisKeys("oauth-redis");

	private EngineInstance instance;

	private EngineInstance peer;

	@BeforeEach
	void start() {
		this.server.tokenPrefix(CANARY);
		this.instance = instance();
		this.peer = instance();
	}

	// Reading

	@Test
	void nothingInRedisShowsATokenOrAPrincipal() {
		IssuedGrant grant = login(this.instance, ENDED);
		String renewed = token(obtain(this.instance));
		TokenKey issued = EngineInstance.issuedKey("read");
		String service = this.instance.accessToken(this.instance.demand(issued, this.server));
		EngineInstance.get(this.instance.store.mark(new MarkScope.Principal("alice")));

		List<String> keys = this.redis.keys("*");

		assertThat(List.of(grant.accessToken(), grant.refreshToken(), renewed, service))
			.allMatch((token) -> token.startsWith(CANARY));
		assertThat(keys).hasSize(3);
		for (String key : keys) {
			String type = (String) Objects.requireNonNull(this.redis.command("TYPE", key));
			byte[] value = "hash".equals(type) ? sealed(key) : bytes("GET", key);
			assertThat(key + new String(value, StandardCharsets.ISO_8859_1)).doesNotContain(CANARY, "alice");
		}
	}

	// Moving

	@Test
	void recordsOfTwoUsersSwappedServeNeither() {
		login(this.instance, HOUR);
		IssuedGrant ofMallory = this.server.issueGrant("client", "read");
		this.instance.login(MALLORY, ofMallory, HOUR);
		byte[] ofAlice = dump(KEY);
		restore(KEY, dump(MALLORY));
		restore(MALLORY, ofAlice);

		assertLost(KEY);
		assertLost(MALLORY);

		awaitReports(TokenEvent.Type.SET_ASIDE, 2);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void recordMovedToAnotherRegistrationIsNotServed() {
		login(this.instance, HOUR);
		this.redis.command("RENAME", this.names.token(KEY), this.names.token(ELSEWHERE));

		assertLost(ELSEWHERE);
		assertLost(KEY);

		awaitReports(TokenEvent.Type.SET_ASIDE, 1);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void olderContentUnderTheNewGenerationIsNotServed() {
		login(this.instance, ENDED);
		byte[] older = sealed(this.names.token(KEY));
		token(obtain(this.instance));
		this.redis.binaryCommand(utf8("HSET"), utf8(this.names.token(KEY)), utf8("sealed"), older);

		assertLost(KEY);

		awaitReports(TokenEvent.Type.SET_ASIDE, 1);
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void olderRecordAsAWholeIsRepairedByItsWriterAndNeverPresented() {
		login(this.instance, ENDED);
		byte[] older = dump(KEY);
		String renewed = token(obtain(this.instance));
		restore(KEY, older);

		assertThat(token(obtain(this.instance))).isEqualTo(renewed);
		assertThat(token(obtain(this.peer))).isEqualTo(renewed);

		awaitReports(TokenEvent.Type.STALE, 1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void olderRecordAsAWholeIsRefusedByWhoeverSawTheNewer() {
		login(this.instance, ENDED);
		byte[] older = dump(KEY);
		token(obtain(this.instance));
		token(obtain(this.peer));
		restore(KEY, older);

		EngineInstance.get(this.peer.refresher.obtain(demand()).exceptionally((ex) -> null));

		awaitReports(TokenEvent.Type.STALE, 1);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	// Times, states and numbers beside the content

	@ParameterizedTest
	@ValueSource(strings = { "0", "999999999999999", "x", "" })
	void endThatIsPutOffIsNotBelieved(String end) {
		login(this.instance, HOUR);
		meta((words) -> words[3] = end.isEmpty() ? ahead(TEN_YEARS) : end);

		Instant believed = this.peer.find(KEY).timing().expiresAt();

		assertThat(believed).isBetween(Instant.now().plus(HOUR).minusSeconds(60),
				Instant.now().plus(HOUR).plusSeconds(15));
	}

	@Test
	void endThatIsPutOffDoesNotOutliveALoginsLifetime() {
		IssuedGrant grant = this.server.issueGrant("client", "read");
		this.instance.login(KEY, grant, Duration.ofSeconds(5), Duration.ofSeconds(5), true);
		meta((words) -> words[3] = ahead(TEN_YEARS));

		assertThat(this.peer.find(KEY).timing().expiresAt()).isBefore(Instant.now().plusSeconds(20));
	}

	@Test
	void generationThatIsChangedDoesNotOpen() {
		for (int step : new int[] { -1, 1, 1_000_000 }) {
			login(this.instance, HOUR);
			meta((words) -> words[0] = Long.toString(Long.parseLong(words[0]) + step));

			assertLost(KEY);
		}
		awaitReports(TokenEvent.Type.SET_ASIDE, 3);
	}

	@ParameterizedTest
	@ValueSource(longs = { 20, 30 * 24, 9 * 365 * 24, 0 })
	void generationThatIsPlantedAheadLocksNobodyOut(long hours) {
		login(this.instance, HOUR);
		token(obtain(this.peer));
		String planted = (hours > 0) ? ahead(Duration.ofHours(hours)) : "999999999999998";
		this.redis.command("DEL", this.names.token(KEY));
		this.redis.command("HSET", this.names.token(KEY), "meta", planted);

		login(this.instance, ENDED);
		token(obtain(this.instance));
		this.redis.command("DEL", this.names.token(KEY));
		String last = login(this.instance, HOUR).accessToken();

		assertThat(token(obtain(this.instance))).isEqualTo(last);
		assertThat(token(obtain(this.peer))).isEqualTo(last);
		assertThat(this.server.reuseEvents()).isZero();
	}

	@Test
	void attemptsThatNobodyMadeDelayByADayAtMost() {
		login(this.instance, ENDED);
		meta((words) -> {
			words[7] = "999999999";
			words[8] = ahead(Duration.ZERO);
		});

		Instant retryAt = unavailable(obtain(this.instance), "uncertain").getRetryAt();

		assertThat(retryAt).isBefore(Instant.now().plus(Duration.ofHours(25)));
	}

	@Test
	void failuresThatNeverHappenedDelayByADayAtMost() {
		login(this.instance, ENDED);
		meta((words) -> {
			words[9] = "999999999";
			words[10] = ahead(Duration.ofHours(25));
		});

		assertThat(token(obtain(this.instance))).startsWith(CANARY);
	}

	@ParameterizedTest
	@ValueSource(strings = { "dead", "gone", "x" })
	void stateThatIsForgedCostsALoginAtMost(String state) {
		login(this.instance, HOUR);
		meta((words) -> words[2] = state);

		CompletableFuture<TokenRecord> call = obtain(this.peer);

		if ("dead".equals(state)) {
			failure(call, GrantLostException.class);
		}
		else {
			assertThat(token(call)).startsWith(CANARY);
		}
		String login = login(this.instance, HOUR).accessToken();
		assertThat(token(obtain(this.peer))).isEqualTo(login);
	}

	@Test
	void digestThatIsForgedStartsNoTokenRequests() {
		String refused = login(this.instance, HOUR).accessToken();
		meta((words) -> words[11] = "forged");

		for (int i = 0; i < 10; i++) {
			TokenRecord record = EngineInstance.get(this.instance.refresher.replace(demand(), refused));
			assertThat(record.requireTokens().accessToken()).isEqualTo(refused);
		}
		assertThat(this.server.tokenRequests()).isZero();
		assertThat(this.peer.find(KEY).timing().expiresAt()).isNotNull();
	}

	@Test
	void refusalThatIsForgedCostsOneTokenRequest() {
		login(this.instance, HOUR);
		meta((words) -> words[6] = "1");

		String renewed = token(obtain(this.instance));

		assertThat(token(obtain(this.peer))).isEqualTo(renewed);
		assertThat(this.server.tokenRequests()).isEqualTo(1);
		assertPairAlive(this.instance);
	}

	// Marks

	@ParameterizedTest
	@ValueSource(strings = { "DEL %s", "SET %s 1", "HSET %s a b" })
	void revocationThatIsTakenBackHoldsAndIsReported(String command) {
		login(this.instance, HOUR);
		token(obtain(this.peer));
		EngineInstance.get(this.instance.store.mark(new MarkScope.Registration("github")));
		assertLost(KEY);
		String mark = "oauth-redis:{nb}:r:github";
		if (command.startsWith("HSET")) {
			this.redis.command("DEL", mark);
		}
		this.redis.command(command.formatted(mark).split(" "));

		assertLost(KEY);

		awaitReports(TokenEvent.Type.STALE, 1);
		EngineInstance newcomer = instance();
		assertThat(newcomer.find(KEY).state()).isEqualTo(State.DEAD);
		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void markThatIsForgedCostsOneLogin() {
		login(this.instance, HOUR);
		this.redis.command("SET", "oauth-redis:{nb}:all", ahead(Duration.ofDays(300)));
		assertLost(KEY);

		String login = login(this.instance, HOUR).accessToken();
		assertThat(token(obtain(this.peer))).isEqualTo(login);

		EngineInstance.get(this.peer.store.mark(new MarkScope.All()));
		assertLost(KEY);
	}

	// Leases

	@ParameterizedTest
	@ValueSource(strings = { "SET %s x", "SET %s x PX 315360000000", "RPUSH %s x" })
	void leaseThatIsPlantedForEverIsNone(String command) {
		login(this.instance, ENDED);
		this.redis.command(command.formatted(LEASE).split(" "));

		assertThat(token(obtain(this.instance))).startsWith(CANARY);
		assertPairAlive(this.instance);
	}

	@Test
	void leaseThatIsPlantedFailsCallersInTimeAndHarmsNoValidToken() {
		String valid = login(this.instance, NEAR_END).accessToken();
		this.redis.command("SET", LEASE, "x", "PX", "3600000");

		assertThat(token(obtain(this.instance))).isEqualTo(valid);
		raw().end();
		unavailable(this.peer.refresher.obtain(demand(HURRIED)), "timeout");

		assertThat(this.server.tokenRequests()).isZero();
	}

	@Test
	void leaseThatIsTakenAwayEndsInOneCommit() {
		EngineInstance held = heldInstance();
		login(held, ENDED);
		this.steps.hold(StopPoints.Step.ANSWERED);
		CompletableFuture<TokenRecord> call = obtain(held);
		this.steps.awaitHeld(StopPoints.Step.ANSWERED, 1);
		this.redis.command("SET", LEASE, "mallory");
		this.steps.release(StopPoints.Step.ANSWERED);

		assertThat(token(call)).startsWith(CANARY);
		assertPairAlive(this.instance);
	}

	// Redis itself

	@Test
	void scriptsThatAreThrownAwayAreSentAgain() {
		login(this.instance, ENDED);
		for (int i = 0; i < 5; i++) {
			this.redis.command("SCRIPT", "FLUSH");
			assertThat(token(obtain(this.instance))).startsWith(CANARY);
		}
		assertThat(this.server.tokenRequests()).isEqualTo(1);
	}

	@Test
	void allDataThrownAwayUnderLoadSendsNoRefreshTokenTwice() {
		login(this.instance, ENDED);
		List<CompletableFuture<TokenRecord>> calls = obtain(this.instance, 20);
		this.redis.flushAll();

		calls.forEach((call) -> EngineInstance.get(call.exceptionally((ex) -> null)));

		assertThat(this.server.reuseEvents()).isZero();
	}

	// What the tests have in common

	private void assertLost(TokenKey key) {
		for (EngineInstance each : List.of(this.instance, this.peer)) {
			TokenDemand demand = EngineInstance.demand(key, this.server.tokenUri(), EngineInstance.POLICY);
			GrantLostException lost = failure(each.refresher.obtain(demand), GrantLostException.class);
			assertThat(lost.getMessage()).doesNotContain(CANARY, "alice", "mallory");
		}
	}

	private void awaitReports(TokenEvent.Type type, int count) {
		Await.until("reports", BOUND, () -> reports(type) >= count);
		assertThat(reports(type)).isEqualTo(count);
	}

	private long reports(TokenEvent.Type type) {
		return IntStream.of(0, 1)
			.mapToObj((i) -> (i == 0) ? this.instance : this.peer)
			.flatMap((each) -> each.eventTypes().stream())
			.filter(type::equals)
			.count();
	}

	/**
	 * Edit the words beside the content.
	 */
	private void meta(Consumer<String[]> edit) {
		String name = this.names.token(KEY);
		String[] words = ((String) Objects.requireNonNull(this.redis.command("HGET", name, "meta"))).split(" ");
		edit.accept(words);
		this.redis.command("HSET", name, "meta", String.join(" ", words));
	}

	private static String ahead(Duration time) {
		return Long.toString(Instant.now().plus(time).toEpochMilli());
	}

	private byte[] sealed(String name) {
		return bytes("HGET", name, "sealed");
	}

	private byte[] dump(TokenKey key) {
		return bytes("DUMP", this.names.token(key));
	}

	private void restore(TokenKey key, byte[] dump) {
		this.redis.binaryCommand(utf8("RESTORE"), utf8(this.names.token(key)), utf8("600000"), dump, utf8("REPLACE"));
	}

	private byte[] bytes(String... command) {
		byte[][] words = IntStream.range(0, command.length).mapToObj((i) -> utf8(command[i])).toArray(byte[][]::new);
		return (byte[]) Objects.requireNonNull(this.redis.binaryCommand(words));
	}

	private static byte[] utf8(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
