package io.github.oauthredis.codec;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.Rotation;
import io.github.oauthredis.token.Tokens;

/**
 * Tokens as odd as they can be, the same for the same seed.
 */
final class RandomTokens {

	private static final String[] ODD = { "", " ", "\u0000", "\n\r\t", "\"\\/", "{}[]:,", "\u00e9", "e\u0301",
			"\u7b7e\u540d", "\ud83d\ude00", "\ud800", "\udc00", "\udc00\ud800", "\uffff", "\u2028", "null", "\\u0041" };

	private static final Instant[] EDGES = { Instant.MIN, Instant.MAX, Instant.EPOCH, Instant.EPOCH.minusNanos(1),
			Instant.parse("2026-01-01T00:00:00.123456789Z") };

	private static final Duration[] LENGTHS = { Duration.ZERO, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
			Duration.ofSeconds(Long.MIN_VALUE), Duration.ofNanos(-1), Duration.ofHours(1) };

	private final Random random;

	RandomTokens(long seed) {
		this.random = new Random(seed);
	}

	Tokens next() {
		Set<String> scopes = strings();
		return new Tokens(string(), this.random.nextBoolean() ? "Bearer" : string(), maybe(this::string), scopes,
				this.random.nextBoolean() ? scopes : strings(), maybe(this::string), instant(), maybe(this::instant),
				maybe(this::instant), maybe(this::duration), maybe(this::duration), maybe(this::string),
				this.random.nextBoolean(), maybeMarks(), lineage());
	}

	byte[] bytes(int maxLength) {
		byte[] bytes = new byte[this.random.nextInt(maxLength + 1)];
		this.random.nextBytes(bytes);
		return bytes;
	}

	private String string() {
		StringBuilder string = new StringBuilder();
		for (int i = this.random.nextInt(6); i > 0; i--) {
			string.append(this.random.nextBoolean() ? ODD[this.random.nextInt(ODD.length)]
					: String.valueOf((char) this.random.nextInt(0x10000)));
		}
		return string.toString();
	}

	private Set<String> strings() {
		Set<String> strings = new HashSet<>();
		for (int i = this.random.nextInt(4); i > 0; i--) {
			strings.add(string());
		}
		return strings;
	}

	private Instant instant() {
		return this.random.nextBoolean() ? EDGES[this.random.nextInt(EDGES.length)]
				: Instant.ofEpochSecond(this.random.nextInt(), this.random.nextInt(1_000_000_000));
	}

	private Duration duration() {
		return this.random.nextBoolean() ? LENGTHS[this.random.nextInt(LENGTHS.length)]
				: Duration.ofSeconds(this.random.nextInt(), this.random.nextInt());
	}

	private Marks maybeMarks() {
		return switch (this.random.nextInt(4)) {
			case 0 -> new Marks(0, 0, 1 + this.random.nextInt(9));
			case 1 -> new Marks(this.random.nextInt(3), this.random.nextInt(3), 0);
			case 2 -> new Marks(Long.MAX_VALUE, 0, 1_750_000_000_000L);
			default -> Marks.NONE;
		};
	}

	private List<Rotation> lineage() {
		return Stream.generate(() -> Rotation.of(string(), instant())).limit(this.random.nextInt(6)).toList();
	}

	private <T> @Nullable T maybe(Supplier<T> supplier) {
		return this.random.nextBoolean() ? supplier.get() : null;
	}

}
