package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.HistoryEvent.Step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link HistoryChecker}, with histories made by hand. Times are single
 * numbers; steps take one.
 */
class HistoryCheckerTests {

	private static final Duration DEADLINE = Duration.ofNanos(1000);

	private final List<HistoryEvent> events = new ArrayList<>();

	@Test
	void checkWhenHistoryIsGoodFindsNothing() {
		login();
		refresh("a", "lease-1", 10, 11, 20);
		refresh("b", "lease-2", 11, 12, 30);
		add("c", Step.FOUND, "", 0, 12, 40);
		add("c", Step.TOMBSTONED, "", 12, 13, 50);
		add("a", Step.ABSENT, "", 0, 0, 60);

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenEmptyFindsNothing() {
		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenPresentationsOverlapFindsIt() {
		Presentation first = new Presentation("token", 0, 500, 200);
		Presentation within = new Presentation("token", 499, 600, 200);
		Presentation after = new Presentation("token", 500, 600, 200);
		Presentation other = new Presentation("other", 100, 200, 200);

		assertThat(HistoryChecker.check(List.of(), List.of(first, after, other), DEADLINE)).isEmpty();
		assertThat(HistoryChecker.check(List.of(), List.of(first, within), DEADLINE)).singleElement()
			.asString()
			.startsWith("I-1");
	}

	@Test
	void checkWhenPresentationIsNeverAnsweredCountsItToTheDeadline() {
		Presentation open = new Presentation("token", 0, Long.MAX_VALUE, 0);
		Presentation within = new Presentation("token", 999, 1100, 200);
		Presentation after = new Presentation("token", 1000, 1100, 200);

		assertThat(HistoryChecker.check(List.of(), List.of(open, within), DEADLINE)).hasSize(1);
		assertThat(HistoryChecker.check(List.of(), List.of(open, after), DEADLINE)).isEmpty();
	}

	@Test
	void checkWhenReceivedPairIsLostFindsIt() {
		login();
		add("a", Step.ACQUIRED, "lease-1", 10, 0, 20);
		add("a", Step.ANSWERED, "lease-1", 10, 0, 21);

		assertThat(violations()).singleElement().asString().startsWith("I-1: the pair received is lost");
	}

	@Test
	void checkWhenNodeOfLostPairWasKilledFindsNothing() {
		login();
		add("a", Step.ACQUIRED, "lease-1", 10, 0, 20);
		add("a", Step.ANSWERED, "lease-1", 10, 0, 21);
		add("a", Step.KILLED, "", 0, 0, 22);

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenPairGaveWayToAnotherWriteFindsNothing() {
		login();
		add("a", Step.ACQUIRED, "lease-1", 10, 0, 20);
		add("b", Step.PUT, "", 10, 11, 21);
		add("a", Step.ANSWERED, "lease-1", 10, 0, 22);

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenTwoWritesReplaceOneGenerationFindsTheFork() {
		login();
		refresh("a", "lease-1", 10, 11, 20);
		refresh("b", "lease-2", 10, 12, 30);

		assertThat(violations()).singleElement().asString().startsWith("I-2: two writes replaced one generation");
	}

	@Test
	void checkWhenGenerationIsWrittenTwiceFindsIt() {
		login();
		refresh("a", "lease-1", 10, 12, 20);
		refresh("b", "lease-2", 11, 12, 20);

		assertThat(violations()).singleElement().asString().startsWith("I-2: the generation was written twice");
	}

	@Test
	void checkWhenGenerationFallsFindsIt() {
		login();
		refresh("a", "lease-1", 10, 9, 20);

		assertThat(violations()).anyMatch((one) -> one.startsWith("I-2: the generation does not rise"))
			.anyMatch((one) -> one.startsWith("I-2: generation 10 was there before"));
	}

	@Test
	void checkWhenRecordIsCreatedTwiceWithoutExpiryFindsIt() {
		login();
		add("b", Step.PUT, "", 0, 20, 30);

		assertThat(violations()).singleElement().asString().contains("2 writes found no record");
	}

	@Test
	void checkWhenRecordIsCreatedAgainAfterExpiryFindsNothing() {
		login();
		add("test", Step.EXPIRED, "", 0, 0, 20);
		add("b", Step.ABSENT, "", 0, 0, 25);
		add("b", Step.PUT, "", 0, 20, 30);

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenCommitHadNoLeaseFindsIt() {
		login();
		add("a", Step.COMMITTED, "lease-1", 10, 11, 20);

		assertThat(violations()).singleElement().asString().startsWith("I-2: nobody had taken this lease");
	}

	@Test
	void checkWhenLeaseWritesTwiceFindsIt() {
		login();
		refresh("a", "lease-1", 10, 11, 20);
		refresh("a", "lease-1", 11, 12, 30);

		assertThat(violations()).singleElement().asString().startsWith("I-2: the lease made a second write");
	}

	@Test
	void checkWhenOlderGenerationIsReadLaterFindsIt() {
		login();
		refresh("a", "lease-1", 10, 11, 20);
		add("b", Step.FOUND, "", 0, 10, 40);

		assertThat(violations()).singleElement().asString().startsWith("I-2: generation 11 was there before");
	}

	@Test
	void checkWhenReadsGoBackwardsFindsIt() {
		add("a", Step.FOUND, "", 0, 11, 20);
		add("b", Step.FOUND, "", 0, 10, 30);

		assertThat(violations()).singleElement().asString().startsWith("I-2");
	}

	@Test
	void checkWhenReadOverlapsTheWriteFindsNothing() {
		login();
		refresh("a", "lease-1", 10, 11, 20);
		this.events.add(event("b", Step.FOUND, "", 0, 10, 0).took(15, 60));

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenRecordVanishesFindsIt() {
		login();
		add("b", Step.ABSENT, "", 0, 0, 20);

		assertThat(violations()).singleElement().asString().startsWith("I-4: generation 10 was removed by nobody");
	}

	@Test
	void checkWhenMarkedDeadUnderTheLeaseFindsNothing() {
		login();
		add("a", Step.ACQUIRED, "lease-1", 10, 0, 20);
		add("a", Step.DEAD, "lease-1", 0, 10, 30);

		assertThat(violations()).isEmpty();
	}

	@Test
	void checkWhenMarkedDeadWithoutTheLeaseFindsIt() {
		login();
		add("a", Step.ACQUIRED, "lease-1", 10, 0, 20);
		add("b", Step.DEAD, "lease-2", 0, 10, 30);
		add("b", Step.DEAD, "", 0, 10, 40);

		assertThat(violations()).hasSize(2).allMatch((one) -> one.startsWith("I-4: marked dead without the lease"));
	}

	@Test
	void checkWhenKeysDifferKeepsThemApart() {
		login();
		this.events.add(new HistoryEvent("a", "other", Step.PUT, "", 0, 5, "other", 50, 51));

		assertThat(violations()).isEmpty();
	}

	@Test
	void assertHoldsWhenViolatedFailsWithEveryViolation() {
		History history = new History();
		history.add(event("b", Step.DEAD, "", 0, 10, 40));

		assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> history.assertHolds(List.of(), DEADLINE))
			.withMessageStartingWith("I-4");
	}

	@Test
	void parseReadsWhatLineWrote() {
		HistoryEvent event = HistoryEvent.now("node-1", "oauth-redis:{app~0}:token", Step.COMMITTED)
			.owner("lease")
			.generations(Long.MAX_VALUE - 1, Long.MAX_VALUE)
			.digest("abc")
			.took(-5, 7);

		assertThat(HistoryEvent.parse(event.line())).isEqualTo(event);
		HistoryEvent bare = HistoryEvent.now("node-1", "key", Step.KILLED);
		assertThat(HistoryEvent.parse(bare.line())).isEqualTo(bare);
	}

	private void login() {
		add("a", Step.PUT, "", 0, 10, 10);
	}

	private void refresh(String node, String owner, long base, long generation, long time) {
		add(node, Step.ACQUIRED, owner, base, 0, time);
		add(node, Step.ANSWERED, owner, base, 0, time + 2);
		add(node, Step.COMMITTED, owner, base, generation, time + 4);
	}

	private void add(String node, Step step, String owner, long base, long generation, long time) {
		this.events.add(event(node, step, owner, base, generation, time));
	}

	private static HistoryEvent event(String node, Step step, String owner, long base, long generation, long time) {
		return new HistoryEvent(node, "key", step, owner, base, generation, "tokens of " + owner, time, time + 1);
	}

	private List<String> violations() {
		return HistoryChecker.check(this.events, List.of(), DEADLINE);
	}

}
