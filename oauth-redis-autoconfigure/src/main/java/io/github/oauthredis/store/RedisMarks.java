package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;

/**
 * What is read beside a record, because it concerns many: marks, and the hold-off of its
 * provider. One script reads all of it. Thread-safe.
 * <p>
 * Marks only grow. So where one is lower than this instance has seen, a failover lost it
 * or somebody took it away: the higher one counts, and is put back.
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

	private static final Log logger = LogFactory.getLog(RedisMarks.class);

	// Highest marks seen, by name in Redis.
	private final BoundedMap<String, Long> seen = new BoundedMap<>(10_000);

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final TokenEvents events;

	RedisMarks(ScriptRunner scripts, RedisKeys keys, TokenEvents events) {
		this.scripts = scripts;
		this.keys = keys;
		this.events = events;
	}

	CompletionStage<Reading> read(TokenKey key) {
		return read(this.keys.beside(key), key);
	}

	/**
	 * Read what is beside a record of which only the name is known.
	 */
	CompletionStage<Marks> read(String registrationId, @Nullable String principalName) {
		return read(this.keys.beside(registrationId, principalName), null).thenApply(Reading::marks);
	}

	private CompletionStage<Reading> read(List<String> names, @Nullable TokenKey key) {
		// Before it is asked: answers may overtake each other.
		long[] seen = names.stream().skip(1).mapToLong(this::seen).toArray();
		return this.scripts.run(RedisScript.MARKS, names, List.of()).thenApply((answer) -> {
			long[] marks = SPACE.splitAsStream(answer.meta()).mapToLong(Meta::number).toArray();
			for (int i = 0; i < seen.length; i++) {
				String name = names.get(i + 1);
				if (key != null && marks[i] < seen[i]) {
					putBack(key, name, seen[i]);
				}
				marks[i] = saw(name, marks[i]);
			}
			long held = answer.leaseLeft();
			return new Reading(new Marks(marks[0], marks[1], marks[2]),
					(held > 0) ? answer.askedAt().plusMillis(held) : null);
		});
	}

	CompletionStage<Long> raise(MarkScope scope) {
		String name = this.keys.mark(scope);
		return mark(name, "raise", seen(name) + 1).thenApply((answer) -> saw(name, Meta.number(answer.meta())));
	}

	private void putBack(TokenKey key, String name, long mark) {
		CompletionStage<Void> unused = mark(name, "restore", mark).thenAccept((answer) -> {
			if ("marked".equals(answer.outcome())) {
				logger.warn("A mark that revokes tokens was gone and was put back; noticed with record " + key);
				this.events.publish(TokenEvent.of(TokenEvent.Type.STALE, key, 0, "mark"));
			}
		});
	}

	private CompletionStage<ScriptAnswer> mark(String name, String how, long least) {
		return this.scripts.run(RedisScript.MARK, List.of(name, this.keys.swept()),
				Stream.of(LIFE.toMillis(), how, least)
					.map((word) -> word.toString().getBytes(StandardCharsets.US_ASCII))
					.toList());
	}

	private long seen(String name) {
		Long seen = this.seen.get(name);
		return (seen != null) ? seen : 0;
	}

	private long saw(String name, long mark) {
		long seen = seen(name);
		if (seen < mark) {
			this.seen.update(name, (before) -> (before != null) ? Math.max(before, mark) : mark);
		}
		return Math.max(seen, mark);
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
