package io.github.oauthredis.sample.server;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import org.springframework.stereotype.Component;

/**
 * Remembers the most recent token requests and counts all of them by client. Thread-safe.
 *
 * @author OAuth Redis
 */
@Component
class TokenRequestLog {

	private static final int CAPACITY = 40;

	private final Clock clock = Clock.systemUTC();

	// Both guarded by this.
	private final Deque<TokenRequest> recent = new ArrayDeque<>();

	private final Map<String, Long> totals = new TreeMap<>();

	Instant now() {
		return this.clock.instant();
	}

	synchronized void add(Instant received, String client, String grantType, int status) {
		long number = this.totals.values().stream().mapToLong(Long::longValue).sum() + 1;
		this.totals.merge(client, 1L, Long::sum);
		this.recent.addFirst(new TokenRequest(number, received, now(), client, grantType, status));
		if (this.recent.size() > CAPACITY) {
			this.recent.removeLast();
		}
	}

	synchronized List<TokenRequest> recent() {
		return List.copyOf(this.recent);
	}

	synchronized Map<String, Long> totals() {
		return Map.copyOf(this.totals);
	}

}
