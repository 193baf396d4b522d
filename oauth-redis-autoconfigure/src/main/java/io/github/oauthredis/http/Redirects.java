package io.github.oauthredis.http;

import java.net.URI;
import java.util.Set;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;

/**
 * Decides which redirects a request with a token follows: GET and HEAD, to the same
 * origin. Pure.
 */
final class Redirects {

	/** More hops than this are not followed; the redirect is then the answer. */
	static final int MAX_HOPS = 5;

	private static final Set<Integer> STATUSES = Set.of(301, 302, 303, 307, 308);

	private Redirects() {
	}

	/**
	 * Find the next hop.
	 * @param method method of the request
	 * @param from where the answer came from
	 * @param status status of the answer
	 * @param location its {@code Location} header; null if it has none
	 * @return where to send the request next, or null if this answer is the last
	 */
	static @Nullable URI next(HttpMethod method, URI from, int status, @Nullable String location) {
		boolean safe = method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
		Origin origin = Origin.of(from.getScheme(), from.getRawAuthority());
		if (!safe || location == null || origin == null || !STATUSES.contains(status)) {
			return null;
		}
		try {
			URI target = resolve(from, location);
			return origin.equals(Origin.of(target.getScheme(), target.getRawAuthority())) ? target : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	/**
	 * As RFC 3986 says; {@link URI#resolve} alone drops the last segment for a bare query
	 * and glues a relative path to the host if the base has no path.
	 */
	private static URI resolve(URI base, String location) {
		String path = (base.getRawPath() == null || base.getRawPath().isEmpty()) ? "/" : base.getRawPath();
		URI start = URI.create(base.getScheme() + "://" + base.getRawAuthority() + path);
		return location.startsWith("?") ? URI.create(start + location) : start.resolve(location);
	}

}
