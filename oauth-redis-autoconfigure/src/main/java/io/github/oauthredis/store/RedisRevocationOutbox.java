package io.github.oauthredis.store;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

import io.github.oauthredis.codec.Opened;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Tokens;

/**
 * The outbox in Redis: a sorted set of times and a hash of entries, sealed as records
 * are. At most 100,000 entries, each for at most 7 days. Every operation is one script:
 *
 * <pre>
 * HLEN, HGET, HSET, ZADD, PEXPIRE            add
 * ZRANGE, HGET, ZADD, ZREM, HDEL             claim
 * ZREM, HDEL, HGET, ZADD, PEXPIRE            settle
 * </pre>
 *
 * Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisRevocationOutbox implements RevocationOutbox {

	/**
	 * A removal writes the tombstone within this time, so that nobody finds a stored
	 * token revoked.
	 */
	private static final Duration FIRST_DELAY = Duration.ofSeconds(1);

	private static final Duration LONGEST_AGE = Duration.ofDays(7);

	private static final Duration LIFE = LONGEST_AGE.plusDays(1);

	private static final Duration WITHOUT_KEY = Duration.ofMinutes(5);

	private static final Claim NEXT = new Claim(null, Duration.ZERO);

	private static final Log logger = LogFactory.getLog(RedisRevocationOutbox.class);

	private final SecureRandom random = new SecureRandom();

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final SealingKeys sealingKeys;

	private final RecordCodec codec;

	private final TokenEvents events;

	private final int maximumSize;

	/**
	 * Create an outbox.
	 * @param connectionFactory connections to Redis
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one call, connecting included
	 * @param sealingKeys keys that seal and open
	 * @param codec stored form of the content
	 * @param events hears of entries that are given up
	 * @param clock local clock
	 */
	public RedisRevocationOutbox(ReactiveRedisConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			SealingKeys sealingKeys, RecordCodec codec, TokenEvents events, Clock clock) {
		this(connectionFactory, keyPrefix, timeout, sealingKeys, codec, events, clock, 100_000);
	}

	RedisRevocationOutbox(ReactiveRedisConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			SealingKeys sealingKeys, RecordCodec codec, TokenEvents events, Clock clock, int maximumSize) {
		this.scripts = ScriptRunner.forSideWork(connectionFactory, timeout, clock);
		this.keys = new RedisKeys(keyPrefix);
		this.sealingKeys = sealingKeys;
		this.codec = codec;
		this.events = events;
		this.maximumSize = maximumSize;
	}

	@Override
	public CompletionStage<Boolean> add(String registrationId, Tokens tokens) {
		return add(registrationId, tokens, this.maximumSize);
	}

	@Override
	public CompletionStage<Boolean> offer(String registrationId, Tokens tokens) {
		return add(registrationId, tokens, this.maximumSize / 2);
	}

	private CompletionStage<Boolean> add(String registrationId, Tokens tokens, int maximumSize) {
		String id = randomId() + "~" + URLEncoder.encode(registrationId, StandardCharsets.UTF_8);
		return this.sealingKeys.forRegistration(registrationId)
			.thenCompose((ring) -> run(RedisScript.ENQUEUE, id, this.codec.seal(ring, name(id), 0, tokens),
					FIRST_DELAY.toMillis(), maximumSize, LIFE.toMillis()))
			.thenApply((answer) -> "added".equals(answer.outcome()));
	}

	@Override
	public CompletionStage<Claim> claim(Duration hidden) {
		return run(RedisScript.CLAIM, hidden.toMillis()).thenCompose((answer) -> {
			Duration time = Duration.ofMillis(answer.leaseLeft());
			if ("claimed".equals(answer.outcome())) {
				return claimed(answer.meta(), answer.sealed(), time);
			}
			return CompletableFuture.completedFuture(new Claim(null, time.isZero() ? Failure.LONGEST_DELAY : time));
		});
	}

	private CompletionStage<Claim> claimed(String id, byte[] sealed, Duration age) {
		String registrationId = registrationId(id);
		if (registrationId == null || age.compareTo(LONGEST_AGE) > 0) {
			return giveUp(id, registrationId, "given_up:" + ((registrationId != null) ? "too_old" : "unreadable"));
		}
		return this.sealingKeys.forRegistration(registrationId)
			.handle((ring, ex) -> (ex != null) ? new Opened.UnknownKey("none")
					: this.codec.open(ring, name(id), 0, sealed))
			.thenCompose((opened) -> {
				if (opened instanceof Opened.Content content) {
					return CompletableFuture.completedFuture(
							new Claim(new Entry(id, registrationId, content.tokens(), age), Duration.ZERO));
				}
				if (opened instanceof Opened.Broken) {
					return giveUp(id, registrationId, "given_up:unreadable");
				}
				// Another instance may know the key or the registration.
				return settle(id, WITHOUT_KEY).thenApply((done) -> NEXT);
			});
	}

	private CompletionStage<Claim> giveUp(String id, @Nullable String registrationId, String why) {
		logger.warn("A provider is not told of a revocation (%s); registration '%s'".formatted(why, registrationId));
		return settle(id, null).thenApply((done) -> {
			publish(registrationId, why);
			return NEXT;
		});
	}

	@Override
	public CompletionStage<@Nullable Void> settle(Entry entry, @Nullable Duration again) {
		return settle(entry.id(), again);
	}

	private CompletionStage<@Nullable Void> settle(String id, @Nullable Duration again) {
		Object delay = (again != null) ? Math.min(again.toMillis(), Failure.LONGEST_DELAY.toMillis()) : "-";
		return run(RedisScript.SETTLE, id, delay, LIFE.toMillis()).thenApply((answer) -> null);
	}

	private void publish(@Nullable String registrationId, String detail) {
		this.events.publish(new TokenEvent(TokenEvent.Type.REVOCATION_FAILED, registrationId, null, null, 0, detail));
	}

	/**
	 * What an entry is sealed for: no record has this generation, so none can be passed
	 * off as an entry.
	 */
	private static String name(String id) {
		return "outbox:" + id;
	}

	/**
	 * Anybody who can write to Redis may have made the id up, and it ends up in logs.
	 */
	private static @Nullable String registrationId(String id) {
		try {
			String decoded = URLDecoder.decode(id.substring(id.indexOf('~') + 1), StandardCharsets.UTF_8);
			boolean printable = decoded.length() <= 256 && decoded.chars().noneMatch(Character::isISOControl);
			return printable ? decoded : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private CompletionStage<ScriptAnswer> run(RedisScript script, Object... arguments) {
		return this.scripts.run(script, this.keys.outbox(), RedisTokenStore.arguments(arguments));
	}

	private String randomId() {
		byte[] id = new byte[12];
		this.random.nextBytes(id);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
	}

}
