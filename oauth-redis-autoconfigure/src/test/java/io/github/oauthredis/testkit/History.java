package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Collects what all nodes did, to be checked at the end. Thread-safe.
 */
public final class History {

	private final List<HistoryEvent> events = new CopyOnWriteArrayList<>();

	public void add(HistoryEvent event) {
		this.events.add(event);
	}

	/**
	 * Return what was collected.
	 * @return the events in the order of their arrival here
	 */
	public List<HistoryEvent> events() {
		return List.copyOf(this.events);
	}

	/**
	 * Check everything collected.
	 * @param presentations what the authorization server saw
	 * @param callDeadline when a node gives a token request up
	 * @throws AssertionError if an invariant was broken
	 */
	public void assertHolds(List<Presentation> presentations, Duration callDeadline) {
		List<String> violations = HistoryChecker.check(events(), presentations, callDeadline);
		if (!violations.isEmpty()) {
			throw new AssertionError(String.join(System.lineSeparator(), violations));
		}
	}

}
