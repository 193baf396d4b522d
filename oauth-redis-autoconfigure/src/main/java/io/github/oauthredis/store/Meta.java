package io.github.oauthredis.store;

import java.time.Duration;
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

	// From the reading that a generation comes from to the sending of the token request.
	private static final Duration UNTIL_SENT = Duration.ofSeconds(10);

	private final String[] words;

	private final ScriptAnswer answer;

	Meta(ScriptAnswer answer) {
		StringTokenizer words = new StringTokenizer(answer.meta(), " \t\n\u000B\f\r");
		this.words = new String[Math.min(words.countTokens(), WORDS)];
		Arrays.setAll(this.words, (index) -> words.nextToken());
		this.answer = answer;
	}

	/**
	 * Nobody vouches for a generation without content: one that is far ahead of time
	 * would leave none for those to come. {@code record.lua} reads it in the same way.
	 */
	long generation() {
		long generation = number(0);
		boolean planted = this.answer.sealed().length == 0 && generation > this.answer.now() + LONGEST_DELAY;
		return planted ? 0 : generation;
	}

	/**
	 * Generation that rises even if the record expired, was removed or was lost: time
	 * goes on without it, and this instance remembers.
	 */
	long nextGeneration() {
		return Math.max(Math.max(generation(), this.answer.seen()) + 1, this.answer.now());
	}

	boolean dead() {
		return "dead".equals(word(2));
	}

	@Nullable String cause() {
		String cause = word(12);
		return (cause.isEmpty() || "-".equals(cause)) ? null : Failure.printable(cause);
	}

	/**
	 * Read all times.
	 * @param lifetime sealed lifetime of the access token; null if there is none
	 */
	TokenRecord.Timing timing(@Nullable Duration lifetime) {
		long leaseLeft = this.answer.leaseLeft();
		return new TokenRecord.Timing(time(accessEnd(lifetime)), time(number(4)), number(6) != 0, count(7),
				time(number(8)), count(9), (number(10) <= this.answer.now() + LONGEST_DELAY) ? time(number(10)) : null,
				(leaseLeft > 0) ? this.answer.askedAt().plusMillis(leaseLeft) : null, null);
	}

	/**
	 * Whatever is written here, the token ends when its lifetime is over: that is sealed,
	 * and so is the generation, a time of Redis before the token was requested.
	 */
	private long accessEnd(@Nullable Duration lifetime) {
		long stated = number(3);
		if (lifetime == null) {
			return stated;
		}
		Duration bounded = (lifetime.compareTo(RedisMarks.LONGEST_RECORD) < 0) ? lifetime : RedisMarks.LONGEST_RECORD;
		long latest = generation() + bounded.plus(UNTIL_SENT).toMillis();
		return (stated != 0) ? Math.min(stated, latest) : latest;
	}

	private @Nullable Instant time(long millis) {
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
