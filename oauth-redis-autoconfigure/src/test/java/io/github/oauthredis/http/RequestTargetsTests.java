package io.github.oauthredis.http;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * Tests for {@link RequestTargets}.
 */
class RequestTargetsTests {

	private static final RequestTargets API = new RequestTargets(
			Map.of("api", List.of("https://api.example.com/v1/**")));

	@ParameterizedTest
	@ValueSource(strings = { "https://api.example.com/v1/orders", "https://api.example.com:443/v1/orders",
			"HTTPS://API.Example.COM/v1/orders", "https://api.example.com/v1", "https://api.example.com/v1/a/../b",
			"https://api.example.com/x/../v1/b", "https://api.example.com/x/%2E%2e/v1/b",
			"https://api.example.com/./v1/b?x=/../y#z", "https://api.example.com/../../v1/b",
			"https://api.example.com/v1/projects/group%2Fproject", "https://api.example.com/v1;a=b/orders",
			"https://api.example.com:/v1/orders" })
	void registrationForWhenSameResourceFinds(String uri) {
		assertThat(API.registrationFor(URI.create(uri))).isEqualTo("api");
		assertThat(API.allows("api", URI.create(uri))).isTrue();
	}

	@ParameterizedTest
	@ValueSource(strings = { "http://api.example.com/v1/orders", "http://api.example.com:443/v1/orders",
			"https://api.example.com:8443/v1/orders", "https://api.example.com.evil.com/v1/orders",
			"https://evil.com/v1/orders", "https://evilapi.example.com/v1/orders", "https://api.example.com./v1/orders",
			"https://api.example.com@evil.com/v1/orders", "https://user@api.example.com/v1/orders",
			"https://user:pw@api.example.com/v1/orders", "https://evil.com/https://api.example.com/v1/orders",
			"https://evil.com?https://api.example.com/v1/orders", "https://evil.com#@api.example.com/v1/orders",
			"//api.example.com/v1/orders", "/v1/orders", "https:///v1/orders", "mailto:api@example.com",
			"ftp://api.example.com/v1/orders", "https://ap%69.example.com/v1/orders",
			"https://\uff41pi.example.com/v1/orders", "https://api\u3002example.com/v1/orders",
			"https://api.example.\u212aom/v1/orders", "https://[::1]/v1/orders", "https://api.example.com:x/v1" })
	void registrationForWhenOtherOriginFindsNothing(String uri) {
		assertThat(API.registrationFor(URI.create(uri))).isNull();
		assertThat(API.allows("api", URI.create(uri))).isFalse();
	}

	@ParameterizedTest
	@ValueSource(strings = { "/v2/orders", "/v1/../admin", "/v1/%2e%2e/admin", "/v1/..;/admin", "/v1/..;a=b/admin",
			"/v1/..%2fadmin", "/v1/%2e%2e%2fadmin", "/v1/a%2f..%2f..%2fadmin", "/v1/..%5cadmin", "/v1/%252e%252e/admin",
			"/v1/..%252fadmin", "/v1//../admin", "/v1/..%3b/admin", "/v1/.;/admin", "/v1/a%00/admin", "/V1/orders",
			"/v1x" })
	void registrationForWhenOtherOrAmbiguousPathFindsNothing(String path) {
		URI uri = URI.create("https://api.example.com" + path);

		assertThat(API.registrationFor(uri)).isNull();
		assertThat(API.allows("api", uri)).isTrue();
	}

	@Test
	void registrationForWhenInternationalNameMatchesBothSpellings() {
		RequestTargets targets = new RequestTargets(Map.of("a", List.of("https://b\u00fccher.example")));

		assertThat(targets.registrationFor(URI.create("https://b\u00fccher.example/x"))).isEqualTo("a");
		assertThat(targets.registrationFor(URI.create("https://xn--bcher-kva.example/x"))).isEqualTo("a");
		assertThat(targets.registrationFor(URI.create("https://XN--BCHER-KVA.example/x"))).isEqualTo("a");
		assertThat(targets.registrationFor(URI.create("https://bucher.example/x"))).isNull();
	}

	@Test
	void registrationForWhenMappingOfNameIsDisputedFindsNothing() {
		RequestTargets targets = new RequestTargets(Map.of("a", List.of("https://strasse.example")));

		assertThat(targets.registrationFor(URI.create("https://stra\u00dfe.example/x"))).isNull();
	}

	@Test
	void registrationForWhenSignOnlyLowersToLetterFindsNothing() {
		RequestTargets targets = new RequestTargets(Map.of("a", List.of("https://kiosk.example")));

		assertThat(targets.registrationFor(URI.create("https://KIOSK.example/x"))).isEqualTo("a");
		assertThat(targets.registrationFor(URI.create("https://\u212aiosk.example/x"))).isNull();
		assertThat(targets.allows("a", URI.create("https://\u212aiosk.example/x"))).isFalse();
	}

	@Test
	void registrationForWhenWildcardMatchesOneLabel() {
		RequestTargets targets = new RequestTargets(Map.of("a", List.of("https://*.example.com")));

		assertThat(targets.registrationFor(URI.create("https://x.example.com/"))).isEqualTo("a");
		assertThat(targets.registrationFor(URI.create("https://example.com/"))).isNull();
		assertThat(targets.registrationFor(URI.create("https://.example.com/"))).isNull();
		assertThat(targets.registrationFor(URI.create("https://x.y.example.com/"))).isNull();
		assertThat(targets.registrationFor(URI.create("https://x.example.com.evil.org/"))).isNull();
		assertThat(targets.registrationFor(URI.create("https://evilexample.com/"))).isNull();
	}

	@ParameterizedTest
	@CsvSource({ "https://x.example.com/other, wild", "https://x.example.com/orders/1, wild-orders",
			"https://api.example.com/orders/1, literal", "https://api.example.com/a/b, deep",
			"https://api.example.com/a/c, literal", "https://api.example.com/a/b/c, literal" })
	void registrationForWhenSeveralMatchTakesMostSpecific(String uri, String expected) {
		Map<String, List<String>> uris = new LinkedHashMap<>();
		uris.put("wild", List.of("https://*.example.com"));
		uris.put("wild-orders", List.of("https://*.example.com/orders/**"));
		uris.put("literal", List.of("https://api.example.com"));
		uris.put("deep", List.of("https://api.example.com/a/b"));

		assertThat(new RequestTargets(uris).registrationFor(URI.create(uri))).isEqualTo(expected);
	}

	@Test
	void registrationForWhenNothingConfiguredFindsNothing() {
		RequestTargets targets = new RequestTargets(Map.of("a", List.of()));

		assertThat(targets.registrationFor(URI.create("https://api.example.com"))).isNull();
		assertThat(targets.allows("a", URI.create("https://api.example.com"))).isTrue();
		assertThat(targets.allows("unknown", URI.create("https://api.example.com"))).isTrue();
		assertThat(targets.allows("a", URI.create("https://user@api.example.com"))).isFalse();
	}

	@ParameterizedTest
	@CsvSource({ "/**, /**", "/a/*, /*/b", "/a/{x}, /a/{y}", "/{x}/b, /a/{y}", "/{x}, /{y:a.}", "/a?/c, /?b/c",
			"/a/**, /a/**", "/x{a}y/{c}/, /x{b}y/{d}/", "/{*all}, /{*any}" })
	void constructorWhenTieNamesBoth(String first, String second) {
		Map<String, List<String>> uris = Map.of("one", List.of("https://api.example.com" + first), "two",
				List.of("https://API.example.com:443" + second));

		assertThatExceptionOfType(AmbiguousUriPatternException.class).isThrownBy(() -> new RequestTargets(uris))
			.satisfies((ex) -> {
				assertThat(List.of(ex.getFirstRegistrationId(), ex.getSecondRegistrationId()))
					.containsExactlyInAnyOrder("one", "two");
				assertThat(ex.getMessage()).contains(ex.getFirstPattern(), ex.getSecondPattern(), "'one'", "'two'");
			});
	}

	@ParameterizedTest
	@CsvSource({ "/a/*, /b/*", "/a/{x}, /b/{y}", "/a, /b", "/**, /a/**", "/a/*, /a/b", "/a/{x}/c, /a/{x}/d",
			"/a/*, /a/{x}" })
	void constructorWhenDisjointOrUnequalAccepts(String first, String second) {
		Map<String, List<String>> uris = Map.of("one", List.of("https://api.example.com" + first), "two",
				List.of("https://api.example.com" + second));

		assertThat(new RequestTargets(uris)).isNotNull();
	}

	@Test
	void constructorWhenSameEntryTwiceInOneRegistrationAccepts() {
		assertThat(new RequestTargets(Map.of("one", List.of("https://a.example", "https://a.example:443"))))
			.isNotNull();
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "api.example.com", "//api.example.com", "ftp://api.example.com", "https://",
			"https://user@api.example.com", "https://api.*.com", "https://*", "https://*.", "https://*.[::1]",
			"https://api.example.com:port", "https://api.example.com:999999", "https://api.example.com?x=y",
			"https://api.example.com/a/../b", "https://api.example.com/%61", "https://api.example.com/#x",
			"https://api.example.com/{a", "https://api.example.com/{a}/{a}", "https://stra\u00dfe.example",
			"https://a..b", "https://a b/", "https:/api.example.com" })
	void constructorWhenMalformedNamesRegistrationAndEntry(String entry) {
		assertThatExceptionOfType(InvalidUriPatternException.class)
			.isThrownBy(() -> new RequestTargets(Map.of("one", List.of(entry))))
			.satisfies((ex) -> {
				assertThat(ex.getRegistrationId()).isEqualTo("one");
				assertThat(ex.getPattern()).isEqualTo(entry);
				assertThat(ex.getReason()).isNotEmpty();
				assertThat(ex.getMessage()).contains("'one'").contains("'" + entry + "'");
			});
	}

	@Test
	void registrationForWhenGeneratedNeverLeavesTheOrigin() {
		Random random = new Random(27);
		String[] parts = { "https", "http", "://", "api.example.com", "API.EXAMPLE.COM", "evil.com", "@", ":", "443",
				"8443", "/", "v1", "..", ".", "%2e", "%2f", ";", "?", "#", "%40", "%5c", "user", "xn--pi-0ja",
				"b\u00fc", "\u3002", "*", "//" };
		int found = 0;
		for (int i = 0; i < 200_000; i++) {
			StringBuilder text = new StringBuilder(random.nextBoolean() ? "https://" : "");
			if (random.nextBoolean()) {
				text.append(random.nextBoolean() ? "api.example.com" : "api.example.com/v1/");
			}
			for (int n = random.nextInt(8); n >= 0; n--) {
				text.append(parts[random.nextInt(parts.length)]);
			}
			URI uri = parse(text.toString());
			if (uri == null || API.registrationFor(uri) == null) {
				continue;
			}
			found++;
			assertThat(uri.getScheme()).isEqualToIgnoringCase("https");
			assertThat(uri.getHost()).isEqualToIgnoringCase("api.example.com");
			assertThat(uri.getPort()).isIn(-1, 443);
			assertThat(uri.getUserInfo()).isNull();
			assertThat(uri.normalize().getPath()).matches("(/\\.\\.)*/v1(/.*|;.*)?");
		}
		assertThat(found).isGreaterThan(100);
	}

	@Test
	void registrationForWhenGeneratedRulesHasOneAnswer() {
		Random random = new Random(28);
		String[] segments = { "a", "b", "*", "{x}", "a*", "?", "**", "{y}b" };
		int accepted = 0;
		for (int i = 0; i < 5_000; i++) {
			Map<String, List<String>> uris = new LinkedHashMap<>();
			Map<String, List<String>> reversed = new LinkedHashMap<>();
			for (String id : List.of("one", "two", "three")) {
				uris.put(id, List.of("https://a.example" + path(random, segments)));
			}
			List.of("three", "two", "one").forEach((id) -> reversed.put(renamed(id), uris.get(id)));
			RequestTargets targets;
			RequestTargets renamed;
			try {
				targets = new RequestTargets(uris);
				renamed = new RequestTargets(reversed);
			}
			catch (AmbiguousUriPatternException | InvalidUriPatternException ex) {
				continue;
			}
			accepted++;
			for (int j = 0; j < 30; j++) {
				URI uri = URI.create("https://a.example" + path(random, "a", "b", "ab", "c"));
				String found = targets.registrationFor(uri);
				assertThat(renamed.registrationFor(uri)).as("%s of %s", uri, uris)
					.isEqualTo((found != null) ? renamed(found) : null);
			}
		}
		assertThat(accepted).isGreaterThan(500);
	}

	/** Other names, which sort the other way round. */
	private static String renamed(String id) {
		return Map.of("one", "y", "three", "x", "two", "a").get(id);
	}

	private static String path(Random random, String... segments) {
		StringBuilder path = new StringBuilder();
		for (int n = random.nextInt(3); n >= 0; n--) {
			path.append('/').append(segments[random.nextInt(segments.length)]);
		}
		return path.toString();
	}

	private static URI parse(String text) {
		try {
			return URI.create(text);
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
