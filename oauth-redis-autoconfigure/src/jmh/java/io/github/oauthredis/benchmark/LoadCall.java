package io.github.oauthredis.benchmark;

import java.time.Instant;

/**
 * One call of the load run.
 *
 * @param at when it began
 * @param nanos how long it took
 * @param nearEnd whether the token that this instance knew was about to end, or had
 * @param outcome {@code ok}, or what went wrong
 */
record LoadCall(Instant at, long nanos, boolean nearEnd, String outcome) {

	String line() {
		return "%d,%d,%s,%s".formatted(this.at.toEpochMilli(), this.nanos, this.nearEnd, this.outcome);
	}

	static LoadCall parse(String line) {
		String[] words = line.split(",", -1);
		return new LoadCall(Instant.ofEpochMilli(Long.parseLong(words[0])), Long.parseLong(words[1]),
				Boolean.parseBoolean(words[2]), words[3]);
	}

	boolean failed() {
		return !this.outcome.equals("ok");
	}

}
