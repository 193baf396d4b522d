package io.github.oauthredis.http;

import java.net.URI;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Tells which registration a request belongs to, and where its token may be sent. Pure;
 * immutable.
 * <p>
 * An entry is an origin (scheme, host, port if not the default; {@code *.} may stand for
 * exactly one first label of the host) and a {@code PathPattern}, {@code /**} if there is
 * none. Of the entries that match, one with a literal host beats one with a wildcard;
 * among those the more specific path wins, as
 * {@link org.springframework.web.util.pattern.PathPattern#SPECIFICITY_COMPARATOR} says.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RequestTargets {

	private final List<UriRule> rules;

	/**
	 * Parse the settings.
	 * @param uris entries by registration id; a registration without entries may be
	 * absent
	 * @throws InvalidUriPatternException if an entry cannot be parsed
	 * @throws AmbiguousUriPatternException if two registrations have equally specific
	 * entries that can match the same request
	 */
	public RequestTargets(Map<String, ? extends Collection<String>> uris) {
		List<UriRule> parsed = new ArrayList<>();
		uris.forEach((id, entries) -> entries.forEach((entry) -> parsed.add(UriRule.parse(id, entry))));
		parsed.sort(UriRule.ORDER);
		for (UriRule first : parsed) {
			for (UriRule second : parsed) {
				if (first.tiesWith(second)) {
					throw new AmbiguousUriPatternException(first.registrationId(), first.source(),
							second.registrationId(), second.source());
				}
			}
		}
		this.rules = List.copyOf(parsed);
	}

	/**
	 * Find the registration that a request belongs to.
	 * @param uri absolute URI of the request
	 * @return id of the registration, or null if no entry matches, as for a URI with user
	 * info or one that servers read in more than one way
	 */
	public @Nullable String registrationFor(URI uri) {
		RequestUri requestUri = this.rules.isEmpty() ? null : RequestUri.of(uri);
		if (requestUri == null) {
			return null;
		}
		for (UriRule rule : this.rules) {
			if (rule.matches(requestUri)) {
				return rule.registrationId();
			}
		}
		return null;
	}

	/**
	 * Tell whether a token of a registration may be sent with a request: to the origins
	 * of its entries, whatever the path; without entries to any origin, for then the
	 * caller chose both.
	 * @param registrationId id of the registration
	 * @param uri absolute URI of the request
	 * @return {@code true} if it may; never for a URI with user info or without origin
	 */
	public boolean allows(String registrationId, URI uri) {
		Origin origin = Origin.of(uri.getScheme(), uri.getRawAuthority());
		if (origin == null) {
			return false;
		}
		boolean open = true;
		for (UriRule rule : this.rules) {
			if (rule.registrationId().equals(registrationId)) {
				if (rule.includes(origin)) {
					return true;
				}
				open = false;
			}
		}
		return open;
	}

}
