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
import java.util.concurrent.atomic.AtomicReference;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.cluster.RedisClusterClient;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.ReactiveRedisConnection;
import org.springframework.data.redis.connection.ReactiveRedisConnectionFactory;
import org.springframework.data.redis.connection.ReturnType;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/**
 * Runs scripts by their digest, by their text where Redis does not know them yet, under
 * one deadline that includes connecting.
 * <p>
 * The connection factory connects on the thread that asks it first, for as long as that
 * takes. So the first connection is made on a thread of its own, one at a time, and only
 * when it stands are connections asked for on the thread of a caller.
 * <p>
 * A connection to a server that froze or vanished may stay open for a quarter of an hour.
 * So when calls in a row time out and none succeeds, the connection is made anew, in the
 * same way; only calls that were sent over the present one count. One answer of a server
 * that became a replica has the same effect. In a cluster each time-out has the map of
 * slots read again: one silent server among others that answer is noticed, too. All this
 * happens at most once a second.
 */
final class ScriptRunner {

	private static final int MAXIMUM_TIMEOUTS = 3;

	private static final Duration FIRST_PAUSE = Duration.ofMillis(10);

	private static final Duration LONGEST_PAUSE = Duration.ofMillis(100);

	private static final Log logger = LogFactory.getLog(ScriptRunner.class);

	private final ReactiveRedisConnectionFactory connectionFactory;

	private final Duration timeout;

	private final Clock clock;

	private final AtomicReference<@Nullable CompletableFuture<Boolean>> connecting = new AtomicReference<>();

	private volatile boolean connected;

	private final AtomicInteger timeouts = new AtomicInteger();

	private final AtomicInteger resets = new AtomicInteger();

	// Whether something was done less than a second ago.
	private final AtomicBoolean resting = new AtomicBoolean();

	ScriptRunner(ReactiveRedisConnectionFactory connectionFactory, Duration timeout, Clock clock) {
		RedisScript.load();
		this.connectionFactory = connectionFactory;
		this.timeout = timeout;
		this.clock = clock;
	}

	CompletionStage<ScriptAnswer> run(RedisScript script, List<String> keys, List<byte[]> arguments) {
		Instant askedAt = this.clock.instant();
		int resets = this.resets.get();
		ByteBuffer[] words = new ByteBuffer[keys.size() + arguments.size()];
		for (int i = 0; i < words.length; i++) {
			words[i] = ByteBuffer.wrap(
					(i < keys.size()) ? keys.get(i).getBytes(StandardCharsets.UTF_8) : arguments.get(i - keys.size()));
		}
		return Flux
			.usingWhen(connection(), (connection) -> evaluate(connection, script, keys.size(), words),
					ReactiveRedisConnection::closeLater)
			.collectList()
			.map((values) -> answer(values, askedAt))
			.timeout(this.timeout)
			.doOnNext((answer) -> this.timeouts.set(0))
			.doOnError((ex) -> failed(ex, resets))
			.onErrorMap((ex) -> new TokenStoreException(
					"Redis did not complete '%s' within %s".formatted(script, this.timeout), ex))
			.toFuture();
	}

	private Flux<Object> evaluate(ReactiveRedisConnection connection, RedisScript script, int keys,
			ByteBuffer[] words) {
		Flux<Object> evaluated = connection.scriptingCommands().evalSha(script.sha(), ReturnType.MULTI, keys, words);
		return evaluated
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

	private void failed(Throwable ex, int resets) {
		boolean misled = isAnswer(ex, "READONLY") || isAnswer(ex, "MASTERDOWN");
		if (!this.connected || resets != this.resets.get() || !(misled || ex instanceof TimeoutException)) {
			return;
		}
		boolean reset = misled || this.timeouts.incrementAndGet() >= MAXIMUM_TIMEOUTS;
		if ((reset || cluster() != null) && this.resting.compareAndSet(false, true)) {
			CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS).execute(() -> this.resting.set(false));
			if (reset) {
				reset(misled);
			}
			else {
				CompletionStage<Void> unused = Objects.requireNonNull(cluster()).refreshPartitionsAsync();
			}
		}
	}

	private void reset(boolean misled) {
		logger.warn(misled ? "Redis is no primary any more; its connection is made anew"
				: "Redis did not answer %d times in a row; its connection is made anew".formatted(MAXIMUM_TIMEOUTS));
		this.timeouts.set(0);
		this.resets.incrementAndGet();
		this.connected = false;
		CompletableFuture<Boolean> unused = connect();
	}

	private void resetConnection() {
		if (this.connectionFactory instanceof LettuceConnectionFactory lettuce) {
			lettuce.resetConnection();
		}
	}

	private @Nullable RedisClusterClient cluster() {
		return (this.connectionFactory instanceof LettuceConnectionFactory lettuce
				&& lettuce.getNativeClient() instanceof RedisClusterClient cluster) ? cluster : null;
	}

	private Mono<ReactiveRedisConnection> connection() {
		Mono<ReactiveRedisConnection> connection = Mono.fromSupplier(this.connectionFactory::getReactiveConnection);
		return this.connected ? connection : Mono.fromFuture(this::connect, true).then(connection);
	}

	private CompletableFuture<Boolean> connect() {
		CompletableFuture<Boolean> created = new CompletableFuture<>();
		CompletableFuture<Boolean> current = this.connecting.compareAndExchange(null, created);
		if (current != null) {
			return current;
		}
		Thread thread = new Thread(() -> {
			try {
				if (this.resets.get() > 0) {
					resetConnection();
				}
				this.connectionFactory.getReactiveConnection().close();
				this.connected = true;
				this.connecting.set(null);
				created.complete(true);
			}
			catch (RuntimeException ex) {
				this.connecting.set(null);
				created.completeExceptionally(ex);
			}
		}, "oauth-redis-connect");
		thread.setDaemon(true);
		thread.start();
		return created;
	}

}
