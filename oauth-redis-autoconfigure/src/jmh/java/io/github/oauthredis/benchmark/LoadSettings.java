package io.github.oauthredis.benchmark;

import java.time.Duration;

/**
 * One part of the load run.
 *
 * @param peer {@code stock-memory}, {@code stock-redis}, {@code ours} or
 * {@code ours-redis}, which has no near cache
 * @param registrationId whose tokens are asked for
 * @param nodes JVMs
 * @param callers threads of each
 * @param rate calls a second of each thread
 * @param users how many grants there are
 * @param duration how long the part takes
 * @param lifetime lifetime of every access token
 */
record LoadSettings(String peer, String registrationId, int nodes, int callers, int rate, int users, Duration duration,
		Duration lifetime) {

	/** How long before its end a token is renewed, by stock and ours alike. */
	Duration lead() {
		return this.lifetime.dividedBy(5);
	}

	String text() {
		return "%s,%s,%d,%d,%d,%d,%s,%s".formatted(this.peer, this.registrationId, this.nodes, this.callers, this.rate,
				this.users, this.duration, this.lifetime);
	}

	static LoadSettings parse(String text) {
		String[] words = text.split(",", -1);
		return new LoadSettings(words[0], words[1], Integer.parseInt(words[2]), Integer.parseInt(words[3]),
				Integer.parseInt(words[4]), Integer.parseInt(words[5]), Duration.parse(words[6]),
				Duration.parse(words[7]));
	}

}
