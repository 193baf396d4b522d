package io.github.oauthredis.store;

import java.time.Instant;
import java.util.Arrays;
import java.util.StringTokenizer;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.TokenRecord;

/**
 * Java's view of the words in field {@code meta}, in the order that {@code record.lua}
 * defines. Words that are missing or not what they should be count as none: nothing but
 * timing is believed from here.
 */
final class Meta {

	private static final int WORDS = 13;

	private static final long LONGEST_DELAY = Failure.LONGEST_DELAY.toMillis();

	private static final int HIGHEST_COUNT = 1_000_000;

	private final String[] words;

	private final ScriptAnswer answer;

	Meta(ScriptAnswer answer) {
		StringTokenizer words = new StringTokenizer(answer.meta(), " \t\n\u000B\f\r");
		this.words = new String[Math.min(words.countTokens(), WORDS)];
		Arrays.setAll(this.words, (index) -> words.nextToken());
		this.answer = answer;
	}

	long generation() {
		return number(0);
	}

	/**
	 * Generation that rises even if the record expired, was removed or was lost: time
	 * goes on without it.
	 */
	long nextGeneration() {
		return Math.max(generation() + 1, this.answer.now());
	}

	boolean dead() {
		return "dead".equals(word(2));
	}

	@Nullable String cause() {
		String cause = word(12);
		return (cause.isEmpty() || "-".equals(cause)) ? null : Failure.printable(cause);
	}

	TokenRecord.Timing timing() {
		long leaseLeft = this.answer.leaseLeft();
		return new TokenRecord.Timing(time(3), time(4), number(6) != 0, count(7), time(8), count(9),
				(number(10) <= this.answer.now() + LONGEST_DELAY) ? time(10) : null,
				(leaseLeft > 0) ? this.answer.askedAt().plusMillis(leaseLeft) : null, null);
	}

	private @Nullable Instant time(int index) {
		long millis = number(index);
		return (millis > 0) ? this.answer.askedAt().plusMillis(millis - this.answer.now()) : null;
	}

	private int count(int index) {
		return (int) Math.min(number(index), HIGHEST_COUNT);
	}

	private long number(int index) {
		return number(word(index));
	}

	/**
	 * A word that is not a plain number of at most 15 digits counts as 0, exactly as in
	 * {@code common.lua}.
	 */
	static long number(String word) {
		if (word.isEmpty() || word.length() > 15 || !word.chars().allMatch((c) -> c >= '0' && c <= '9')) {
			return 0;
		}
		return Long.parseLong(word);
	}

	private String word(int index) {
		return (index < this.words.length) ? this.words[index] : "";
	}

}
