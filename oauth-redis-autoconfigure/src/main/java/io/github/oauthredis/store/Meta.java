package io.github.oauthredis.store;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.TokenRecord;

/**
 * Java's view of the words in field {@code meta}, in the order that {@code record.lua}
 * defines. Words that are missing or not what they should be count as none: nothing but
 * timing is believed from here.
 */
final class Meta {

	private final String[] words;

	private final ScriptAnswer answer;

	Meta(ScriptAnswer answer) {
		this.words = answer.meta().isEmpty() ? new String[0] : answer.meta().split(" ");
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
		return (cause.isEmpty() || "-".equals(cause)) ? null : cause;
	}

	TokenRecord.Timing timing() {
		long leaseLeft = this.answer.leaseLeft();
		return new TokenRecord.Timing(time(3), time(4), number(6) != 0, (int) number(7), time(8), (int) number(9),
				time(10), (leaseLeft > 0) ? this.answer.askedAt().plusMillis(leaseLeft) : null);
	}

	private @Nullable Instant time(int index) {
		long millis = number(index);
		return (millis > 0) ? this.answer.askedAt().plusMillis(millis - this.answer.now()) : null;
	}

	private long number(int index) {
		String word = word(index);
		if (word.isEmpty() || word.length() > 15 || !word.chars().allMatch((c) -> c >= '0' && c <= '9')) {
			return 0;
		}
		return Long.parseLong(word);
	}

	private String word(int index) {
		return (index < this.words.length) ? this.words[index] : "";
	}

}
