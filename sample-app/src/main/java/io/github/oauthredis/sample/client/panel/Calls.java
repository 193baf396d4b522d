package io.github.oauthredis.sample.client.panel;

import java.util.List;
import java.util.Objects;

/**
 * How many calls to the API went.
 *
 * @param count how many there were
 * @param failures how many failed
 * @param reasons why, at most three
 * @param tokens short digests of the tokens that the API accepted
 * @param medianMillis milliseconds of the one in the middle
 * @param slowestMillis milliseconds of the slowest
 * @author OAuth Redis
 */
record Calls(int count, int failures, List<String> reasons, List<String> tokens, long medianMillis,
		long slowestMillis) {

	static Calls of(List<CallOutcome> outcomes) {
		List<String> failures = outcomes.stream().map(CallOutcome::failure).filter(Objects::nonNull).toList();
		List<String> tokens = outcomes.stream().map(CallOutcome::token).filter(Objects::nonNull).distinct().toList();
		long[] millis = outcomes.stream().mapToLong(CallOutcome::millis).sorted().toArray();
		return new Calls(millis.length, failures.size(), failures.stream().distinct().limit(3).toList(), tokens,
				(millis.length != 0) ? millis[millis.length / 2] : 0,
				(millis.length != 0) ? millis[millis.length - 1] : 0);
	}

}
