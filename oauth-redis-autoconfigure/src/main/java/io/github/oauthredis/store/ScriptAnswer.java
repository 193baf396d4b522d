package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;

/**
 * Answer of a script: every script returns the same five values.
 */
final class ScriptAnswer {

	private final List<byte[]> values;

	private final Instant askedAt;

	private final long seen;

	ScriptAnswer(List<byte[]> values, Instant askedAt) {
		this(values, askedAt, 0);
	}

	private ScriptAnswer(List<byte[]> values, Instant askedAt, long seen) {
		this.values = values;
		this.askedAt = askedAt;
		this.seen = seen;
	}

	/**
	 * The same answer to somebody who had seen a generation before asking.
	 */
	ScriptAnswer after(long seen) {
		return new ScriptAnswer(this.values, this.askedAt, seen);
	}

	/**
	 * Generation that had been seen before the question was asked.
	 */
	long seen() {
		return this.seen;
	}

	/**
	 * Word that the script chose.
	 */
	String outcome() {
		return text(0);
	}

	/**
	 * Sealed content; empty if there is none.
	 */
	byte[] sealed() {
		return this.values.get(1);
	}

	/**
	 * Line of words about the record; empty if there is none.
	 */
	String meta() {
		return text(2);
	}

	/**
	 * Time of Redis in milliseconds.
	 */
	long now() {
		return Meta.number(text(3));
	}

	/**
	 * Milliseconds that the lease has left; 0 if there is none.
	 */
	long leaseLeft() {
		return Meta.number(text(4));
	}

	/**
	 * Local time before the script was sent.
	 */
	Instant askedAt() {
		return this.askedAt;
	}

	private String text(int index) {
		return new String(this.values.get(index), StandardCharsets.UTF_8);
	}

}
