package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Objects;

import io.github.oauthredis.testkit.RedisTarget;
import io.github.oauthredis.token.TokenKey;

/**
 * A record as it lies in Redis, read and edited without the code under test.
 */
final class RawRecord {

	private static final int GENERATION = 0;

	private static final int STATE = 2;

	private static final int ACCESS_END = 3;

	private static final int WRITTEN_AT = 4;

	private static final int ATTEMPTS = 7;

	private static final int ATTEMPTED_AT = 8;

	private static final int FAILURES = 9;

	private static final int NEXT_ATTEMPT = 10;

	private final RedisTarget redis;

	private final String name;

	RawRecord(RedisTarget redis, TokenKey key) {
		this.redis = redis;
		this.name = "oauth-redis:{" + key + "}:";
	}

	boolean leased() {
		return Long.valueOf(1).equals(this.redis.command("EXISTS", this.name + "lease"));
	}

	/**
	 * Take the lease away from its holder, as its lapse does.
	 */
	void lapse() {
		this.redis.command("DEL", this.name + "lease");
	}

	Duration timeToLive() {
		return Duration.ofMillis((Long) Objects.requireNonNull(this.redis.command("PTTL", this.name + "token")));
	}

	long generation() {
		return Long.parseLong(words()[GENERATION]);
	}

	String state() {
		return words()[STATE];
	}

	int attempts() {
		return Integer.parseInt(words()[ATTEMPTS]);
	}

	int failures() {
		return Integer.parseInt(words()[FAILURES]);
	}

	/**
	 * Let the access token end a minute ago.
	 */
	void end() {
		set(ACCESS_END, Math.max(Long.parseLong(words()[WRITTEN_AT]) - 60_000, 1));
	}

	/**
	 * Let the record be older than it is.
	 */
	void age(Duration by) {
		set(WRITTEN_AT, Long.parseLong(words()[WRITTEN_AT]) - by.toMillis());
	}

	/**
	 * Let the back-off be over.
	 */
	void allowNextAttempt() {
		set(NEXT_ATTEMPT, 0);
	}

	/**
	 * Let the attempts be longer ago than they are.
	 */
	void ageAttempts(Duration by) {
		set(ATTEMPTED_AT, Long.parseLong(words()[ATTEMPTED_AT]) - by.toMillis());
	}

	private String[] words() {
		String meta = (String) this.redis.command("HGET", this.name + "token", "meta");
		return Objects.requireNonNull(meta, "no record").split(" ");
	}

	private void set(int word, long value) {
		String[] words = words();
		words[word] = String.valueOf(value);
		this.redis.command("HSET", this.name + "token", "meta", String.join(" ", words));
	}

}
