package io.github.oauthredis.testkit;

import java.util.Map;
import java.util.stream.Collectors;

import tools.jackson.databind.json.JsonMapper;

/**
 * Writes JSON objects whose values are literals, however odd.
 */
final class RawJson {

	private static final JsonMapper MAPPER = JsonMapper.shared();

	private RawJson() {
	}

	static String object(Map<String, String> literals) {
		return literals.entrySet()
			.stream()
			.map((member) -> quote(member.getKey()) + ":" + member.getValue())
			.collect(Collectors.joining(",", "{", "}"));
	}

	static String error(String code) {
		return object(Map.of("error", quote(code)));
	}

	static String quote(String text) {
		return MAPPER.writeValueAsString(text);
	}

}
