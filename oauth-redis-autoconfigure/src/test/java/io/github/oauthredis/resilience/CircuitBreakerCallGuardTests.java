package io.github.oauthredis.resilience;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.util.ReflectionTestUtils;

import io.github.oauthredis.resilience.CallGuard.Change;
import io.github.oauthredis.resilience.CallGuard.Outcome;
import io.github.oauthredis.resilience.CallGuard.State;
import io.github.oauthredis.resilience.CallGuard.Status;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.MutableClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link CircuitBreakerCallGuard}.
 */
class CircuitBreakerCallGuardTests {

	private static final String PROVIDER = "https://canary:password@provider.example/token";

	private static final String OTHER = "https://other.example/token";

	private static final Duration OPEN_FOR = Duration.ofSeconds(30);

	private final MutableClock clock = new MutableClock();

	private final CircuitBreakerCallGuard guard = new CircuitBreakerCallGuard(5, OPEN_FOR, this.clock);

	private Change call(Outcome outcome) {
		assertThat(this.guard.ask(PROVIDER).state()).isNotEqualTo(State.OPEN);
		return this.guard.report(PROVIDER, outcome);
	}

	private void open() {
		IntStream.range(0, 5).forEach((i) -> call(Outcome.FAILED));
	}

	@ParameterizedTest
	@ValueSource(ints = { 1, 2, 3, 5, 7, 10, 33, 100, 1_000 })
	void reportWhenSoManyFailInARowOpensExactlyThen(int threshold) {
		CircuitBreakerCallGuard guard = new CircuitBreakerCallGuard(threshold, OPEN_FOR, this.clock);

		for (int i = 1; i < threshold; i++) {
			assertThat(guard.report(PROVIDER, Outcome.FAILED)).isEqualTo(Change.NONE);
		}
		assertThat(guard.ask(PROVIDER)).isEqualTo(Status.CLOSED);

		assertThat(guard.report(PROVIDER, Outcome.FAILED)).isEqualTo(Change.OPENED);
		assertThat(guard.ask(PROVIDER)).isEqualTo(new Status(State.OPEN, this.clock.instant().plus(OPEN_FOR)));
	}

	@Test
	void reportWhenOneAnswersInBetweenCountsFromTheStart() {
		for (int round = 0; round < 20; round++) {
			IntStream.range(0, 4).forEach((i) -> assertThat(call(Outcome.FAILED)).isEqualTo(Change.NONE));
			assertThat(call(Outcome.ANSWERED)).isEqualTo(Change.NONE);
		}

		assertThat(this.guard.status(PROVIDER)).isEqualTo(Status.CLOSED);
	}

	@Test
	void reportWhenNothingWasSentCountsNeitherWay() {
		IntStream.range(0, 4).forEach((i) -> call(Outcome.FAILED));
		IntStream.range(0, 10).forEach((i) -> assertThat(call(Outcome.NOT_SENT)).isEqualTo(Change.NONE));

		assertThat(call(Outcome.FAILED)).isEqualTo(Change.OPENED);
	}

	@Test
	void askWhenOpenIsRefusedUntilTheTimeIsOver() {
		open();
		Status open = new Status(State.OPEN, this.clock.instant().plus(OPEN_FOR));

		this.clock.advance(OPEN_FOR.minusMillis(1));

		assertThat(this.guard.status(PROVIDER)).isEqualTo(open);
		assertThat(this.guard.ask(PROVIDER)).isEqualTo(open);
		assertThat(this.guard.ask(OTHER)).as("another provider").isEqualTo(Status.CLOSED);

		this.clock.advance(Duration.ofMillis(1));

		assertThat(this.guard.status(PROVIDER)).isEqualTo(Status.HALF_OPEN);
		assertThat(this.guard.ask(PROVIDER)).isEqualTo(Status.HALF_OPEN);
	}

	@Test
	void askWhenProbeIsUnderWayIsRefusedForAShortWhile() {
		open();
		this.clock.advance(OPEN_FOR);
		this.guard.ask(PROVIDER);

		assertThat(this.guard.ask(PROVIDER)).isEqualTo(new Status(State.OPEN, this.clock.instant().plusSeconds(1)));
		assertThat(this.guard.status(PROVIDER)).isEqualTo(Status.HALF_OPEN);
	}

	@Test
	void reportWhenProbeIsAnsweredCloses() {
		open();
		this.clock.advance(OPEN_FOR);

		assertThat(call(Outcome.ANSWERED)).isEqualTo(Change.CLOSED);

		assertThat(this.guard.status(PROVIDER)).isEqualTo(Status.CLOSED);
		IntStream.range(0, 4).forEach((i) -> assertThat(call(Outcome.FAILED)).isEqualTo(Change.NONE));
		assertThat(call(Outcome.FAILED)).as("as many as before").isEqualTo(Change.OPENED);
	}

	@Test
	void reportWhenProbeFailsStaysOpenAndIsNoNews() {
		open();
		this.clock.advance(OPEN_FOR.plusSeconds(3));

		assertThat(call(Outcome.FAILED)).isEqualTo(Change.NONE);

		assertThat(this.guard.ask(PROVIDER)).isEqualTo(new Status(State.OPEN, this.clock.instant().plus(OPEN_FOR)));
	}

	@Test
	void reportWhenProbeWasNotSentAllowsAnother() {
		open();
		this.clock.advance(OPEN_FOR);

		assertThat(call(Outcome.NOT_SENT)).isEqualTo(Change.NONE);

		assertThat(this.guard.ask(PROVIDER)).isEqualTo(Status.HALF_OPEN);
	}

	@Test
	void reportWhenOpenChangesNothing() {
		open();

		assertThat(this.guard.report(PROVIDER, Outcome.ANSWERED)).isEqualTo(Change.NONE);
		assertThat(this.guard.report(PROVIDER, Outcome.FAILED)).isEqualTo(Change.NONE);
		assertThat(this.guard.ask(PROVIDER).state()).isEqualTo(State.OPEN);
	}

	@Test
	void postponeStaysOpenForThatTime() {
		open();
		this.clock.advance(OPEN_FOR);
		this.guard.ask(PROVIDER);

		this.guard.postpone(PROVIDER, Duration.ofSeconds(2));

		assertThat(this.guard.ask(PROVIDER)).isEqualTo(new Status(State.OPEN, this.clock.instant().plusSeconds(2)));
		this.clock.advance(Duration.ofSeconds(2));
		assertThat(call(Outcome.ANSWERED)).isEqualTo(Change.CLOSED);
	}

	@Test
	void postponeWhenClosedDoesNothing() {
		call(Outcome.FAILED);

		this.guard.postpone(PROVIDER, OPEN_FOR);
		this.guard.postpone(OTHER, OPEN_FOR);

		assertThat(this.guard.ask(PROVIDER)).isEqualTo(Status.CLOSED);
		assertThat(this.guard.ask(OTHER)).isEqualTo(Status.CLOSED);
	}

	@Test
	void askWhenClockWentBackDoesNotWaitForItToComeUpAgain() {
		open();

		this.clock.advance(Duration.ofHours(-1));

		assertThat(this.guard.status(PROVIDER)).isEqualTo(Status.HALF_OPEN);
		assertThat(this.guard.ask(PROVIDER)).isEqualTo(Status.HALF_OPEN);
	}

	@Test
	void askWhenAnotherThreadChangesTheProviderDoesNotWait() {
		call(Outcome.FAILED);
		call(Outcome.ANSWERED);

		assertThat(askDuringChange().state()).isEqualTo(State.CLOSED);
		open();
		assertThat(askDuringChange().state()).isEqualTo(State.OPEN);
	}

	private Status askDuringChange() {
		Map<?, ?> breakers = (Map<?, ?>) field(halves(), "young");
		ReentrantLock lock = (ReentrantLock) field(breakers.get(PROVIDER), "lock");
		lock.lock();
		try {
			return CompletableFuture.supplyAsync(() -> {
				this.guard.status(PROVIDER);
				return this.guard.ask(PROVIDER);
			}).orTimeout(20, TimeUnit.SECONDS).join();
		}
		finally {
			lock.unlock();
		}
	}

	@Test
	void reportWhenManyReportAtOnceTellsOfEachChangeOnce() {
		for (int round = 0; round < 50; round++) {
			assertThat(reportAtOnce(Outcome.FAILED)).containsOnlyOnce(Change.OPENED).doesNotContain(Change.CLOSED);
			this.clock.advance(OPEN_FOR);
			this.guard.ask(PROVIDER);
			assertThat(reportAtOnce(Outcome.ANSWERED)).containsOnlyOnce(Change.CLOSED).doesNotContain(Change.OPENED);
		}
	}

	@Test
	void askWhenManyAskAtOnceLetsOneProbePass() {
		open();
		for (int round = 0; round < 500; round++) {
			this.clock.advance(OPEN_FOR);
			assertThat(atOnce(() -> this.guard.ask(PROVIDER))).containsOnlyOnce(Status.HALF_OPEN);
			this.guard.report(PROVIDER, Outcome.FAILED);
		}
	}

	private List<Change> reportAtOnce(Outcome outcome) {
		return atOnce(() -> this.guard.report(PROVIDER, outcome));
	}

	private static <T> List<T> atOnce(Supplier<T> call) {
		List<CompletableFuture<T>> calls = Stream.generate(() -> CompletableFuture.supplyAsync(call))
			.limit(20)
			.toList();
		return calls.stream().map(CompletableFuture::join).toList();
	}

	@Test
	void reportWhenProvidersAreManyRemembersTheLatestThousand() {
		open();
		IntStream.range(0, 1_100).forEach((i) -> this.guard.report(OTHER + i, Outcome.FAILED));

		assertThat(this.guard.status(PROVIDER)).as("used longest ago").isEqualTo(Status.CLOSED);
		assertThat(remembered()).isBetween(500, 1_000);
	}

	@Test
	void reportWhenProvidersNeverFailRemembersNone() {
		IntStream.range(0, 10).forEach((i) -> this.guard.report(OTHER + i, Outcome.ANSWERED));

		assertThat(remembered()).isZero();
	}

	private int remembered() {
		return Stream.of("young", "old").mapToInt((half) -> ((Map<?, ?>) field(halves(), half)).size()).sum();
	}

	private @Nullable Object halves() {
		return ((AtomicReference<?>) field(field(this.guard, "breakers"), "halves")).get();
	}

	private static Object field(@Nullable Object target, String name) {
		return Objects.requireNonNull(ReflectionTestUtils.getField(Objects.requireNonNull(target), name));
	}

	@Test
	void providerIsNeverLogged() {
		try (CapturedLogs logs = CapturedLogs.start()) {
			open();
			this.clock.advance(OPEN_FOR);
			call(Outcome.ANSWERED);

			assertThat(logs.text()).doesNotContain("canary", "password", "provider.example");
		}
	}

	@Test
	void noneLetsEverythingPass() {
		IntStream.range(0, 100).forEach((i) -> {
			assertThat(CallGuard.NONE.ask(PROVIDER)).isEqualTo(Status.CLOSED);
			assertThat(CallGuard.NONE.report(PROVIDER, Outcome.FAILED)).isEqualTo(Change.NONE);
		});
		CallGuard.NONE.postpone(PROVIDER, OPEN_FOR);

		assertThat(CallGuard.NONE.status(PROVIDER)).isEqualTo(Status.CLOSED);
	}

}
