package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;

/**
 * Goes through all records, and what is known of users, at a bounded rate: seals idle
 * ones with the key that seals now, and removes records that a mark revoked. One instance
 * at a time does so, once a day and soon after another key seals or a mark was raised.
 * Thread-safe.
 *
 * <pre>
 * MGET, SET NX PX, PEXPIRE, DEL              the right to sweep
 * SCAN                                       a page of names, without a script
 * HMGET, PTTL, TIME; MGET, PTTL              each record and its marks
 * HSET sealed; MGET, SET KEEPTTL             seal anew
 * DEL, HSET meta, PEXPIREAT                  remove
 * </pre>
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RecordSweep {

	private static final Duration INTERVAL = Duration.ofDays(1);

	private static final int LARGEST_PAGE = 100;

	private static final Log logger = LogFactory.getLog(RecordSweep.class);

	private final LettuceConnectionFactory connectionFactory;

	private final RedisKeys keys;

	private final Duration timeout;

	private final ScriptRunner scripts;

	private final SealingKeys sealingKeys;

	private final RecordCodec codec;

	private final TokenEvents events;

	private final RevokedRecords revokedRecords;

	private final int page;

	private final Executor executor;

	private final Executor pause;

	// What sealed when it was last found out whether a sweep is due; null at first.
	private volatile @Nullable String sealedBefore;

	private volatile boolean closed;

	// Not null while sweeping.
	private volatile @Nullable Pass running;

	// Whether Redis refused the last sweep.
	private volatile boolean refused;

	/**
	 * Create a sweep. Connects to nothing yet.
	 * @param connectionFactory connections to Redis
	 * @param keyPrefix start of every key
	 * @param timeout deadline of one call
	 * @param sealingKeys keys that seal and open
	 * @param codec stored form of the content
	 * @param events hears how many records were sealed anew or removed
	 * @param revokedRecords hears of each record that is to be removed
	 * @param rate how many keys are looked at per second
	 * @param executor where connecting, or who is asked for keys, blocks a thread
	 * @param clock local clock
	 */
	public RecordSweep(LettuceConnectionFactory connectionFactory, String keyPrefix, Duration timeout,
			SealingKeys sealingKeys, RecordCodec codec, TokenEvents events, RevokedRecords revokedRecords, int rate,
			Executor executor, Clock clock) {
		this.connectionFactory = connectionFactory;
		this.keys = new RedisKeys(keyPrefix);
		this.timeout = timeout;
		this.scripts = ScriptRunner.forSideWork(connectionFactory, timeout, clock);
		this.sealingKeys = sealingKeys;
		this.codec = codec;
		this.events = events;
		this.revokedRecords = revokedRecords;
		this.page = Math.min(rate, LARGEST_PAGE);
		this.executor = executor;
		this.pause = CompletableFuture.delayedExecutor(TimeUnit.SECONDS.toNanos(this.page) / rate,
				TimeUnit.NANOSECONDS);
	}

	/**
	 * Sweep, if a sweep is due and no other instance sweeps.
	 * @return completes at the end: whether this instance has gone through all records
	 */
	public CompletionStage<Boolean> sweepIfDue() {
		String sealing = this.sealingKeys.sealingId();
		Pass pass = new Pass(sealing);
		return pass.ask("begin", !sealing.equals(this.sealedBefore)).thenComposeAsync((outcome) -> {
			if (!"taken".equals(outcome)) {
				this.sealedBefore = sealing;
			}
			return "begun".equals(outcome) ? pass.start() : CompletableFuture.completedFuture(false);
		}, this.executor).whenComplete((whole, ex) -> {
			boolean refused = ScriptRunner.isForbidden(ex);
			if (refused && !this.refused) {
				logger.warn("Redis refuses a sweep; idle records keep their key, and revoked ones stay, until the user "
						+ "of this application has all rights that the README lists", ex);
			}
			this.refused = refused;
			if (ex != null) {
				pass.leave();
			}
		});
	}

	/**
	 * Stop soon, and let another instance start over.
	 */
	public void close() {
		this.closed = true;
		Pass running = this.running;
		if (running != null) {
			running.leave();
		}
	}

	/**
	 * One way through all records.
	 */
	private final class Pass {

		private final String owner = UUID.randomUUID().toString();

		private final String sealing;

		private final SweptRecords records = new SweptRecords(RecordSweep.this.scripts,
				new RedisMarks(RecordSweep.this.scripts, RecordSweep.this.keys, RecordSweep.this.events),
				RecordSweep.this.sealingKeys, RecordSweep.this.codec, RecordSweep.this.revokedRecords,
				RecordSweep.this.events, RecordSweep.this.executor);

		private final CompletableFuture<Boolean> ended = new CompletableFuture<>();

		Pass(String sealing) {
			this.sealing = sealing;
		}

		CompletionStage<String> ask(String phase, boolean changed) {
			// Long enough for a page whose every call takes its whole time.
			long right = RecordSweep.this.timeout.multipliedBy(10).plusSeconds(30).toMillis();
			List<byte[]> arguments = Stream
				.of(phase, this.owner, right, INTERVAL.toMillis(), this.sealing, changed ? 1 : 0)
				.map((argument) -> argument.toString().getBytes(StandardCharsets.UTF_8))
				.toList();
			return RecordSweep.this.scripts.run(RedisScript.SWEEP, RecordSweep.this.keys.sweep(), arguments)
				.thenApply(ScriptAnswer::outcome);
		}

		CompletionStage<Boolean> start() {
			RecordNames names = new RecordNames(RecordSweep.this.connectionFactory, RecordSweep.this.keys.sealed(),
					RecordSweep.this.page);
			RecordSweep.this.running = this;
			step(names);
			return this.ended.whenCompleteAsync((whole, ex) -> {
				RecordSweep.this.running = null;
				names.close();
				report();
			});
		}

		/**
		 * Give the right back. Another sweep is due then.
		 */
		void leave() {
			CompletionStage<String> unused = ask("leave", false);
		}

		private String next(RecordNames names) {
			if (!RecordSweep.this.closed && names.hasNext()) {
				return "go on";
			}
			return (RecordSweep.this.closed || this.records.left.get() != 0) ? "leave" : "end";
		}

		private void step(RecordNames names) {
			ask(next(names), false).thenCompose((outcome) -> {
				if ("going".equals(outcome)) {
					return page(names);
				}
				this.ended.complete("ended".equals(outcome));
				return this.ended;
			}).whenComplete((done, ex) -> {
				if (ex != null) {
					this.ended.completeExceptionally(ex);
				}
				else if (!this.ended.isDone()) {
					RecordSweep.this.pause.execute(() -> step(names));
				}
			});
		}

		private CompletionStage<Boolean> page(RecordNames names) {
			return names.next()
				.toCompletableFuture()
				.thenComposeAsync((page) -> CompletableFuture.allOf(page.stream()
					.map((name) -> sweep(name).toCompletableFuture())
					.toArray(CompletableFuture[]::new)))
				.thenApply((done) -> true)
				// The names, a record, its marks, the outbox and a write.
				.orTimeout(RecordSweep.this.timeout.multipliedBy(5).toMillis(), TimeUnit.MILLISECONDS);
		}

		private CompletionStage<Boolean> sweep(String name) {
			RecordName record = name.startsWith(RecordSweep.this.keys.records()) ? RecordName.of(name) : null;
			RecordName subject = name.startsWith(RecordSweep.this.keys.subjects())
					? RecordName.of(name + RecordName.END) : null;
			return (record != null) ? this.records.sweep(record)
					: (subject != null) ? this.records.sweepSubject(name, subject.registrationId())
							: CompletableFuture.completedFuture(false);
		}

		private void report() {
			long resealed = this.records.resealed.get();
			long revoked = this.records.revoked.get();
			if (resealed + revoked > 0) {
				logger.info(
						("Records were swept: %d sealed anew, %d removed as they were revoked, %d left alone as their "
								+ "key is not known here")
							.formatted(resealed, revoked, this.records.locked.get()));
				tell(TokenEvent.Type.RESEALED, resealed);
				tell(TokenEvent.Type.REVOKED, revoked);
			}
		}

		private void tell(TokenEvent.Type type, long count) {
			if (count > 0) {
				RecordSweep.this.events.publish(new TokenEvent(type, null, null, null, 0, count + " records swept"));
			}
		}

	}

}
