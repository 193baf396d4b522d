package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.resilience.CallGuard.State;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

/**
 * A provider that fails, met by engines with circuit breakers whose clock the test moves.
 */
class CircuitBreakerIntegrationTests extends EngineFixture {

	private static final Duration BOUND = Duration.ofSeconds(20);

	// Redis counts real time, so this is more than any test takes.
	private static final Duration OPEN_FOR = Duration.ofMinutes(10);

	private static final String PROVIDER = KEY.tokenUri();

	private final MutableClock clock = new MutableClock();

	private int records;

	private EngineInstance guarded() {
		return instance(new EngineInstance.Options().clock(this.clock).circuitBreakers(OPEN_FOR));
	}

	/**
	 * Ask for the token of a record that nobody has asked for.
	 */
	private CompletionStage<TokenRecord> obtainAnother(EngineInstance instance) {
		TokenKey key = EngineInstance.issuedKey("scope" + this.records++);
		return instance.refresher.obtain(instance.demand(key, this.server));
	}

	private void fail(EngineInstance instance, int times, String code) {
		IntStream.range(0, times).forEach((i) -> unavailable(obtainAnother(instance), code));
	}

	private void open(EngineInstance instance) {
		this.server.faults().failAlways(500, "server_error");
		fail(instance, 5, "server_error");
		assertThat(state(instance)).isEqualTo(State.OPEN);
	}

	private static State state(EngineInstance instance) {
		return instance.guard.status(PROVIDER).state();
	}

	@Test
	void obtainWhenOpenAndTokenEndedFailsAtOnceWithoutLeaseOrWrite() {
		EngineInstance instance = guarded();
		login(instance, ENDED);
		open(instance);
		int requests = this.server.tokenRequests();
		int acquired = instance.faults.answered("acquire");
		List<Object> before = writes();

		List<CompletableFuture<TokenRecord>> calls = obtain(instance, 50);

		assertThat(calls).allSatisfy((call) -> assertThat(unavailable(call, "circuit_open"))
			.returns(true, TokenUnavailableException::isRetryable)
			.returns(this.clock.instant().plus(OPEN_FOR), TokenUnavailableException::getRetryAt)
			.hasMessageContaining("'github'"));
		unavailable(obtainAnother(instance), "circuit_open");
		assertThat(this.server.tokenRequests()).isEqualTo(requests);
		assertThat(instance.faults.answered("acquire")).isEqualTo(acquired);
		assertThat(instance.faults.answered("probe")).isZero();
		assertThat(writes()).isEqualTo(before);
		assertThat(raw().leased()).isFalse();
	}

	/**
	 * Number of commands that wrote, by Redis's own count.
	 */
	private List<Object> writes() {
		String stats = (String) this.redis.command("INFO", "commandstats");
		return stats.lines()
			.filter((line) -> line.matches("cmdstat_(set|hset|del|pexpire|psetex|publish):.*"))
			.map((line) -> (Object) line.replaceAll(",.*", ""))
			.sorted()
			.toList();
	}

	@Test
	void obtainWhenOpenAndTokenIsNearItsEndServesItWithoutRenewal() {
		EngineInstance instance = guarded();
		IssuedGrant grant = login(instance, NEAR_END);
		open(instance);
		int requests = this.server.tokenRequests();

		List<CompletableFuture<TokenRecord>> calls = obtain(instance, 50);

		assertThat(calls).allSatisfy((call) -> assertThat(token(call)).isEqualTo(grant.accessToken()));
		instance.awaitIdle();
		assertThat(this.server.tokenRequests()).isEqualTo(requests);
	}

	@Test
	void obtainWhenOpenAndTokenInMemoryIsNearItsEndDoesNotAskRedis() {
		EngineInstance instance = instance(
				new EngineInstance.Options().nearCache().clock(this.clock).circuitBreakers(OPEN_FOR));
		instance.near().armed();
		IssuedGrant grant = login(instance, NEAR_END);
		open(instance);
		token(obtain(instance));
		instance.awaitIdle();
		int before = instance.faults.answered("find");

		List<CompletableFuture<TokenRecord>> calls = obtain(instance, 50);

		assertThat(calls).allSatisfy((call) -> assertThat(token(call)).isEqualTo(grant.accessToken()));
		instance.awaitIdle();
		assertThat(instance.faults.answered("find")).isEqualTo(before);
	}

	@Test
	void obtainWhenOpenForOneProviderServesOthers() {
		EngineInstance instance = guarded();
		open(instance);
		this.server.faults().none();
		TokenKey other = TokenKey.grant("other", "client", "https://other/token", "alice");
		instance.login(other, this.server.issueGrant("client", "read"), HOUR, ENDED, true);

		assertThat(token(instance.refresher.obtain(instance.demand(other, this.server)))).isNotEmpty();
		unavailable(obtainAnother(instance), "circuit_open");
	}

	@ParameterizedTest
	@CsvSource({ "500, server_error", "502, bad_gateway", "503, temporarily_unavailable", "504, gateway_timeout" })
	void obtainWhenServerFailsFiveTimesInARowOpens(int status, String error) {
		EngineInstance instance = guarded();
		this.server.faults().failAlways(status, error);
		fail(instance, 4, error);
		this.server.faults().none();
		assertThat(token(obtainAnother(instance))).isNotEmpty();
		this.server.faults().failAlways(status, error);
		fail(instance, 4, error);
		assertThat(state(instance)).isEqualTo(State.CLOSED);

		fail(instance, 1, error);

		assertThat(state(instance)).isEqualTo(State.OPEN);
	}

	@Test
	void obtainWhenAnswersAreLostOpens() {
		EngineInstance instance = guarded();
		this.server.faults().dropNextAnswers(5);

		fail(instance, 5, "connection_closed");

		assertThat(state(instance)).isEqualTo(State.OPEN);
	}

	@Test
	void obtainWhenAnswersTakeTooLongOpens() {
		EngineInstance instance = guarded();
		Gate gate = this.server.hold();
		List<CompletionStage<TokenRecord>> calls = IntStream.range(0, 5)
			.mapToObj((i) -> EngineInstance.issuedKey("slow" + i))
			.map((key) -> instance.refresher.obtain(instance.demand(key, this.server, IMPATIENT)))
			.toList();

		calls.forEach((call) -> unavailable(call, "timeout"));

		assertThat(state(instance)).isEqualTo(State.OPEN);
		gate.release();
		Await.until("the late answers", BOUND, () -> instance.faults.answered("commit") == 5);
		assertThat(state(instance)).as("one outcome for each").isEqualTo(State.OPEN);
	}

	@ParameterizedTest
	@CsvSource({ "400, invalid_request", "401, invalid_client", "403, access_denied", "429, slow_down" })
	void obtainWhenServerRefusesStaysClosed(int status, String error) {
		EngineInstance instance = guarded();
		this.server.faults().failAlways(status, error);

		fail(instance, 20, error);

		assertThat(state(instance)).isEqualTo(State.CLOSED);
	}

	@Test
	void obtainWhenHalfOpenSendsOneProbeForTheFleetAndClosesEverywhere() {
		EngineInstance first = guarded();
		EngineInstance second = guarded();
		open(first);
		open(second);
		login(first, ENDED);
		this.server.faults().none();
		Gate gate = this.server.hold();
		int requests = this.server.tokenRequests();
		this.clock.advance(OPEN_FOR);

		CompletionStage<TokenRecord> probe = first.refresher.obtain(demand(PATIENT));
		gate.awaitHeld(1);

		for (EngineInstance instance : List.of(first, second, first, second)) {
			assertThat(unavailable(obtainAnother(instance), "circuit_open").getRetryAt())
				.isBetween(this.clock.instant().plusSeconds(1), this.clock.instant().plusMillis(1_500));
		}
		assertThat(this.server.tokenRequests()).as("the probe").isEqualTo(requests + 1);

		gate.release();
		assertThat(token(probe)).isNotEmpty();

		assertThat(state(first)).isEqualTo(State.CLOSED);
		assertThat(token(obtainAnother(first))).isNotEmpty();
		this.clock.advance(Duration.ofMillis(1_500));
		Await.until("the right to probe", BOUND, () -> this.redis.command("EXISTS", probeKey()).equals(0L));
		assertThat(token(obtainAnother(second))).isNotEmpty();
		assertThat(state(second)).isEqualTo(State.CLOSED);
		assertThat(this.server.tokenRequests()).isEqualTo(requests + 3);
	}

	private String probeKey() {
		return "oauth-redis:{pv~" + Digests.sha256(PROVIDER) + "}:probe";
	}

	@Test
	void obtainWhenProbeFailsStaysOpenForTheFleetAsLongAsBefore() {
		EngineInstance first = guarded();
		EngineInstance second = guarded();
		open(first);
		open(second);
		int requests = this.server.tokenRequests();
		this.clock.advance(OPEN_FOR);

		unavailable(obtainAnother(first), "server_error");
		IntStream.range(0, 10).forEach((i) -> {
			unavailable(obtainAnother(first), "circuit_open");
			unavailable(obtainAnother(second), "circuit_open");
			this.clock.advance(Duration.ofSeconds(2));
		});

		assertThat(this.server.tokenRequests()).isEqualTo(requests + 1);
		assertThat((Long) this.redis.command("PTTL", probeKey())).isGreaterThan(OPEN_FOR.toMillis() / 2);

		this.clock.advance(OPEN_FOR);
		unavailable(obtainAnother(first), "server_error");
		assertThat(this.server.tokenRequests()).isEqualTo(requests + 2);
	}

	@Test
	void obtainWhenProberDiesLeavesTheProbeToAnotherOne() {
		EngineInstance first = guarded();
		EngineInstance second = guarded();
		open(first);
		open(second);
		this.server.faults().none();
		this.clock.advance(OPEN_FOR);
		EngineInstance.get(first.store.probe(KEY, "one that died", PATIENT.lease()));
		unavailable(obtainAnother(second), "circuit_open");
		assertThat((Long) this.redis.command("PTTL", probeKey())).isBetween(1L, PATIENT.lease().toMillis());

		this.redis.command("DEL", probeKey());
		this.clock.advance(Duration.ofSeconds(2));

		assertThat(token(obtainAnother(second))).isNotEmpty();
		assertThat(state(second)).isEqualTo(State.CLOSED);
	}

	@Test
	void obtainWhenProbeIsNotSentGivesItBack() {
		EngineInstance instance = guarded();
		EngineInstance other = guarded();
		open(instance);
		open(other);
		this.server.faults().none();
		login(instance, ENDED);
		this.clock.advance(OPEN_FOR);
		other.faults.loseRequests("acquire");

		unavailable(obtain(other), "redis_unavailable");

		assertThat(state(other)).isEqualTo(State.HALF_OPEN);
		Await.until("the right to probe", BOUND, () -> this.redis.command("EXISTS", probeKey()).equals(0L));
		assertThat(token(obtain(instance))).isNotEmpty();
		other.faults.heal();
		Await.until("the right to probe", BOUND, () -> this.redis.command("EXISTS", probeKey()).equals(0L));
		assertThat(token(obtainAnother(other))).isNotEmpty();
		assertThat(state(other)).isEqualTo(State.CLOSED);
	}

	@Test
	void obtainWhenRedisDoesNotSayWhoProbesEachAsksForItself() {
		EngineInstance instance = guarded();
		open(instance);
		this.server.faults().none();
		this.clock.advance(OPEN_FOR);
		instance.faults.loseRequests("probe");

		assertThat(token(obtainAnother(instance))).isNotEmpty();

		assertThat(state(instance)).isEqualTo(State.CLOSED);
	}

	@Test
	void changesAreToldOnceWithoutTheProvidersName() {
		Logger logger = (Logger) LoggerFactory.getLogger(ProviderGate.class);
		ListAppender<ILoggingEvent> appender = new ListAppender<>();
		appender.setContext(logger.getLoggerContext());
		appender.start();
		logger.addAppender(appender);
		logger.setLevel(Level.INFO);
		try (CapturedLogs logs = CapturedLogs.start()) {
			EngineInstance instance = guarded();
			open(instance);
			fail(instance, 3, "circuit_open");
			this.clock.advance(OPEN_FOR);
			unavailable(obtainAnother(instance), "server_error");
			this.clock.advance(OPEN_FOR);
			this.server.faults().none();
			token(obtainAnother(instance));
			token(obtainAnother(instance));
			instance.awaitIdle();

			assertThat(instance.events).filteredOn((event) -> event.type().name().startsWith("CIRCUIT"))
				.extracting(TokenEvent::type, TokenEvent::registrationId, TokenEvent::detail)
				.containsExactly(tuple(TokenEvent.Type.CIRCUIT_OPEN, "service", "server_error"),
						tuple(TokenEvent.Type.CIRCUIT_CLOSED, "service", null));
			assertThat(appender.list).satisfiesExactly(
					(event) -> assertThat(event.toString()).contains("[WARN]", "'service' failed", "'server_error'"),
					(event) -> assertThat(event.toString()).contains("[INFO]", "'service' works again"));
			assertThat(logs.text()).doesNotContain(PROVIDER);
		}
		finally {
			logger.detachAppender(appender);
			logger.setLevel(null);
		}
	}

}
