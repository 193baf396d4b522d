package io.github.oauthredis.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.RedisClusterClient;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;
import reactor.core.publisher.Flux;
import reactor.util.retry.Retry;

/**
 * Runs scripts by their digest, by their text where Redis does not know them yet, under
 * one deadline that includes connecting. Thread-safe; never blocks.
 * <p>
 * A connection to a server that froze or vanished may stay open for a quarter of an hour.
 * So when calls in a row time out and none succeeds, the connection is made anew; only
 * calls that were sent over the present one count. One answer of a server that became a
 * replica has the same effect, and where a connection itself fails a call, the factory is
 * asked whether it has another by now. In a cluster each time-out has the map of slots
 * read again: one silent server among others that answer is noticed, too. All this
 * happens at most once a second.
 */
final class ScriptRunner {

	private static final int MAXIMUM_TIMEOUTS = 3;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

	private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

	private static final Log logger = LogFactory.getLog(ScriptRunner.class);

	private final HeldConnection connection;

	private final Duration timeout;

	private final Clock clock;

	private final boolean sideWork;

	private final AtomicInteger timeouts = new AtomicInteger();

	// Whether something was done less than a second ago.
	private final AtomicBoolean resting = new AtomicBoolean();

	ScriptRunner(ReactiveRedisConnectionFactory connectionFactory, Duration timeout, Clock clock) {
		this(connectionFactory, timeout, clock, false);
	}

	private ScriptRunner(ReactiveRedisConnectionFactory connectionFactory, Duration timeout, Clock clock,
			boolean sideWork) {
		RedisScript.load();
		this.connection = new HeldConnection(connectionFactory);
		this.timeout = timeout;
		this.clock = clock;
		this.sideWork = sideWork;
	}

	/**
	 * Create one for what is not about the record of a caller.
	 */
	static ScriptRunner forSideWork(ReactiveRedisConnectionFactory connectionFactory, Duration timeout, Clock clock) {
		return new ScriptRunner(connectionFactory, timeout, clock, true);
	}

	CompletionStage<ScriptAnswer> run(RedisScript script, List<String> keys, List<byte[]> arguments) {
		Instant askedAt = this.clock.instant();
		ByteBuffer[] words = new ByteBuffer[keys.size() + arguments.size()];
		for (int i = 0; i < words.length; i++) {
			words[i] = ByteBuffer.wrap(
					(i < keys.size()) ? keys.get(i).getBytes(StandardCharsets.UTF_8) : arguments.get(i - keys.size()));
		}
		CompletableFuture<ScriptAnswer> answered = new CompletableFuture<>();
		CompletionStage<ReactiveRedisConnection> connected = this.connection.get();
		connected.whenComplete((connection, ex) -> {
			if (ex != null) {
				answered.completeExceptionally(ex);
			}
			else if (!answered.isDone()) {
				send(connection, script, keys.size(), words, askedAt, answered);
			}
		});
		// The thread that ends waits is one for the whole JVM.
		return answered.orTimeout(this.timeout.toMillis(), TimeUnit.MILLISECONDS)
			.exceptionallyComposeAsync((ex) -> CompletableFuture.failedFuture(new TokenStoreException(
					"Redis did not complete '%s' within %s".formatted(script, this.timeout), ex)));
	}

	private void send(ReactiveRedisConnection connection, RedisScript script, int keys, ByteBuffer[] words,
			Instant askedAt, CompletableFuture<ScriptAnswer> answered) {
		CompletableFuture<ScriptAnswer> sent = evaluate(connection, script, keys, words).collectList()
			.map((values) -> answer(values, askedAt))
			.toFuture();
		CompletionStage<ScriptAnswer> unusedReply = sent.whenComplete((answer, ex) -> {
			if (ex == null) {
				this.timeouts.set(0);
				answered.complete(answer);
			}
			else {
				answered.completeExceptionally(ex);
			}
		});
		CompletionStage<ScriptAnswer> unusedEnd = answered.whenComplete((answer, ex) -> {
			if (ex != null) {
				sent.cancel(false);
				CompletableFuture<Void> unused = CompletableFuture.runAsync(() -> failed(ex, connection));
			}
		});
	}

	private static Flux<Object> evaluate(ReactiveRedisConnection connection, RedisScript script, int keys,
			ByteBuffer[] words) {
		return connection.scriptingCommands()
			.evalSha(script.sha(), ReturnType.MULTI, keys, words)
			.onErrorResume((ex) -> isAnswer(ex, "NOSCRIPT"),
					(ex) -> connection.scriptingCommands()
						.eval(ByteBuffer.wrap(script.text()), ReturnType.MULTI, keys, words))
			// A slot on its way, and only one of the keys has arrived.
			.retryWhen(Retry.backoff(Long.MAX_VALUE, FIRST_PAUSE)
				.maxBackoff(LONGEST_PAUSE)
				.filter((ex) -> isAnswer(ex, "TRYAGAIN")));
	}

	/**
	 * Whether Redis answered with an error of a kind. Older versions put words of their
	 * own before an error that arose inside a script.
	 */
	static boolean isAnswer(@Nullable Throwable ex, String error) {
		for (Throwable cause = ex; cause != null; cause = cause.getCause()) {
			if (cause instanceof RedisCommandExecutionException && cause.getMessage() != null
					&& cause.getMessage().contains(error)) {
				return true;
			}
		}
		return false;
	}

	/**
	 * Whether the user lacks a right. What a script is not permitted is said in other
	 * words by each version of Redis.
	 */
	static boolean isForbidden(@Nullable Throwable ex) {
		return isAnswer(ex, "NOPERM") || isAnswer(ex, "can't run this command") || isAnswer(ex, "ACL failure");
	}

	private static ScriptAnswer answer(List<Object> answer, Instant askedAt) {
		List<?> values = (answer.size() == 1 && answer.get(0) instanceof List<?> nested) ? nested : answer;
		return new ScriptAnswer(values.stream().map(ScriptRunner::bytes).toList(), askedAt);
	}

	private static byte[] bytes(Object value) {
		ByteBuffer buffer = ((ByteBuffer) value).duplicate();
		byte[] bytes = new byte[buffer.remaining()];
		buffer.get(bytes);
		return bytes;
	}

	private void failed(Throwable ex, ReactiveRedisConnection connection) {
		boolean timedOut = ex instanceof TimeoutException;
		boolean misled = isAnswer(ex, "READONLY") || isAnswer(ex, "MASTERDOWN");
		if (!this.connection.isHeld(connection) || (isAnswer(ex, "") && !misled)) {
			return;
		}
		RedisClusterClient cluster = this.connection.cluster();
		boolean silent = timedOut && this.timeouts.incrementAndGet() >= MAXIMUM_TIMEOUTS
				&& !(this.sideWork && cluster != null);
		boolean once = timedOut && !silent;
		if ((once && cluster == null) || !this.resting.compareAndSet(false, true)) {
			return;
		}
		CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> this.resting.set(false));
		if (once) {
			CompletionStage<Void> unused = Objects.requireNonNull(cluster).refreshPartitionsAsync();
			return;
		}
		if (misled || silent) {
			logger.warn(misled ? "Redis is no primary any more; its connection is made anew"
					: "Redis did not answer %d times in a row; its connection is made anew"
						.formatted(MAXIMUM_TIMEOUTS));
		}
		this.timeouts.set(0);
		this.connection.renew(connection, misled || silent);
	}

}
