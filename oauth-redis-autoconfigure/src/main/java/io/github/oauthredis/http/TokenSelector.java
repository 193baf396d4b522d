package io.github.oauthredis.http;

import java.net.URI;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.web.ClientAttributes;

import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Decides which token a request gets: none if it has an {@code Authorization} header;
 * else that of the client or registration the caller selected by Spring Security's
 * request attributes; else that of the registration whose {@code uris} match. Pure.
 */
final class TokenSelector {

	/** Set by {@code oauth2AuthorizedClient(client)} of Spring Security's filters. */
	private static final String CLIENT = OAuth2AuthorizedClient.class.getName();

	private final RequestTargets targets;

	TokenSelector(RequestTargets targets) {
		this.targets = targets;
	}

	@Nullable Selection select(URI uri, HttpHeaders headers, Map<String, Object> attributes) {
		if (headers.containsHeader(HttpHeaders.AUTHORIZATION)) {
			return null;
		}
		OAuth2AuthorizedClient client = (OAuth2AuthorizedClient) attributes.get(CLIENT);
		String registrationId = (client != null) ? client.getClientRegistration().getRegistrationId()
				: ClientAttributes.resolveClientRegistrationId(attributes);
		if (registrationId == null) {
			registrationId = this.targets.registrationFor(uri);
			return (registrationId != null) ? new Selection(registrationId, null, attributes) : null;
		}
		if (!this.targets.allows(registrationId, uri)) {
			throw new TokenUnavailableException("origin_not_allowed",
					("Token of registration '%s' may not be sent to %s; the request was not sent. Add the origin to "
							+ "'oauth-redis.clients.%s.uris' if it is meant to be")
						.formatted(registrationId, describe(uri), registrationId),
					registrationId, false, null, null);
		}
		return new Selection(registrationId, client, attributes);
	}

	private static String describe(URI uri) {
		Origin origin = Origin.of(uri.getScheme(), uri.getRawAuthority());
		return (origin != null) ? "%s://%s:%d".formatted(origin.scheme(), origin.host(), origin.port())
				: "a URI without a plain origin";
	}

}
