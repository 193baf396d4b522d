package io.github.oauthredis.http;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;

/**
 * A request's origin and path, with dot segments removed. A URI whose path servers read
 * differently ({@code ..;}, encoded slashes around dots, double encoding) has none, so
 * that no pattern matches it. Immutable.
 *
 * @param origin where the request goes
 * @param path what it asks for there
 */
record RequestUri(Origin origin, PathContainer path) {

	private static final Pattern AMBIGUOUS = Pattern.compile("(?i)%25(2e|2f|5c)|%[01][0-9a-f]|%7f|\\\\");

	private static final Pattern ENCODED_DOT = Pattern.compile("(?i)%2e");

	private static final Pattern ENCODED_SLASH = Pattern.compile("(?i)%2f|%5c");

	private static final Pattern PARAMETERS = Pattern.compile("(?i)(;|%3b).*");

	/**
	 * Read a URI.
	 * @param uri what a request is sent to
	 * @return its origin and path, or null if it has user info, is not absolute or can be
	 * read in more than one way
	 */
	static @Nullable RequestUri of(URI uri) {
		Origin origin = Origin.of(uri.getScheme(), uri.getRawAuthority());
		String path = (origin != null) ? normalize(uri.getRawPath()) : null;
		return (origin != null && path != null) ? new RequestUri(origin, PathContainer.parsePath(path)) : null;
	}

	private static @Nullable String normalize(@Nullable String path) {
		if (path == null || path.isEmpty()) {
			return "/";
		}
		if (AMBIGUOUS.matcher(path).find()) {
			return null;
		}
		String[] segments = ENCODED_DOT.matcher(path.substring(1)).replaceAll(".").split("/", -1);
		List<String> kept = new ArrayList<>(segments.length);
		boolean dots = false;
		boolean empty = false;
		for (int i = 0; i < segments.length; i++) {
			String segment = segments[i];
			boolean last = i == segments.length - 1;
			if (isDots(segment)) {
				dots = true;
				if (segment.length() == 2 && !kept.isEmpty()) {
					kept.remove(kept.size() - 1);
				}
				if (last) {
					kept.add("");
				}
			}
			else if (hidesDots(segment)) {
				return null;
			}
			else {
				empty |= segment.isEmpty() && !last;
				kept.add(segment);
			}
		}
		// Some servers merge slashes before they remove dot segments, some after.
		return (dots && empty) ? null : "/" + String.join("/", kept);
	}

	private static boolean hidesDots(String segment) {
		for (String part : ENCODED_SLASH.split(segment, -1)) {
			if (isDots(PARAMETERS.matcher(part).replaceFirst(""))) {
				return true;
			}
		}
		return false;
	}

	private static boolean isDots(String segment) {
		return segment.equals(".") || segment.equals("..");
	}

}
