package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.codec.Opened;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.codec.SealedText;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Tokens;

/**
 * Does with one record after the other what a sweep is for, and counts. Every change
 * compares with what was read, inside Redis, so it can undo nobody's write. What does not
 * open, and what fails, is left to its next reader. Thread-safe; never blocks.
 */
final class SweptRecords {

	private static final Log logger = LogFactory.getLog(SweptRecords.class);

	final AtomicLong resealed = new AtomicLong();

	final AtomicLong revoked = new AtomicLong();

	final AtomicLong locked = new AtomicLong();

	// Revoked and still there, or not read as Redis did not answer.
	final AtomicLong left = new AtomicLong();

	private final ScriptRunner scripts;

	private final RedisMarks marks;

	private final SealingKeys sealingKeys;

	private final RecordCodec codec;

	private final RevokedRecords revokedRecords;

	private final TokenEvents events;

	private final Executor executor;

	SweptRecords(ScriptRunner scripts, RedisMarks marks, SealingKeys sealingKeys, RecordCodec codec,
			RevokedRecords revokedRecords, TokenEvents events, Executor executor) {
		this.scripts = scripts;
		this.marks = marks;
		this.sealingKeys = sealingKeys;
		this.codec = codec;
		this.revokedRecords = revokedRecords;
		this.events = events;
		this.executor = executor;
	}

	/**
	 * Seal a record anew or remove it, if need be.
	 * @return whether that was done
	 */
	CompletionStage<Boolean> sweep(RecordName name) {
		// Whoever is asked for keys may block, which no thread of Redis may.
		return this.scripts.run(RedisScript.FIND, name.keys(), List.of())
			.thenComposeAsync((answer) -> (answer.sealed().length != 0) ? sweep(name, answer) : nothing(),
					this.executor)
			.exceptionally(this::leave);
	}

	private CompletionStage<Boolean> sweep(RecordName name, ScriptAnswer answer) {
		long generation = new Meta(answer).generation();
		return this.sealingKeys.forRegistration(name.registrationId()).thenCompose((ring) -> {
			Opened opened = this.codec.open(ring, name.toString(), generation, answer.sealed());
			if (opened instanceof Opened.Content content) {
				return sweep(name, answer.sealed(), generation, ring, content.tokens());
			}
			if (opened instanceof Opened.UnknownKey) {
				this.locked.incrementAndGet();
			}
			return nothing();
		});
	}

	private CompletionStage<Boolean> sweep(RecordName name, byte[] sealed, long generation, KeyRing ring,
			Tokens tokens) {
		return this.marks.read(name.registrationId(), tokens.principalName()).thenComposeAsync((marks) -> {
			if (marks.revoke(tokens.marks())) {
				RecordVersion version = new RecordVersion(name.registrationId(), name.digest(), generation);
				return this.revokedRecords.found(version, tokens).exceptionally((ex) -> {
					logger.debug("A revoked record was held back", ex);
					return false;
				}).thenCompose((mayGo) -> {
					if (mayGo) {
						return remove(name, generation, tokens.principalName());
					}
					this.left.incrementAndGet();
					return nothing();
				});
			}
			if (this.codec.isCurrent(ring, sealed)) {
				return nothing();
			}
			byte[] resealed = this.codec.seal(ring, name.toString(), generation, tokens);
			return this.scripts.run(RedisScript.RESEAL, name.keys(), List.of(number(generation), sealed, resealed))
				.thenApply((answer) -> count(this.resealed, answer, "resealed"));
		}, this.executor);
	}

	/**
	 * Seal anew what is known of a user, if need be.
	 * @return whether that was done
	 */
	CompletionStage<Boolean> sweepSubject(String name, String registrationId) {
		return this.scripts.run(RedisScript.RECALL, List.of(name), List.of())
			.thenComposeAsync((answer) -> this.sealingKeys.forRegistration(registrationId)
				.thenCompose((ring) -> sweepSubject(name, answer.meta(), ring)), this.executor)
			.exceptionally(this::leave);
	}

	private CompletionStage<Boolean> sweepSubject(String name, String value, KeyRing ring) {
		String sealed = value.split(" ", 2)[0];
		String text = SealedText.open(ring, name, sealed);
		if (SealedText.isLocked(ring, sealed)) {
			this.locked.incrementAndGet();
		}
		if (text == null || SealedText.isCurrent(ring, sealed)) {
			return nothing();
		}
		String resealed = SealedText.seal(ring, name, text) + value.substring(sealed.length());
		return this.scripts
			.run(RedisScript.REPLACE, List.of(name),
					List.of(value.getBytes(StandardCharsets.UTF_8), resealed.getBytes(StandardCharsets.UTF_8)))
			.thenApply((answer) -> count(this.resealed, answer, "replaced"));
	}

	private boolean leave(Throwable ex) {
		logger.debug("A record was left to its next reader", ex);
		Throwable cause = (ex instanceof CompletionException) ? ex.getCause() : ex;
		if (cause instanceof TokenStoreException && !ScriptRunner.isAnswer(cause, "")) {
			this.left.incrementAndGet();
		}
		return false;
	}

	private CompletionStage<Boolean> remove(RecordName name, long generation, @Nullable String principalName) {
		return this.scripts
			.run(RedisScript.TOMBSTONE, name.keys(),
					List.of(number(generation), number(RedisTokenStore.TOMBSTONE.toMillis())))
			.thenApply((answer) -> {
				boolean removed = count(this.revoked, answer, "removed");
				if (removed && principalName != null) {
					this.events.grantLost(new GrantLostEvent(name.registrationId(), principalName, "revoked"));
				}
				return removed;
			});
	}

	private static boolean count(AtomicLong counter, ScriptAnswer answer, String outcome) {
		boolean done = outcome.equals(answer.outcome());
		if (done) {
			counter.incrementAndGet();
		}
		return done;
	}

	private static CompletionStage<Boolean> nothing() {
		return CompletableFuture.completedFuture(false);
	}

	private static byte[] number(long number) {
		return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
	}

}
