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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;

import io.github.oauthredis.codec.Opened;
import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Tokens;

/**
 * The outbox in Redis: a sorted set of times and a hash of entries, sealed as records
 * are. At most 100,000 entries, each for at most 7 days. Every operation is one script;
 * what was claimed is compared with its record, which is in another slot, by two more:
 *
 * <pre>
 * HLEN, HGET, HSET, ZADD, PEXPIRE            add
 * ZRANGE, HGET, ZADD, ZREM, HDEL             claim
 * ZREM, HDEL, HGET, ZADD, PEXPIRE            settle, release
 * </pre>
 *
 * Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisRevocationOutbox implements RevocationOutbox {

	private static final Pattern DIGEST = Pattern.compile("[A-Za-z0-9_-]{43}");

	private static final Duration SHORTEST_FIRST_DELAY = Duration.ofSeconds(1);

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

	private final LiveRecords records;

	private final int maximumSize;

	// A removal writes the tombstone, or fails to, within this time.
	private final Duration firstDelay;

	private final AtomicBoolean forbidden = new AtomicBoolean();

	private volatile Runnable listener = () -> {
	};

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
		this.records = new LiveRecords(this.scripts, this.keys, codec, events);
		this.maximumSize = maximumSize;
		Duration twice = timeout.multipliedBy(2);
		this.firstDelay = (twice.compareTo(SHORTEST_FIRST_DELAY) > 0) ? twice : SHORTEST_FIRST_DELAY;
	}

	@Override
	public CompletionStage<Added> add(RecordVersion record, Tokens tokens) {
		return add(record, tokens, this.maximumSize).exceptionallyCompose((ex) -> ScriptRunner.isForbidden(ex)
				? CompletableFuture.completedFuture(new Added(null, "not_permitted"))
				: CompletableFuture.failedFuture(ex));
	}

	@Override
	public CompletionStage<Boolean> offer(RecordVersion record, Tokens tokens) {
		return add(record, tokens, this.maximumSize / 2).thenApply((added) -> added.id() != null);
	}

	private CompletionStage<Added> add(RecordVersion record, Tokens tokens, int maximumSize) {
		String id = String.join("~", randomId(), Long.toString(record.generation()), record.digest(),
				URLEncoder.encode(record.registrationId(), StandardCharsets.UTF_8));
		return this.sealingKeys.forRegistration(record.registrationId())
			.thenCompose((ring) -> run(RedisScript.ENQUEUE, id, this.codec.seal(ring, name(id), 0, tokens),
					this.firstDelay.toMillis(), maximumSize, LIFE.toMillis()))
			.thenApply((answer) -> {
				if (answer.leaseLeft() > 0) {
					tell(null, null, "given_up:lost");
				}
				return "added".equals(answer.outcome()) ? new Added(id, null) : new Added(null, "outbox_full");
			});
	}

	@Override
	public CompletionStage<@Nullable Void> release(String id) {
		return settle(id, Duration.ZERO).whenComplete((done, ex) -> this.listener.run());
	}

	@Override
	public void onRelease(Runnable listener) {
		this.listener = listener;
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
		RecordVersion record = record(id);
		if (record == null || age.compareTo(LONGEST_AGE) > 0) {
			return giveUp(id, record, null, "given_up:" + ((record != null) ? "too_old" : "unreadable"));
		}
		return this.sealingKeys.forRegistration(record.registrationId())
			.<@Nullable KeyRing>handle((ring, ex) -> ring)
			.thenCompose((ring) -> (ring != null) ? opened(id, record, sealed, age, ring) : leave(id));
	}

	private CompletionStage<Claim> opened(String id, RecordVersion record, byte[] sealed, Duration age, KeyRing ring) {
		Opened opened = this.codec.open(ring, name(id), 0, sealed);
		if (opened instanceof Opened.Broken) {
			return giveUp(id, record, null, "given_up:unreadable");
		}
		if (!(opened instanceof Opened.Content content)) {
			return leave(id);
		}
		Tokens tokens = content.tokens();
		return this.records.objection(record, tokens, ring).thenCompose((objection) -> {
			if (objection == null) {
				return CompletableFuture.completedFuture(new Claim(new Entry(id, record, tokens, age), Duration.ZERO));
			}
			return objection.equals(LiveRecords.LOCKED) ? leave(id)
					: giveUp(id, record, tokens.principalName(), objection);
		});
	}

	/**
	 * Another instance may know the key or the registration.
	 */
	private CompletionStage<Claim> leave(String id) {
		return settle(id, WITHOUT_KEY).thenApply((done) -> NEXT);
	}

	private CompletionStage<Claim> giveUp(String id, @Nullable RecordVersion record, @Nullable String principalName,
			String why) {
		return settle(id, null).thenApply((done) -> {
			tell(record, principalName, why);
			return NEXT;
		});
	}

	private void tell(@Nullable RecordVersion record, @Nullable String principalName, String why) {
		logger.warn("A provider is not told of a revocation (%s); record '%s'".formatted(why,
				(record != null) ? record.key() : null));
		this.events.publish(new TokenEvent(TokenEvent.Type.REVOCATION_FAILED,
				(record != null) ? record.registrationId() : null, (record != null) ? record.digest() : null,
				(principalName != null) ? Digests.sha256(principalName) : null, 0, why));
	}

	@Override
	public CompletionStage<@Nullable Void> settle(Entry entry, @Nullable Duration again) {
		return settle(entry.id(), again);
	}

	private CompletionStage<@Nullable Void> settle(String id, @Nullable Duration again) {
		Object delay = (again != null) ? Math.min(again.toMillis(), Failure.LONGEST_DELAY.toMillis()) : "-";
		return run(RedisScript.SETTLE, id, delay, LIFE.toMillis()).thenApply((answer) -> null);
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
	private static @Nullable RecordVersion record(String id) {
		String[] parts = id.split("~", 4);
		if (parts.length < 4 || !DIGEST.matcher(parts[2]).matches()) {
			return null;
		}
		try {
			String decoded = URLDecoder.decode(parts[3], StandardCharsets.UTF_8);
			boolean printable = decoded.length() <= 256 && decoded.chars().noneMatch(Character::isISOControl);
			return printable ? new RecordVersion(decoded, parts[2], Meta.number(parts[1])) : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private CompletionStage<ScriptAnswer> run(RedisScript script, Object... arguments) {
		return this.scripts.run(script, this.keys.outbox(), RedisTokenStore.arguments(arguments))
			.whenComplete((answer, ex) -> {
				if (ex != null && ScriptRunner.isForbidden(ex) && this.forbidden.compareAndSet(false, true)) {
					logger.warn("Redis does not permit the outbox, so providers are not told of revocations; give the "
							+ "user +hdel +hget +hlen +hset +pexpire +zadd +zrange +zrem on " + this.keys.outbox());
				}
			});
	}

	private String randomId() {
		byte[] id = new byte[12];
		this.random.nextBytes(id);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
	}

}
