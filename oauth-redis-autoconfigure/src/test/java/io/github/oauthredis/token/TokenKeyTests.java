package io.github.oauthredis.token;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TokenKeyTests {

	private static final String[] PARTS = { "", " ", "a", "b", "ab", "1", "1:", ":", "0:", "1:a", "2", ",", "|", "~",
			"{}", "{a}", "\u0000", "\r\n", "\n", "\u00e9", "e\u0301", "\u00c9", "E\u0301", "\ufb01", "fi", "\u017f",
			"s", "\ud800", "\udc00", "\ud83d\ude00", "?", "GRANT", "ISSUED", "null" };

	@Test
	void digestWhenTuplesDifferReturnsDistinctDigests() {
		Random random = new Random(23);
		Map<String, Object> tuplesByDigest = new HashMap<>();

		for (int i = 0; i < 200_000; i++) {
			Map.Entry<Object, TokenKey> generated = random.nextBoolean() ? grant(random) : issued(random);
			Object earlier = tuplesByDigest.putIfAbsent(generated.getValue().digest(), generated.getKey());
			assertThat(earlier == null || earlier.equals(generated.getKey())).isTrue();
		}

		assertThat(tuplesByDigest).hasSizeGreaterThan(100_000);
	}

	@Test
	void digestWhenAnyAttributeOfIssuedTokenDiffersReturnsAnotherDigest() {
		List<TokenKey> keys = List.of(
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("REG", "client", "uri", "type", List.of("s"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "CLIENT", "uri", "type", List.of("s"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "URI", "type", List.of("s"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "TYPE", List.of("s"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("S"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of(), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s", "n"), Map.of("n", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("N", "v"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("n", "V"), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of(), List.of("x")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("n", "v"), List.of("X")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("n", "v"), List.of("x", "")),
				TokenKey.issued("reg", "client", "uri", "type", List.of("s"), Map.of("n", "v"), null));

		assertThat(keys).doesNotHaveDuplicates();
		assertThat(keys).extracting(TokenKey::digest).doesNotHaveDuplicates();
	}

	@Test
	void digestWhenAnyAttributeOfGrantDiffersReturnsAnotherDigest() {
		List<TokenKey> keys = List.of(TokenKey.grant("reg", "client", "uri", "alice"),
				TokenKey.grant("REG", "client", "uri", "alice"), TokenKey.grant("reg", "CLIENT", "uri", "alice"),
				TokenKey.grant("reg", "client", "URI", "alice"), TokenKey.grant("reg", "client", "uri", "ALICE"),
				TokenKey.grant("reg", "clienturi", "", "alice"), TokenKey.grant("reg", "client", "uria", "lice"));

		assertThat(keys).extracting(TokenKey::digest).doesNotHaveDuplicates();
	}

	@Test
	void digestWhenKindsDifferReturnsDistinctDigests() {
		TokenKey grant = new TokenKey(TokenKey.Kind.GRANT, "reg", List.of("a"), null);
		TokenKey issued = new TokenKey(TokenKey.Kind.ISSUED, "reg", List.of("a"), null);

		assertThat(grant.digest()).isNotEqualTo(issued.digest());
		assertThat(grant.isGrant()).isTrue();
		assertThat(issued.isGrant()).isFalse();
	}

	@Test
	void digestWhenPrincipalHasOtherUnicodeFormReturnsAnotherDigest() {
		TokenKey composed = TokenKey.grant("reg", "client", "uri", "Ren\u00e9");
		TokenKey decomposed = TokenKey.grant("reg", "client", "uri", "Rene\u0301");

		assertThat(composed.digest()).isNotEqualTo(decomposed.digest());
	}

	@Test
	void digestWhenSurrogatesAreUnpairedReturnsDistinctDigests() {
		assertThat(List.of("\ud800", "\ud801", "\udc00", "?", "\ufffd"))
			.extracting((name) -> TokenKey.grant("reg", "client", "uri", name).digest())
			.doesNotHaveDuplicates();
	}

	@Test
	void issuedWhenScopesAndParametersArePermutedReturnsEqualKey() {
		Map<String, String> parameters = new LinkedHashMap<>();
		parameters.put("resource", "r");
		parameters.put("audience", "a");
		Map<String, String> permuted = new LinkedHashMap<>();
		permuted.put("audience", "a");
		permuted.put("resource", "r");

		TokenKey one = TokenKey.issued("reg", "client", "uri", "type", List.of("a", "b", "c"), parameters, null);
		TokenKey other = TokenKey.issued("reg", "client", "uri", "type", List.of("c", "a", "b", "a"), permuted, null);

		assertThat(other).isEqualTo(one).hasSameHashCodeAs(one);
		assertThat(other.digest()).isEqualTo(one.digest());
	}

	@Test
	void digestWhenCalledReturnsTheSameInEveryVersion() {
		assertThat(TokenKey.grant("github", "client", "https://example.com/token", "alice").digest())
			.isEqualTo("SaKr2ast30Mz4hBW8E8buzz3T-k374zCvzMJp-tsCAY");
	}

	@Test
	void digestWhenAttributesAreHostileReturnsUrlSafeText() {
		for (String part : PARTS) {
			assertThat(TokenKey.grant(part, part, part, part).digest()).matches("[A-Za-z0-9_-]{43}");
		}
	}

	@Test
	void toStringWhenGrantShowsNoPrincipalName() {
		TokenKey key = TokenKey.grant("github", "client-1", "https://example.com/token", "alice");

		assertThat(key.toString()).startsWith("github~").doesNotContain("alice", "client-1", "example.com");
	}

	@Test
	void toStringWhenIssuedForSubjectShowsNoAttribute() {
		TokenKey key = TokenKey.issued("api", "client-1", "https://example.com/token", "type", List.of("scope-1"),
				Map.of("resource", "secret-resource"), List.of("alice", "digest-1"));

		assertThat(key.toString()).doesNotContain("alice", "digest-1", "scope-1", "secret-resource", "client-1");
	}

	private static Map.Entry<Object, TokenKey> grant(Random random) {
		String[] parts = parts(random, 4);
		return Map.entry(List.of("grant", Arrays.asList(parts)),
				TokenKey.grant(parts[0], parts[1], parts[2], parts[3]));
	}

	private static Map.Entry<Object, TokenKey> issued(Random random) {
		String[] parts = parts(random, 4);
		List<String> scopes = List.of(parts(random, random.nextInt(4)));
		Map<String, String> parameters = new HashMap<>();
		for (int i = random.nextInt(3); i > 0; i--) {
			parameters.put(part(random), part(random));
		}
		List<String> subjects = List.of(parts(random, random.nextInt(3)));
		List<Object> tuple = new ArrayList<>(List.of("issued", Arrays.asList(parts), new TreeSet<>(scopes)));
		tuple.add(new TreeMap<>(parameters));
		tuple.add(subjects);
		return Map.entry(tuple, TokenKey.issued(parts[0], parts[1], parts[2], parts[3], scopes, parameters, subjects));
	}

	private static String[] parts(Random random, int count) {
		String[] parts = new String[count];
		for (int i = 0; i < count; i++) {
			parts[i] = part(random);
		}
		return parts;
	}

	private static String part(Random random) {
		String part = PARTS[random.nextInt(PARTS.length)];
		return random.nextBoolean() ? part : part + PARTS[random.nextInt(PARTS.length)];
	}

}
