package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * What is read beside a record, because it concerns many: marks, and the hold-off of its
 * provider. One script reads all of it. Thread-safe.
 */
final class RedisMarks {

	/**
	 * No record is kept longer, whatever a server stated.
	 */
	static final Duration LONGEST_RECORD = Duration.ofDays(3_660);

	/**
	 * A mark outlives every record that it kills, and what was received before and is
	 * stored late.
	 */
	static final Duration LIFE = LONGEST_RECORD.plusDays(365);

	private static final Pattern SPACE = Pattern.compile(" ");

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	RedisMarks(ScriptRunner scripts, RedisKeys keys) {
		this.scripts = scripts;
		this.keys = keys;
	}

	CompletionStage<Reading> read(TokenKey key) {
		return read(this.keys.beside(key));
	}

	/**
	 * Read what is beside a record of which only the name is known.
	 */
	CompletionStage<Marks> read(String registrationId, @Nullable String principalName) {
		return read(this.keys.beside(registrationId, principalName)).thenApply(Reading::marks);
	}

	private CompletionStage<Reading> read(List<String> beside) {
		return this.scripts.run(RedisScript.MARKS, beside, List.of()).thenApply((answer) -> {
			long held = answer.leaseLeft();
			return new Reading(marks(answer.meta()), (held > 0) ? answer.askedAt().plusMillis(held) : null);
		});
	}

	CompletionStage<Long> raise(MarkScope scope) {
		return this.scripts
			.run(RedisScript.MARK, List.of(this.keys.mark(scope), this.keys.swept()),
					List.of(Long.toString(LIFE.toMillis()).getBytes(StandardCharsets.US_ASCII)))
			.thenApply((answer) -> Meta.number(answer.meta()));
	}

	private static Marks marks(String words) {
		long[] marks = SPACE.splitAsStream(words).mapToLong(Meta::number).toArray();
		return new Marks(marks[0], marks[1], marks[2]);
	}

	/**
	 * What is current.
	 *
	 * @param marks the marks
	 * @param heldUntil before when nobody sends token requests to the provider; null if
	 * any time
	 */
	record Reading(Marks marks, @Nullable Instant heldUntil) {

		TokenRecord check(TokenRecord record) {
			return record.checked(this.marks, this.heldUntil);
		}

	}

}
