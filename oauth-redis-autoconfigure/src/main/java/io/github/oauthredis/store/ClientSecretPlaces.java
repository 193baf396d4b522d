package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

/**
 * Shares through Redis which client secret of a registration its provider accepted last:
 * its place in the list, and nothing that is made from the secret. Thread-safe; never
 * blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class ClientSecretPlaces {

	private static final Duration LIFE = Duration.ofDays(30);

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	/**
	 * Create places. Connects to nothing yet.
	 * @param connectionFactory connections to Redis
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one call
	 * @param clock local clock
	 */
	public ClientSecretPlaces(ReactiveRedisConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			Clock clock) {
		this.scripts = ScriptRunner.forSideWork(connectionFactory, timeout, clock);
		this.keys = new RedisKeys(keyPrefix);
	}

	/**
	 * Find what was noted last.
	 * @param registrationId id of the client registration
	 * @return the place, or null if none is noted
	 */
	public CompletionStage<@Nullable Integer> find(String registrationId) {
		return run(registrationId, "-")
			.thenApply((answer) -> answer.meta().isEmpty() ? null : (int) Math.min(Meta.number(answer.meta()), 1_000));
	}

	/**
	 * Note a place for thirty days.
	 * @param registrationId id of the client registration
	 * @param place the place
	 * @return completes when it is noted
	 */
	public CompletionStage<@Nullable Void> note(String registrationId, int place) {
		return run(registrationId, Integer.toString(place)).thenApply((answer) -> null);
	}

	private CompletionStage<ScriptAnswer> run(String registrationId, String place) {
		List<byte[]> arguments = Stream.of(place, Long.toString(LIFE.toMillis()))
			.map((argument) -> argument.getBytes(StandardCharsets.UTF_8))
			.toList();
		return this.scripts.run(RedisScript.SECRET, List.of(this.keys.secret(registrationId)), arguments);
	}

}
