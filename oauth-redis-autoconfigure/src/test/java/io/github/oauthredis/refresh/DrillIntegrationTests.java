package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.github.oauthredis.refresh.Drill.Step;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.FakeAuthorizationServer;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.HistoryEvent;
import io.github.oauthredis.testkit.IssuedGrant;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.Presentation;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;
import io.github.oauthredis.testkit.TokenRequest;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Three processes, of which one is struck while it refreshes; the other two call
 * meanwhile. Afterwards all agree, and nothing is lost that anybody alive has received.
 * <p>
 * {@code -Doauth-redis.test.seeds=N} runs the first N drills,
 * {@code -Doauth-redis.test.seed=N} one.
 */
class DrillIntegrationTests {

	private static final Duration BOUND = DrillFleet.BOUND;

	private static final int CALLERS = 4;

	private static DrillFleet fleet;

	private final FakeAuthorizationServer server = FakeAuthorizationServer.start().client("client", "secret");

	private final TcpProxy provider = TcpProxy.to("127.0.0.1", this.server.port());

	private Drill drill;

	private TokenKey key;

	private IssuedGrant grant;

	// Where the first request waits.
	private Gate gate = new Gate();

	private long generation;

	// How calls ended: of the node that is struck, and of the others.
	private final Set<String> struck = new TreeSet<>();

	private final Map<Integer, Set<String>> spared = new TreeMap<>();

	@BeforeAll
	static void startFleet() {
		fleet = new DrillFleet(Drill.NODES);
	}

	@AfterAll
	static void closeFleet() {
		fleet.close();
	}

	static LongStream seeds() {
		Long seed = Long.getLong("oauth-redis.test.seed");
		return (seed != null) ? LongStream.of(seed)
				: LongStream.range(0, Long.getLong("oauth-redis.test.seeds", Drill.FIRST));
	}

	@ParameterizedTest
	@MethodSource("seeds")
	void fleetSurvives(long seed) {
		this.drill = Drill.of(seed);
		this.key = EngineInstance.grantKey(principal());
		try (this.server; this.provider) {
			fleet.begin(this.drill.clocks());
			refreshUpToTheStep();
			if (this.drill.fault().ofProcess()) {
				strikeProcess();
			}
			else if (this.drill.fault().ofProvider()) {
				strikeProvider();
			}
			else {
				strikeRedis();
			}
			awaitAnswers();
			fleet.awaitIdle();
			check(agree());
		}
		catch (AssertionError | RuntimeException ex) {
			String events = fleet.history(this.key)
				.events()
				.stream()
				.map(HistoryEvent::toString)
				.collect(Collectors.joining("\n"));
			fleet.killAll();
			throw new AssertionError("%s%nRepeat with -Doauth-redis.test.seed=%d%nStruck: %s%nSpared: %s%n%s"
				.formatted(this.drill, seed, this.struck, this.spared, events), ex);
		}
	}

	private String principal() {
		return "drill-" + this.drill.seed();
	}

	private Node holder() {
		return fleet.node(this.drill.holder());
	}

	private TcpProxy link() {
		return fleet.link(this.drill.holder());
	}

	private RawRecord raw() {
		return new RawRecord(fleet.redis, this.key);
	}

	private void ask(int node, int callers) {
		fleet.ask(node, EngineNode.obtain(callers, "http://127.0.0.1:" + this.provider.port() + "/token", principal(),
				this.drill.callTimeout(), this.drill.grace()));
	}

	private void askOthers() {
		for (int i = 0; i < Drill.NODES; i++) {
			if (i != this.drill.holder()) {
				ask(i, CALLERS);
			}
		}
	}

	private void awaitAnswers() {
		for (int i = 0; i < Drill.NODES; i++) {
			awaitAnswers(i);
		}
	}

	private void awaitAnswers(int node) {
		((node != this.drill.holder()) ? this.spared.computeIfAbsent(node, (any) -> new TreeSet<>()) : this.struck)
			.addAll(fleet.answers(node));
	}

	private void awaitAnswersOfOthers() {
		for (int i = 0; i < Drill.NODES; i++) {
			if (i != this.drill.holder()) {
				awaitAnswers(i);
			}
		}
	}

	/**
	 * Let one node refresh and hold it at the step. As long as the token is good, the
	 * others use it meanwhile.
	 */
	private void refreshUpToTheStep() {
		this.server.rotateWithGrace(this.drill.grace());
		this.grant = this.server.issueGrant("client", "read");
		fleet.control.login(this.key, this.grant, Duration.ofHours(1), Duration.ofMinutes(this.drill.ended() ? -1 : 4),
				true);
		this.generation = raw().generation();
		AtomicBoolean first = new AtomicBoolean(true);
		Predicate<TokenRequest> once = (request) -> first.getAndSet(false);
		switch (this.drill.step()) {
			case AT_SERVER -> this.gate = this.server.hold(once);
			case PROCESSED -> this.gate = this.server.holdAnswers(once);
			default -> holder().send("hold " + this.drill.stopPoint());
		}
		ask(this.drill.holder(), 1);
		if (this.drill.stopPoint() != null) {
			holder().await("held", BOUND);
		}
		else {
			this.gate.awaitHeld(1);
		}
		if (!this.drill.ended()) {
			askOthers();
			awaitAnswersOfOthers();
		}
	}

	private void goOn() {
		if (this.drill.stopPoint() != null) {
			holder().send("release " + this.drill.stopPoint());
		}
		this.gate.release();
	}

	private void strikeProcess() {
		boolean killed = this.drill.fault() == Drill.Fault.KILL;
		if (this.drill.step() == Step.STORED) {
			link().blackHole(Direction.DOWNSTREAM);
			goOn();
			awaitStored();
		}
		if (killed) {
			fleet.kill(this.drill.holder());
		}
		else {
			holder().pause();
		}
		link().passThrough();
		this.gate.release();
		Await.until("the end of the request", BOUND,
				() -> this.server.presentations().stream().allMatch(Presentation::answered));
		raw().lapse();
		askOthers();
		awaitAnswersOfOthers();
		if (!killed) {
			holder().resume();
			// The lease is over by its clock, too.
			holder().send("clock " + this.drill.clocks().get(this.drill.holder()).plusSeconds(10));
			goOn();
		}
	}

	private void strikeProvider() {
		switch (this.drill.fault()) {
			case PROVIDER_AWAY -> this.provider.refuse();
			case PROVIDER_BLACK_HOLE -> this.provider.blackHole(Direction.UPSTREAM);
			case PROVIDER_CUT -> this.provider.cut();
			default -> {
			}
		}
		if (this.drill.fault() != Drill.Fault.PROVIDER_SLOW) {
			goOn();
		}
		awaitTold("FAILED");
		askOthers();
		awaitAnswers();
		this.provider.comeBack();
		this.provider.passThrough();
		this.gate.release();
		if (this.drill.answersLate()) {
			awaitStored();
		}
	}

	private void strikeRedis() {
		Predicate<String> script = (request) -> request.contains("EVAL");
		int drops = link().drops();
		switch (this.drill.fault()) {
			case LINK_CUT -> link().cut();
			case LINK_REFUSED -> link().refuse();
			case LINK_BLACK_HOLE -> {
				link().blackHole(Direction.UPSTREAM);
				link().blackHole(Direction.DOWNSTREAM);
			}
			case LINK_SLOW -> link().delay(DrillFleet.REDIS_TIMEOUT.multipliedBy(2).dividedBy(3));
			case REPLY_LOST -> link().cutOnReply(script);
			case REQUEST_LOST -> link().cutOnRequest(script);
			default -> fleet.redis.pause();
		}
		goOn();
		askOthers();
		if (this.drill.fault().loses()) {
			Await.until("the loss", BOUND, () -> link().drops() > drops);
		}
		if (this.drill.fault().lasts() && this.drill.step() == Step.FOUND) {
			this.struck.addAll(fleet.answers(this.drill.holder()));
		}
		else if (this.drill.fault().lasts()) {
			awaitTold("PENDING");
		}
		if (this.drill.fault() == Drill.Fault.REDIS_FROZEN) {
			fleet.redis.resume();
		}
		link().comeBack();
		link().passThrough();
	}

	private void awaitTold(String event) {
		holder().await("told %s %s".formatted(event, this.key.digest()), BOUND);
	}

	private void awaitStored() {
		Await.until("the new generation", BOUND, () -> raw().generation() > this.generation);
	}

	/**
	 * Let the old token end and all nodes say the same.
	 * @return the token that all have, or how it was lost
	 */
	private String agree() {
		// Nothing is under way, so nobody writes between reading and writing here.
		raw().lapse();
		raw().allowNextAttempt();
		if (raw().generation() == this.generation) {
			raw().end();
		}
		AtomicReference<String> agreed = new AtomicReference<>("");
		Await.until("agreement", BOUND, () -> {
			Set<String> outcomes = new TreeSet<>();
			fleet.survivors().forEach((i) -> ask(i, 1));
			fleet.survivors().forEach((i) -> outcomes.addAll(fleet.answers(i)));
			agreed.set(String.join(" ", outcomes));
			boolean renewed = agreed.get().equals(stored()) && !agreed.get().equals(old());
			return renewed || agreed.get().equals("lost:invalid_grant");
		});
		fleet.awaitIdle();
		return agreed.get();
	}

	private String old() {
		return Digests.sha256(this.grant.accessToken());
	}

	private String stored() {
		return Digests.sha256(fleet.control.find(this.key).requireTokens().accessToken());
	}

	private void check(String agreed) {
		Set<String> all = new TreeSet<>(this.struck);
		this.spared.values().forEach(all::addAll);
		assertThat(all).noneMatch((outcome) -> outcome.startsWith("untyped"));
		this.spared.forEach((node, outcomes) -> {
			if (!this.drill.mayFail(fleet.hasNearCache(node))) {
				assertThat(outcomes).as("calls of node %d", node)
					.noneMatch((outcome) -> outcome.startsWith("unavailable") || outcome.startsWith("lost"));
			}
		});
		if (this.drill.ended()) {
			assertThat(all).as("nothing that has ended").doesNotContain(old());
		}
		all.add(agreed);
		boolean lost = !this.server.isAlive(fleet.control.find(this.key).requireTokens().refreshToken());
		if (this.drill.mayLose()) {
			assertThat(!lost || all.contains("lost:invalid_grant")).as("no silent loss").isTrue();
		}
		else {
			assertThat(lost).as("the grant is lost").isFalse();
			assertThat(all).noneMatch((outcome) -> outcome.startsWith("lost"));
			assertThat(this.server.reuseEvents()).isZero();
		}
		assertThat(this.server.tokenRequests()).isBetween(1, this.drill.isUncertain() ? 2 : 1);
		fleet.history(this.key).assertHolds(this.server.presentations(), this.drill.callTimeout());
		for (String name : fleet.redis.keys("*" + this.key.digest() + "*")) {
			assertThat((Long) fleet.redis.command("PTTL", name)).as(name).isNotEqualTo(-1);
		}
	}

}
