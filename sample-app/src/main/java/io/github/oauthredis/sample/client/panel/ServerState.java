package io.github.oauthredis.sample.client.panel;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the authorization server tells about its work.
 *
 * @param requests recent token requests, newest first
 * @param totals number of token requests since its start, by client
 * @param tokens access tokens issued lately, newest first
 * @author OAuth Redis
 */
record ServerState(List<TokenRequest> requests, Map<String, Long> totals, List<IssuedToken> tokens) {

	long total(String client) {
		return this.totals.getOrDefault(client, 0L);
	}

	Optional<IssuedToken> newestToken(String client, String principal) {
		return this.tokens.stream()
			.filter((token) -> token.client().equals(client) && token.principal().equals(principal))
			.findFirst();
	}

	record TokenRequest(long number, Instant received, Instant answered, String client, String grantType, int status) {

	}

	record IssuedToken(String digest, String client, String principal, Instant issuedAt, Instant expiresAt,
			boolean cut) {

	}

}
