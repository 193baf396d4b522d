package io.github.oauthredis.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.codec.Opened;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Tokens;

/**
 * Looks whether there is a live record where tokens were taken away. Some providers end
 * all grants of a user with any one token of them, so what is live protects what is not.
 * Thread-safe; never blocks.
 */
final class LiveRecords {

	/**
	 * The removal failed, and the record is used.
	 */
	static final String KEPT = "record_kept";

	/**
	 * Another login or renewal came after.
	 */
	static final String SUPERSEDED = "superseded";

	/**
	 * The record is sealed with a key that this instance does not know.
	 */
	static final String LOCKED = "locked";

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final RedisMarks marks;

	private final RecordCodec codec;

	LiveRecords(ScriptRunner scripts, RedisKeys keys, RecordCodec codec, TokenEvents events) {
		this.scripts = scripts;
		this.keys = keys;
		this.marks = new RedisMarks(scripts, keys, events);
		this.codec = codec;
	}

	/**
	 * Find out what speaks against revoking tokens at the provider.
	 * @param held the record that held them
	 * @param tokens the tokens
	 * @param ring keys of the registration
	 * @return what, or null if nothing does
	 */
	CompletionStage<@Nullable String> objection(RecordVersion held, Tokens tokens, KeyRing ring) {
		if (tokens.principalName() == null) {
			// Nobody granted it, so nothing else depends on it.
			return none();
		}
		return this.scripts.run(RedisScript.FIND, this.keys.all(held), List.of())
			.thenCompose((answer) -> objection(held, answer, ring))
			.exceptionallyCompose((ex) -> ScriptRunner.isAnswer(ex, "WRONGTYPE") ? none()
					: CompletableFuture.<@Nullable String>failedFuture(ex));
	}

	private CompletionStage<@Nullable String> objection(RecordVersion held, ScriptAnswer answer, KeyRing ring) {
		Meta meta = new Meta(answer);
		if (answer.sealed().length == 0 || meta.dead()) {
			return none();
		}
		Opened opened = this.codec.open(ring, held.key(), meta.generation(), answer.sealed());
		if (opened instanceof Opened.UnknownKey) {
			return CompletableFuture.<@Nullable String>completedFuture(LOCKED);
		}
		if (!(opened instanceof Opened.Content content)) {
			return none();
		}
		Tokens present = content.tokens();
		String objection = (meta.generation() == held.generation()) ? KEPT : SUPERSEDED;
		return this.marks.read(held.registrationId(), present.principalName())
			.thenApply((marks) -> marks.revoke(present.marks()) ? null : objection);
	}

	private static CompletionStage<@Nullable String> none() {
		return CompletableFuture.<@Nullable String>completedFuture(null);
	}

}
