package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

/**
 * Token records in Redis. Each operation is one script, {@code EVALSHA} with keys of one
 * slot, so that it is atomic and goes to the upstream node; {@code find} is two, sent
 * together:
 *
 * <pre>
 * HMGET, PTTL, TIME                          find
 * MGET, PTTL, TIME                           find, marks
 * SET NX PX, HSET meta, PEXPIREAT            acquire
 * HSET sealed meta, PEXPIREAT, DEL lease     commit, put
 * DEL lease, HSET meta                       fail, release
 * HSET meta                                  invalidateIf
 * DEL, HSET meta, PEXPIREAT                  tombstone
 * MGET, TIME, SET PX                         mark, admit
 * PTTL, MGET, SET PX                         giveBack
 * PTTL, SET PX                               holdOff
 * MGET, SET NX PX                            probe
 * PSETEX, WAIT                               replicated, without a script
 * </pre>
 *
 * What writes a record, a mark or a hold-off also publishes the name of the key on
 * channel {@code <prefix>:changed}, where the user may publish.
 * <p>
 * Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisTokenStore implements TokenStore {

	private static final Duration RELEASE_PAUSE = Duration.ofMillis(200);

	private static final int RELEASE_TRIES = 3;

	private final SecureRandom random = new SecureRandom();

	private final ScriptRunner scripts;

	private final RedisKeys keys;

	private final SealingKeys sealingKeys;

	private final RecordCodec codec;

	private final RecordOpener opener;

	private final RedisMarks marks;

	private final RedisProviders providers;

	private final Clock clock;

	// Null where nobody waits.
	private final @Nullable ReplicaWait replicas;

	/**
	 * Create a store.
	 * @param connectionFactory connections to Redis
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one call, connecting included
	 * @param sealingKeys keys that seal and open
	 * @param codec stored form of the content
	 * @param events hears of records that were set aside, refused or not replicated
	 * @param clock local clock
	 * @param waitReplicas how many replicas are waited for; 0 for none, more only if
	 * {@link OwnConnections#canConnectFurther()}
	 */
	public RedisTokenStore(ReactiveRedisConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			SealingKeys sealingKeys, RecordCodec codec, TokenEvents events, Clock clock, int waitReplicas) {
		this.scripts = new ScriptRunner(connectionFactory, timeout, clock);
		this.keys = new RedisKeys(keyPrefix);
		this.sealingKeys = sealingKeys;
		this.codec = codec;
		this.opener = new RecordOpener(this.scripts, this.keys, sealingKeys, codec, events);
		this.marks = new RedisMarks(this.scripts, this.keys, events);
		this.providers = new RedisProviders(this.scripts, this.keys);
		this.clock = clock;
		this.replicas = (waitReplicas != 0) ? new ReplicaWait((LettuceConnectionFactory) connectionFactory, this.keys,
				waitReplicas, timeout, events) : null;
	}

	@Override
	public CompletionStage<TokenRecord> find(TokenKey key) {
		CompletionStage<ScriptAnswer> found = run(RedisScript.FIND, key);
		// Sent before the first one is answered, so that both share one way.
		CompletionStage<RedisMarks.Reading> beside = this.marks.read(key);
		return found.thenCompose((answer) -> this.opener.open(key, answer))
			.thenCombine(beside, (record, reading) -> reading.check(record));
	}

	@Override
	public CompletionStage<Acquisition> acquire(TokenKey key, TokenRecord basedOn, Duration lease) {
		if (basedOn.state() == State.LOCKED) {
			return CompletableFuture.completedFuture(new Acquisition.Changed(basedOn));
		}
		String owner = randomId();
		// Without a key nothing could be stored, so nothing must be sent.
		return this.sealingKeys.forRegistration(key.registrationId())
			.thenCompose((ring) -> acquire(key, basedOn, lease, owner));
	}

	private CompletionStage<Acquisition> acquire(TokenKey key, TokenRecord basedOn, Duration lease, String owner) {
		CompletionStage<ScriptAnswer> acquired = run(RedisScript.ACQUIRE, key, owner, lease.toMillis(),
				basedOn.generation(), basedOn.timing().attempts(), (basedOn.state() == State.DEAD) ? 1 : 0);
		return acquired.whenComplete((answer, ex) -> {
			if (ex != null) {
				// It may have happened all the same; then nobody would know the owner.
				giveBack(key, owner, basedOn.generation(), RELEASE_TRIES);
			}
		}).thenCompose((answer) -> switch (answer.outcome()) {
			case "acquired" -> CompletableFuture.completedFuture(new Acquisition.Acquired(new Lease(owner,
					basedOn.generation(), new Meta(answer).nextGeneration(), answer.askedAt().plus(lease))));
			case "held" ->
				CompletableFuture.completedFuture(new Acquisition.Held(Duration.ofMillis(answer.leaseLeft())));
			default -> this.opener.open(key, answer).thenApply(Acquisition.Changed::new);
		});
	}

	/**
	 * Release what may have been acquired. A connection that breaks often takes the next
	 * command with it, too.
	 */
	private void giveBack(TokenKey key, String owner, long generation, int tries) {
		run(RedisScript.RELEASE, key, owner, generation).whenComplete((answer, ex) -> {
			if (ex != null && tries > 1) {
				CompletableFuture.delayedExecutor(RELEASE_PAUSE.toMillis(), TimeUnit.MILLISECONDS)
					.execute(() -> giveBack(key, owner, generation, tries - 1));
			}
		});
	}

	@Override
	public CompletionStage<Written> commit(TokenKey key, Lease lease, Tokens tokens, Life life) {
		return write(key, lease.owner(), lease.baseGeneration(), lease.nextGeneration(), tokens, life);
	}

	@Override
	public CompletionStage<Written> put(TokenKey key, TokenRecord basedOn, Tokens tokens, Life life) {
		if (basedOn.state() == State.LOCKED) {
			return CompletableFuture.completedFuture(new Written(false, basedOn));
		}
		return write(key, randomId(), basedOn.generation(), basedOn.nextGeneration(), tokens, life);
	}

	private CompletionStage<Written> write(TokenKey key, String writer, long expected, long generation, Tokens tokens,
			Life life) {
		return this.sealingKeys.forRegistration(key.registrationId()).thenCompose((ring) -> {
			byte[] sealed = this.codec.seal(ring, key.toString(), generation, tokens);
			Instant now = this.clock.instant();
			Object ends = (life.expiresAt() != null) ? millis(now, life.expiresAt()) : "-";
			long keep = Math.max(millis(now, life.keepUntil()), 1);
			return run(RedisScript.COMMIT, key, writer, expected, generation, sealed, ends, keep,
					tokens.accessTokenDigest());
		})
			.thenCompose((answer) -> this.opener.open(key, answer)
				.thenApply((record) -> new Written("stored".equals(answer.outcome()), record)));
	}

	/**
	 * Time until then, at most about ten years: a record must not outlive the marks that
	 * kill it, nor end beyond what Redis and scripts can count.
	 */
	private static long millis(Instant now, Instant then) {
		Duration longest = RedisMarks.LONGEST_RECORD;
		return then.isBefore(now.plus(longest)) ? Duration.between(now, then).toMillis() : longest.toMillis();
	}

	@Override
	public CompletionStage<@Nullable Void> replicated(TokenKey key, long generation) {
		return (this.replicas != null) ? this.replicas.replicated(key, generation)
				: CompletableFuture.<@Nullable Void>completedFuture(null);
	}

	@Override
	public CompletionStage<Boolean> fail(TokenKey key, Lease lease, Failure failure) {
		return run(RedisScript.FAIL, key, lease.owner(), lease.baseGeneration(), failure.kind().name(), failure.cause(),
				failure.delay().toMillis())
			.thenApply((answer) -> "noted".equals(answer.outcome()));
	}

	@Override
	public CompletionStage<Boolean> invalidateIf(TokenKey key, String digest, Duration minAge) {
		return this.sealingKeys.forRegistration(key.registrationId()).thenCompose((ring) -> {
			List<Object> arguments = new ArrayList<>(List.of(digest, minAge.toMillis()));
			arguments.addAll(this.codec.beginnings(ring));
			return run(RedisScript.INVALIDATE, key, arguments.toArray());
		}).thenApply((answer) -> "refused".equals(answer.outcome()));
	}

	@Override
	public CompletionStage<@Nullable Void> release(TokenKey key, Lease lease) {
		return run(RedisScript.RELEASE, key, lease.owner(), lease.baseGeneration()).thenApply((answer) -> null);
	}

	@Override
	public CompletionStage<Boolean> tombstone(TokenKey key, TokenRecord basedOn) {
		if (basedOn.state() == State.LOCKED) {
			return CompletableFuture.completedFuture(false);
		}
		return run(RedisScript.TOMBSTONE, key, basedOn.generation(), TOMBSTONE.toMillis()).thenApply((answer) -> {
			boolean removed = "removed".equals(answer.outcome());
			if (removed && basedOn.tokens() != null) {
				this.opener.removed(key, basedOn.generation());
			}
			return removed;
		});
	}

	@Override
	public CompletionStage<Marks> marks(TokenKey key) {
		return this.marks.read(key).thenApply(RedisMarks.Reading::marks);
	}

	@Override
	public CompletionStage<Long> mark(MarkScope scope) {
		return this.marks.raise(scope);
	}

	@Override
	public CompletionStage<@Nullable Void> holdOff(TokenKey key, Duration time) {
		return this.providers.holdOff(key, time);
	}

	@Override
	public CompletionStage<Admission> admit(TokenKey key, Budget budget, boolean background) {
		return this.providers.admit(key, budget, background);
	}

	@Override
	public CompletionStage<@Nullable Void> giveBack(TokenKey key, Budget budget) {
		return this.providers.giveBack(key, budget);
	}

	@Override
	public CompletionStage<Boolean> probe(TokenKey key, String owner, Duration time) {
		return this.providers.probe(key, owner, time);
	}

	private CompletionStage<ScriptAnswer> run(RedisScript script, TokenKey key, Object... arguments) {
		long seen = this.opener.seen(key);
		List<byte[]> words = arguments(arguments);
		return this.scripts.run(script, this.keys.all(key), words)
			.exceptionallyCompose((ex) -> ScriptRunner.isAnswer(ex, "WRONGTYPE")
					? this.opener.setAsideAliens(key)
						.thenCompose((done) -> this.scripts.run(script, this.keys.all(key), words))
					: CompletableFuture.failedFuture(ex))
			.thenApply((answer) -> answer.after(seen));
	}

	static List<byte[]> arguments(Object... arguments) {
		return Arrays.stream(arguments)
			.map((argument) -> (argument instanceof byte[] bytes) ? bytes
					: argument.toString().getBytes(StandardCharsets.UTF_8))
			.toList();
	}

	private String randomId() {
		byte[] id = new byte[12];
		this.random.nextBytes(id);
		return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
	}

}
