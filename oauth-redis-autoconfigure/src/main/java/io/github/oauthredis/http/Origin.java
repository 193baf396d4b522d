package io.github.oauthredis.http;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Scheme, host and port in one spelling: lower case, punycode, port always stated.
 * Authorities that two parsers could read differently have none. Immutable.
 *
 * @param scheme {@code http} or {@code https}
 * @param host name or address, IPv6 in brackets
 * @param port port, never the implied one
 */
record Origin(String scheme, String host, int port) {

	private static final Pattern AUTHORITY = Pattern
		.compile("(\\[[0-9a-f:.]+]|[\\p{L}\\p{M}\\p{N}_-]+(?:\\.[\\p{L}\\p{M}\\p{N}_-]+)*\\.?)(?::([0-9]{0,5}))?");

	/**
	 * Read an authority.
	 * @param scheme scheme in any case
	 * @param authority host and perhaps port; user info is not accepted
	 * @return the origin, or null if there is no such origin or more than one reading
	 */
	static @Nullable Origin of(@Nullable String scheme, @Nullable String authority) {
		if (scheme == null || authority == null) {
			return null;
		}
		String lowerScheme = scheme.toLowerCase(Locale.ROOT);
		Matcher matcher = AUTHORITY.matcher(lowerAscii(authority));
		if (!matcher.matches() || !(lowerScheme.equals("https") || lowerScheme.equals("http"))) {
			return null;
		}
		String host = asciiHost(matcher.group(1));
		String port = matcher.group(2);
		if (host == null) {
			return null;
		}
		if (port != null && !port.isEmpty()) {
			return new Origin(lowerScheme, host, Integer.parseInt(port));
		}
		return new Origin(lowerScheme, host, lowerScheme.equals("https") ? 443 : 80);
	}

	/**
	 * Not {@code toLowerCase}: that turns the Kelvin sign into a k, and so one host into
	 * another.
	 */
	private static String lowerAscii(String text) {
		StringBuilder lower = new StringBuilder(text.length());
		text.chars().forEach((c) -> lower.append((char) ((c >= 'A' && c <= 'Z') ? c + 32 : c)));
		return lower.toString();
	}

	/**
	 * An international name counts only if it survives the way to punycode and back: what
	 * the mapping changes ("ß", full-width letters) other resolvers map otherwise, which
	 * makes it another host there.
	 */
	private static @Nullable String asciiHost(String host) {
		if (host.chars().allMatch((c) -> c < 128)) {
			return host;
		}
		try {
			String ascii = IDN.toASCII(host);
			return IDN.toUnicode(ascii).equals(host) ? ascii : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

}
