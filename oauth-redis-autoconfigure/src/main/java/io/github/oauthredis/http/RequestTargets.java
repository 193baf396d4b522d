package io.github.oauthredis.http;

import java.net.URI;
import java.util.Collection;
import java.util.Map;

import org.jspecify.annotations.Nullable;

/**
 * Tells which registration a request belongs to, and where its token may be sent. Pure;
 * immutable.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RequestTargets {

	/**
	 * Parse the settings.
	 * @param uris patterns by registration id
	 */
	public RequestTargets(Map<String, ? extends Collection<String>> uris) {
	}

	/**
	 * Find the registration that a request belongs to.
	 * @param uri absolute URI of the request
	 * @return id of the registration, or null if none has a pattern that matches
	 */
	public @Nullable String registrationFor(URI uri) {
		return null;
	}

	/**
	 * Tell whether a token may be sent.
	 * @param registrationId id of the registration
	 * @param uri absolute URI of the request
	 * @return whether the origin of the request is allowed
	 */
	public boolean allows(String registrationId, URI uri) {
		return false;
	}

}
