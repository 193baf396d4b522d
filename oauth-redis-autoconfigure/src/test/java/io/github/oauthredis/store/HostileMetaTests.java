package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import io.github.oauthredis.testkit.Hostile;
import io.github.oauthredis.token.TokenRecord.Timing;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 24: whatever words lie beside the content, each is what it should be or none.
 */
class HostileMetaTests {

	private static final Instant ASKED_AT = Instant.parse("2026-01-01T00:00:00Z");

	private static final List<String> WORDS = List.of("0", "1", "-", "ok", "dead", "gone", "-1", "1767225600000",
			"999999999999999", "1000000000000000", "0x7", "1e9", "9".repeat(500), "writer");

	@Test
	void wordsAreReadOrNone() {
		Hostile.each(20_000, (hostile) -> {
			long now = hostile.maybe() ? ASKED_AT.toEpochMilli() : 0;
			boolean filled = hostile.maybe();
			byte[] sealed = filled ? new byte[1] : new byte[0];
			ScriptAnswer answer = new ScriptAnswer(List.of(bytes("found"), sealed, hostile.damaged(line(hostile)),
					hostile.maybe() ? bytes(Long.toString(now)) : bytes(hostile.text()), bytes(hostile.pick(WORDS))),
					ASKED_AT);
			Meta meta = new Meta(answer);
			Duration lifetime = hostile.pick(List.of(Duration.ZERO, Duration.ofHours(1),
					Duration.ofSeconds(Long.MAX_VALUE), Duration.ofSeconds(-1)));

			Timing timing = meta.timing(hostile.maybe() ? lifetime : null);
			Timing bounded = meta.timing(Duration.ofHours(1));

			assertThat(meta.nextGeneration()).isGreaterThan(meta.generation());
			assertThat(filled || meta.generation() <= answer.now() + Duration.ofDays(1).toMillis()).isTrue();
			assertThat(timing.attempts()).isBetween(0, 1_000_000);
			assertThat(timing.failures()).isBetween(0, 1_000_000);
			assertThat(isWithin(timing.nextAttemptAt(), Duration.ofDays(1))).isTrue();
			assertThat(bounded.expiresAt()).isNotNull();
			assertThat(
					isWithin(bounded.expiresAt(), Duration.ofMillis(meta.generation() - answer.now()).plusMinutes(61)))
				.isTrue();
			String cause = meta.cause();
			assertThat(cause == null || cause.matches("[A-Za-z0-9_.-]{1,64}")).isTrue();
		});
	}

	private static boolean isWithin(@Nullable Instant time, Duration ahead) {
		return time == null || !time.isAfter(ASKED_AT.plus(ahead));
	}

	private static String line(Hostile hostile) {
		List<String> words = new ArrayList<>();
		for (int i = hostile.number(16); i > 0; i--) {
			words.add((hostile.number(4) == 0) ? hostile.text() : hostile.pick(WORDS));
		}
		return String.join(" ", words);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
