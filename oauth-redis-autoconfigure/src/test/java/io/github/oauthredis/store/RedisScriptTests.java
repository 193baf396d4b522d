package io.github.oauthredis.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * House rules for scripts.
 */
class RedisScriptTests {

	private static final Pattern CALL = Pattern.compile("redis\\.p?call\\(([^,)]*)");

	private static final Pattern KEYS = Pattern.compile("KEYS\\[(\\d)]");

	private static final Pattern ARGV = Pattern.compile("ARGV\\[(\\d)]");

	/**
	 * Commands on keys that were passed, and the time, which Redis replicates by its
	 * effects.
	 */
	private static final Set<String> ALLOWED = Set.of("'TIME'", "'TYPE'", "'GET'", "'SET'", "'DEL'", "'HGET'", "'HSET'",
			"'HSTRLEN'", "'EXISTS'", "'PTTL'", "'PEXPIRE'", "'PEXPIREAT'", "'RENAME'", "'MGET'", "'HMGET'", "'PUBLISH'",
			"'HDEL'", "'HLEN'", "'ZADD'", "'ZRANGE'", "'ZREM'");

	@ParameterizedTest
	@EnumSource
	void scriptIsHeadedByKeysArgumentsAndResult(RedisScript script) throws IOException {
		List<String> lines = file(script).lines().toList();
		List<String> head = lines.stream().takeWhile((line) -> line.startsWith("--")).toList();

		assertThat(head.get(0)).matches("-- [A-Z].*\\.");
		String keys = isAboutRecord(script) ? "-- KEYS   1 record, 2 lease" : "-- KEYS   1 ";
		assertThat(head).anyMatch((line) -> line.startsWith(keys)).anyMatch((line) -> line.startsWith("-- result '"));
		if (ARGV.matcher(file(script)).find()) {
			assertThat(head).anyMatch((line) -> line.startsWith("-- ARGV   1 "));
		}
	}

	@ParameterizedTest
	@EnumSource
	void scriptNamesEveryArgumentItUses(RedisScript script) throws IOException {
		String text = file(script);
		String head = String.join(" ", text.lines().takeWhile((line) -> line.startsWith("--")).toList());

		Stream.concat(KEYS.matcher(text).results(), ARGV.matcher(text).results())
			.map((found) -> found.group(1))
			.forEach((number) -> assertThat(head).contains(number + " "));
	}

	@ParameterizedTest
	@EnumSource
	void scriptCallsOnlyWhatCanBeReplicated(RedisScript script) {
		String text = new String(script.text(), StandardCharsets.UTF_8);

		assertThat(CALL.matcher(text).results().map((call) -> call.group(1))).isNotEmpty().allMatch(ALLOWED::contains);
		assertThat(text).doesNotContain("math.random", "os.", "replicate", "loadstring", "cjson");
	}

	@ParameterizedTest
	@EnumSource
	void scriptAnswersInOneFormOnEveryPath(RedisScript script) throws IOException {
		String answer = isAboutRecord(script) ? "return answer\\('[a-z]+', KEYS\\[1], KEYS\\[2]\\)"
				: "return told\\('[a-z]+', .+\\)";
		assertThat(file(script).lines().filter((line) -> line.strip().startsWith("return"))).isNotEmpty()
			.allMatch((line) -> line.strip().matches(answer));
	}

	@ParameterizedTest
	@EnumSource
	void scriptThatWritesARecordMarkOrHoldOffTells(RedisScript script) throws IOException {
		String text = file(script);
		boolean writes = Stream.of("write(", "'RENAME'").anyMatch(text::contains) || script == RedisScript.MARK
				|| script == RedisScript.HOLDOFF;
		boolean tells = Stream.of("write(", "changed(").anyMatch(text::contains);

		assertThat(tells).isEqualTo(writes);
	}

	@Test
	void shaIsTheOneRedisComputes() {
		assertThat(Stream.of(RedisScript.values()).map(RedisScript::sha)).doesNotHaveDuplicates()
			.allMatch((sha) -> sha.matches("[0-9a-f]{40}"));
	}

	private static boolean isAboutRecord(RedisScript script) throws IOException {
		return file(script).contains("-- KEYS   1 record");
	}

	private static String file(RedisScript script) throws IOException {
		String name = script.name().toLowerCase(Locale.ROOT) + ".lua";
		try (InputStream file = RedisScript.class.getResourceAsStream(name)) {
			assertThat(file).as(name).isNotNull();
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

}
