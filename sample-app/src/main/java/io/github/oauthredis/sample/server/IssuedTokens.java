package io.github.oauthredis.sample.server;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The access tokens that the server issued lately and the ends it gave them. Thread-safe.
 *
 * @author OAuth Redis
 */
@Component
class IssuedTokens {

	private static final Duration KEPT = Duration.ofMinutes(2);

	private final Clock clock = Clock.systemUTC();

	private final Map<String, IssuedToken> tokens = new ConcurrentHashMap<>();

	void add(IssuedToken token) {
		Instant oldest = this.clock.instant().minus(KEPT);
		this.tokens.values().removeIf((known) -> known.expiresAt().isBefore(oldest));
		this.tokens.putIfAbsent(token.digest(), token);
	}

	@Nullable IssuedToken find(String digest) {
		return this.tokens.get(digest);
	}

	/**
	 * Let every token of a client and principal end soon.
	 * @param client the client
	 * @param principal the principal
	 * @param remaining how long they live on, unless they end earlier anyway
	 */
	void cut(String client, String principal, Duration remaining) {
		Instant end = this.clock.instant().plus(remaining);
		this.tokens.replaceAll((digest, token) -> (token.client().equals(client) && token.principal().equals(principal))
				? token.cutAt(end) : token);
	}

	List<IssuedToken> newestFirst() {
		return this.tokens.values().stream().sorted(Comparator.comparing(IssuedToken::issuedAt).reversed()).toList();
	}

}
