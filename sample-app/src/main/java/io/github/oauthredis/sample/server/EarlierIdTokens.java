package io.github.oauthredis.sample.server;

import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Remembers which authorization an ID token came from after a refresh replaced that ID
 * token. A session keeps the ID token of its login and presents it at the logout; OpenID
 * Connect asks servers to accept it then. Thread-safe.
 *
 * @author OAuth Redis
 */
@Component
class EarlierIdTokens {

	private static final int CAPACITY = 1000;

	// Guarded by this.
	private final Map<String, String> authorizations = new LinkedHashMap<>() {

		@Override
		protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
			return size() > CAPACITY;
		}

	};

	synchronized void add(String idToken, String authorizationId) {
		this.authorizations.put(idToken, authorizationId);
	}

	synchronized @Nullable String find(String idToken) {
		return this.authorizations.get(idToken);
	}

}
