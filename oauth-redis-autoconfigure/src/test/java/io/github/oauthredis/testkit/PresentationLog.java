package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Keeps every presentation of every refresh token and measures how they overlap.
 * Thread-safe.
 */
final class PresentationLog {

	private static final int NONE = -1;

	private final List<Presentation> presentations = new ArrayList<>(); // guarded by this

	/**
	 * Note that a presentation begins, if the request is one.
	 * @param request the request
	 * @return its number, for {@link #end}
	 */
	synchronized int begin(TokenRequest request) {
		String refreshToken = request.parameter("refresh_token");
		if (refreshToken == null || !"refresh_token".equals(request.grantType())) {
			return NONE;
		}
		this.presentations.add(new Presentation(refreshToken, System.nanoTime(), Long.MAX_VALUE, 0));
		return this.presentations.size() - 1;
	}

	/**
	 * Note that the answer leaves. Called before its last byte, because the client may
	 * rightly present the token again as soon as it has that byte.
	 * @param number the number of the presentation
	 * @param status the HTTP status
	 */
	synchronized void end(int number, int status) {
		Presentation open = (number != NONE) ? this.presentations.get(number) : null;
		if (open != null && !open.answered()) {
			this.presentations.set(number,
					new Presentation(open.refreshToken(), open.receivedNanos(), System.nanoTime(), status));
		}
	}

	synchronized List<Presentation> all() {
		return List.copyOf(this.presentations);
	}

	static int maxOverlap(List<Presentation> presentations, Duration deadline) {
		Map<String, List<Presentation>> byToken = presentations.stream()
			.collect(Collectors.groupingBy(Presentation::refreshToken));
		return byToken.values().stream().mapToInt((ofToken) -> maxOverlapOfOne(ofToken, deadline)).max().orElse(0);
	}

	private static int maxOverlapOfOne(List<Presentation> presentations, Duration deadline) {
		record Change(long nanos, int by) {
		}
		List<Change> changes = new ArrayList<>();
		for (Presentation presentation : presentations) {
			long latest = presentation.receivedNanos() + deadline.toNanos();
			changes.add(new Change(presentation.receivedNanos(), 1));
			changes
				.add(new Change(presentation.answered() ? Math.min(latest, presentation.answeredNanos()) : latest, -1));
		}
		changes.sort(Comparator.comparingLong(Change::nanos).thenComparing(Change::by));
		int current = 0;
		int max = 0;
		for (Change change : changes) {
			current += change.by();
			max = Math.max(max, current);
		}
		return max;
	}

}
