package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

/**
 * Says whether what the nodes did keeps the invariants. Pure.
 * <p>
 * <b>I-1</b> Presentations of one refresh token do not overlap, and no received pair is
 * lost while its node lives. <b>I-2</b> Generations only rise, each write rests on the
 * generation that it replaces, and one lease makes one write. <b>I-4</b> A record goes
 * only by its time or a tombstone, and dies only under a lease on its generation.
 * <p>
 * Nothing is concluded from the order of two steps that overlapped.
 */
public final class HistoryChecker {

	private final List<String> violations = new ArrayList<>();

	private final String key;

	private final List<HistoryEvent> events;

	private final Set<String> killed;

	private HistoryChecker(String key, List<HistoryEvent> events, Set<String> killed) {
		this.key = key;
		this.events = events;
		this.killed = killed;
	}

	/**
	 * Check a history.
	 * @param events what the nodes did, in any order
	 * @param presentations what the authorization server saw
	 * @param callDeadline when a node gives a token request up
	 * @return one sentence for each violation, beginning with the invariant
	 */
	public static List<String> check(List<HistoryEvent> events, List<Presentation> presentations,
			Duration callDeadline) {
		List<String> violations = new ArrayList<>();
		int overlap = PresentationLog.maxOverlap(presentations, callDeadline);
		if (overlap > 1) {
			violations.add("I-1: %d presentations of one refresh token at once".formatted(overlap));
		}
		Set<String> killed = events.stream()
			.filter((event) -> event.step() == HistoryEvent.Step.KILLED)
			.map(HistoryEvent::node)
			.collect(Collectors.toSet());
		Map<String, List<HistoryEvent>> byKey = events.stream()
			.filter((event) -> event.step() != HistoryEvent.Step.KILLED)
			.collect(Collectors.groupingBy(HistoryEvent::key, TreeMap::new, Collectors.toList()));
		byKey.forEach((key, ofKey) -> violations.addAll(new HistoryChecker(key, ofKey, killed).check()));
		return violations;
	}

	private List<String> check() {
		answersAreStored();
		writesRise();
		writesRestOnWhatTheyReplace();
		leasesMakeOneWrite();
		timeRespectsGenerations();
		recordsStay();
		deathNeedsTheLease();
		return this.violations;
	}

	private void answersAreStored() {
		of(HistoryEvent.Step.ANSWERED).filter((answer) -> !this.killed.contains(answer.node())).forEach((answer) -> {
			boolean stored = raising()
				.anyMatch((write) -> write.base() == answer.base() || write.digest().equals(answer.digest()));
			if (!stored) {
				violation("I-1", "the pair received is lost", answer);
			}
		});
	}

	private void writesRise() {
		raising().filter((write) -> write.generation() <= write.base())
			.forEach((write) -> violation("I-2", "the generation does not rise", write));
	}

	private void writesRestOnWhatTheyReplace() {
		Set<Long> generations = new HashSet<>();
		Set<Long> bases = new HashSet<>();
		long firstWrites = 0;
		for (HistoryEvent write : raising().toList()) {
			if (!generations.add(write.generation())) {
				violation("I-2", "the generation was written twice", write);
			}
			if (write.base() == 0) {
				firstWrites++;
			}
			else if (!bases.add(write.base())) {
				violation("I-2", "two writes replaced one generation", write);
			}
		}
		long absences = of(HistoryEvent.Step.EXPIRED).count() + of(HistoryEvent.Step.TOMBSTONED).count();
		if (firstWrites > 1 + absences) {
			this.violations.add("I-2: %s: %d writes found no record, which was absent %d times at most"
				.formatted(this.key, firstWrites, 1 + absences));
		}
	}

	private void leasesMakeOneWrite() {
		Set<String> used = new HashSet<>();
		of(HistoryEvent.Step.COMMITTED).forEach((commit) -> {
			if (lease(commit.owner(), commit.base()) == null) {
				violation("I-2", "nobody had taken this lease on this generation", commit);
			}
			if (!used.add(commit.owner())) {
				violation("I-2", "the lease made a second write", commit);
			}
		});
	}

	/**
	 * What began after another step had ended knows at least its generation.
	 */
	private void timeRespectsGenerations() {
		List<HistoryEvent> byEnd = knowing().sorted(Comparator.comparingLong(HistoryEvent::endedNanos)).toList();
		List<HistoryEvent> byBegin = knowing().sorted(Comparator.comparingLong(HistoryEvent::beganNanos)).toList();
		long newest = 0;
		int ended = 0;
		for (HistoryEvent event : byBegin) {
			while (byEnd.get(ended).endedNanos() < event.beganNanos()) {
				newest = Math.max(newest, byEnd.get(ended++).generation());
			}
			if (event.generation() < newest || (event.step().raises() && event.generation() == newest)) {
				violation("I-2", "generation %d was there before".formatted(newest), event);
			}
		}
	}

	private void recordsStay() {
		of(HistoryEvent.Step.ABSENT).forEach((read) -> {
			HistoryEvent last = raising().filter((write) -> write.endedNanos() < read.beganNanos())
				.max(Comparator.comparingLong(HistoryEvent::generation))
				.orElse(null);
			if (last != null && last.step() != HistoryEvent.Step.TOMBSTONED && !expiredBetween(last, read)) {
				violation("I-4", "generation %d was removed by nobody".formatted(last.generation()), read);
			}
		});
	}

	private boolean expiredBetween(HistoryEvent write, HistoryEvent read) {
		return of(HistoryEvent.Step.EXPIRED).anyMatch(
				(expiry) -> expiry.endedNanos() >= write.beganNanos() && expiry.beganNanos() <= read.endedNanos());
	}

	private void deathNeedsTheLease() {
		of(HistoryEvent.Step.DEAD).filter((dead) -> lease(dead.owner(), dead.generation()) == null)
			.forEach((dead) -> violation("I-4", "marked dead without the lease on this generation", dead));
	}

	private @Nullable HistoryEvent lease(String owner, long base) {
		return of(HistoryEvent.Step.ACQUIRED)
			.filter((lease) -> lease.owner().equals(owner) && lease.base() == base && !owner.isEmpty())
			.findFirst()
			.orElse(null);
	}

	private Stream<HistoryEvent> of(HistoryEvent.Step step) {
		return this.events.stream().filter((event) -> event.step() == step);
	}

	private Stream<HistoryEvent> raising() {
		return this.events.stream().filter((event) -> event.step().raises());
	}

	private Stream<HistoryEvent> knowing() {
		return this.events.stream().filter((event) -> event.step().raises() || event.step() == HistoryEvent.Step.FOUND);
	}

	private void violation(String invariant, String what, HistoryEvent event) {
		this.violations.add(invariant + ": " + what + ": " + event);
	}

}
