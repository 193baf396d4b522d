package io.github.oauthredis.http;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;
import org.springframework.web.util.pattern.PatternParseException;

/**
 * One entry of a registration's {@code uris}. Immutable.
 *
 * @param registrationId id of the registration
 * @param source the entry as configured
 * @param origin where it applies; for a wildcard the host without its first label
 * @param wildcard whether the first label of the host may be any
 * @param path which paths it applies to
 */
record UriRule(String registrationId, String source, Origin origin, boolean wildcard, PathPattern path) {

	/**
	 * Most specific first: a literal host before a wildcard, then by path, then (to be
	 * total) by id and text.
	 */
	static final Comparator<UriRule> ORDER = Comparator.comparing(UriRule::wildcard)
		.thenComparing(UriRule::path, PathPattern.SPECIFICITY_COMPARATOR)
		.thenComparing(UriRule::registrationId)
		.thenComparing(UriRule::source);

	private static final Pattern SYNTAX = Pattern.compile("([A-Za-z]+)://(\\*\\.)?([^/?#]*)(/.*)?");

	private static final Pattern DOT_SEGMENT = Pattern.compile("/\\.\\.?(/|$)");

	static UriRule parse(String registrationId, String source) {
		Matcher matcher = SYNTAX.matcher(source);
		if (!matcher.matches()) {
			throw invalid(registrationId, source, "it must be an origin with an optional path pattern, such as "
					+ "'https://api.example.com' or 'https://*.example.com/orders/**'", null);
		}
		Origin origin = Origin.of(matcher.group(1), matcher.group(3));
		boolean wildcard = matcher.group(2) != null;
		if (origin == null || (wildcard && origin.host().startsWith("["))) {
			throw invalid(registrationId, source,
					"its origin must be 'http' or 'https' with a plain host and an "
							+ "optional port, without user info; '*.' may stand for the first label of a host name",
					null);
		}
		String path = (matcher.group(4) != null) ? matcher.group(4) : "/**";
		if (path.indexOf('%') >= 0 || path.indexOf('#') >= 0 || DOT_SEGMENT.matcher(path).find()) {
			throw invalid(registrationId, source,
					"its path must be written decoded, without dot segments and without fragment", null);
		}
		try {
			return new UriRule(registrationId, source, origin, wildcard, PathPatternParser.defaultInstance.parse(path));
		}
		catch (PatternParseException ex) {
			throw invalid(registrationId, source, "its path is not a valid pattern (" + ex.getMessage() + ")", ex);
		}
	}

	private static InvalidUriPatternException invalid(String registrationId, String source, String reason,
			@Nullable Throwable cause) {
		return new InvalidUriPatternException(registrationId, source, reason, cause);
	}

	boolean matches(RequestUri uri) {
		return includes(uri.origin()) && this.path.matches(uri.path());
	}

	boolean includes(Origin other) {
		if (this.origin.port() != other.port() || !this.origin.scheme().equals(other.scheme())) {
			return false;
		}
		if (!this.wildcard) {
			return this.origin.host().equals(other.host());
		}
		int dot = other.host().indexOf('.');
		return dot > 0 && this.origin.host().equals(other.host().substring(dot + 1));
	}

	/**
	 * Whether no order can tell which of the two a request belongs to.
	 * @param other another entry
	 * @return {@code true} if both are equally specific and may match the same request
	 */
	boolean tiesWith(UriRule other) {
		return !this.registrationId.equals(other.registrationId) && this.wildcard == other.wildcard
				&& this.origin.equals(other.origin)
				&& PathPattern.SPECIFICITY_COMPARATOR.compare(this.path, other.path) == 0
				&& PathOverlap.of(this.path.getPatternString(), other.path.getPatternString());
	}

}
