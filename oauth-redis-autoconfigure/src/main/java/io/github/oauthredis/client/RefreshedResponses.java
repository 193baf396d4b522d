package io.github.oauthredis.client;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;

import io.github.oauthredis.token.TokenKey;

/**
 * Keeps the answer of a refresh until a caller of that record comes by, who tells Spring
 * Security's listeners on its own thread. Holds a bounded number, in memory only, and
 * hands each out once. Thread-safe; without a lock where there is nothing to hand out.
 */
final class RefreshedResponses {

	private final Map<TokenKey, OAuth2AccessTokenResponse> responses = new ConcurrentHashMap<>();

	private final int maximumSize;

	private volatile boolean wanted;

	RefreshedResponses(int maximumSize) {
		this.maximumSize = maximumSize;
	}

	/**
	 * Begin to keep answers, because somebody takes them.
	 */
	void want() {
		this.wanted = true;
	}

	void put(TokenKey key, OAuth2AccessTokenResponse response) {
		if (!this.wanted) {
			return;
		}
		this.responses.put(key, response);
		Iterator<TokenKey> keys = this.responses.keySet().iterator();
		while (this.responses.size() > this.maximumSize && keys.hasNext()) {
			TokenKey any = keys.next();
			if (!any.equals(key)) {
				keys.remove();
			}
		}
	}

	/**
	 * Take the answer that brought an access token.
	 * @param key the record
	 * @param accessToken value of the access token that the caller got
	 * @return the answer, or null if it is not here or has been taken
	 */
	@Nullable OAuth2AccessTokenResponse take(TokenKey key, String accessToken) {
		if (this.responses.isEmpty()) {
			return null;
		}
		OAuth2AccessTokenResponse response = this.responses.get(key);
		boolean matches = response != null && response.getAccessToken().getTokenValue().equals(accessToken);
		return (matches && this.responses.remove(key, response)) ? response : null;
	}

	@Override
	public String toString() {
		// Shows no secret.
		return "RefreshedResponses[size=" + this.responses.size() + "]";
	}

}
