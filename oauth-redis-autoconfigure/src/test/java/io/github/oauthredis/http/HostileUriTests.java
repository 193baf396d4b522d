package io.github.oauthredis.http;

import java.net.IDN;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import org.apache.hc.core5.net.URIAuthority;
import org.eclipse.jetty.http.HttpURI;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.testkit.Hostile;
import io.github.oauthredis.token.TokenUnavailableException;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Hazard 27: the host that a token was meant for is the host that every HTTP client
 * contacts; and what an API says about a token is taken as far as it is well formed.
 */
class HostileUriTests {

	private static final List<String> PARTS = List.of("http", "https", "HTTPS", "ftp", "://", ":/", "//", "/", "\\",
			":", "@", "?", "#", "%", "%2e", "%2F", "%40", "%00", "%5c", ".", "..", "*", ";", "&", "=", "a",
			"api.example.com", "API.Example.COM", "api.example.com.", "evil.com", "evil.com:80", "127.0.0.1", "127.1",
			"2130706433", "0x7f000001", "[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1%25eth0]", "[::ffff:127.0.0.1]",
			"[v1.x]", "[", "]", "localhost", "443", "80", "0443", "65536", "99999", "-1", "user", "user:pw",
			"xn--bcher-kva.example", "b\u00fccher.example", "stra\u00dfe.example", "\u3002", "\uff0e", "\uff41",
			"\u212a", "\u0130", "\u200d", "_a", "-a", "a-", "a..b", " ", "\t", "\n", "\u00a0");

	@Test
	void originIsWhereEveryClientGoes() {
		int[] seen = new int[1];
		Hostile.each(20_000, (hostile) -> {
			URI uri = uri(hostile);
			if (uri == null) {
				return;
			}
			Origin origin = Origin.of(uri.getScheme(), uri.getRawAuthority());
			if (origin == null || origin.port() == 0 || origin.host().length() > 63) {
				// No name has such a label; HttpComponents cannot spell it.
				assertThat(origin != null || RequestUri.of(uri) == null).isTrue();
				return;
			}
			seen[0]++;
			assertThat(uri.getRawUserInfo()).isNull();
			assertThat(origin.scheme()).isIn("http", "https").isEqualToIgnoringCase(uri.getScheme());
			for (Contact contact : contacts(uri)) {
				assertThat(contact.origin(origin.scheme())).as("%s of %s", contact.client(), uri).isEqualTo(origin);
			}
		});
		assertThat(seen[0]).isPositive();
	}

	private static @Nullable URI uri(Hostile hostile) {
		StringBuilder text = new StringBuilder(
				(hostile.number(4) > 0) ? hostile.pick(List.of("https://", "http://")) : "");
		for (int i = 1 + hostile.number(6); i > 0; i--) {
			text.append((hostile.number(20) == 0) ? hostile.text() : hostile.pick(PARTS));
		}
		try {
			return new URI(text.toString());
		}
		catch (URISyntaxException ex) {
			return null;
		}
	}

	private static List<Contact> contacts(URI uri) {
		List<Contact> contacts = new ArrayList<>();
		if (uri.getHost() != null) {
			// The JDK's client and Reactor Netty; without a host both refuse.
			contacts.add(new Contact("URI", uri.getHost(), uri.getPort()));
		}
		try {
			URL url = uri.toURL();
			contacts.add(new Contact("URL", url.getHost(), url.getPort()));
		}
		catch (MalformedURLException | IllegalArgumentException ex) {
			// Nobody is contacted.
		}
		try {
			URIAuthority authority = URIAuthority.create(uri.getRawAuthority());
			contacts.add(new Contact("HttpComponents", authority.getHostName(), authority.getPort()));
		}
		catch (URISyntaxException | IllegalArgumentException ex) {
			// Nobody is contacted.
		}
		try {
			HttpURI jetty = HttpURI.from(uri.toString());
			// Its client takes the standard port for an empty one, which is 0 here.
			contacts.add(new Contact("Jetty", jetty.getHost(), (jetty.getPort() > 0) ? jetty.getPort() : -1));
		}
		catch (IllegalArgumentException ex) {
			// Nobody is contacted.
		}
		return contacts;
	}

	@Test
	void patternsMatchNothingOutsideTheirOrigin() {
		RequestTargets targets = new RequestTargets(Map.of("api",
				List.of("https://api.example.com/v1/**", "https://*.example.com:8443", "http://[::1]:8080/x")));
		Hostile.each(20_000, (hostile) -> {
			URI uri = uri(hostile);
			if (uri == null || targets.registrationFor(uri) == null) {
				return;
			}
			assertThat(targets.allows("api", uri)).isTrue();
			for (Contact contact : contacts(uri)) {
				String host = contact.host().toLowerCase(Locale.ROOT);
				assertThat(
						host.equals("api.example.com") || host.matches("[^.]+\\.example\\.com") || host.contains("::1"))
					.as("%s", uri)
					.isTrue();
			}
		});
	}

	@Test
	void challengeIsReadOrNone() {
		List<String> parts = List.of("Bearer", "bearer ", "Basic", " ", ",", "=", "\"", "\\", "\\\"", "error", "scope",
				"acr_values", "max_age", "insufficient_scope", "insufficient_user_authentication", "invalid_token",
				"error=\"insufficient_scope\"", "error=insufficient_user_authentication", "scope=\"a b\"", "max_age=9",
				"999999999999", "\t", "\r\n", "realm=\"x, Bearer error=y\"", Hostile.CANARY);
		int[] read = new int[1];
		Hostile.each(20_000, (hostile) -> {
			HttpHeaders headers = new HttpHeaders();
			for (int i = hostile.number(4); i > 0; i--) {
				StringBuilder header = new StringBuilder(hostile.maybe() ? "Bearer " : "");
				for (int n = hostile.number(12); n > 0; n--) {
					header.append((hostile.number(10) == 0) ? hostile.text() : hostile.pick(parts));
				}
				headers.add(HttpHeaders.WWW_AUTHENTICATE, header.toString());
			}

			BearerChallenge challenge = BearerChallenge.parse(headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE));
			TokenUnavailableException exception = BearerChallenge.exception(401, headers, "one");

			if (challenge != null) {
				read[0]++;
				assertThat(challenge.error()).matches("[A-Za-z0-9_.-]{1,64}");
				assertThat(challenge.scopes()).allMatch((scope) -> scope.matches("[!-~]{1,256}"));
				assertThat(challenge.acrValues()).allMatch((value) -> value.matches("[!-~]{1,256}"));
				assertThat(challenge.maxAge() == null || challenge.maxAge().compareTo(Duration.ofDays(20_000)) < 0)
					.isTrue();
			}
			if (exception != null) {
				assertThat(exception.toString()).doesNotContain(Hostile.CANARY);
			}
		});
		assertThat(read[0]).isPositive();
	}

	private record Contact(String client, String host, int port) {

		/** As the client understands it, spelled as we do. */
		Origin origin(String scheme) {
			String ascii = this.host.chars().allMatch((c) -> c < 128) ? this.host : IDN.toASCII(this.host);
			int standard = scheme.equals("https") ? 443 : 80;
			boolean bare = ascii.contains(":") && !ascii.startsWith("[");
			return new Origin(scheme, (bare ? "[" + ascii + "]" : ascii).toLowerCase(Locale.ROOT),
					(this.port != -1) ? this.port : standard);
		}

	}

}
