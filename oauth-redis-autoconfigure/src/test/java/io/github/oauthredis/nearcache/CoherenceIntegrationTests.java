package io.github.oauthredis.nearcache;

import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.store.RedisKeys;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.TcpProxy;
import io.github.oauthredis.testkit.TcpProxy.Direction;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.TokenRecord.Timing;
import io.github.oauthredis.token.Tokens;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever happens to the connections on which Redis tells of changes, nothing is served
 * that was overwritten longer ago than the bound, and afterwards all is as before.
 *
 * @author OAuth Redis
 */
class CoherenceIntegrationTests {

	private static final Duration STALENESS = Duration.ofMillis(1500);

	private static final TokenKey KEY = TokenKey.issued("api", "client", "https://provider/token", "client_credentials",
			List.of(), Map.of(), null);

	private final RedisKeys keys = new RedisKeys("oauth-redis");

	private final NearCache near = new NearCache(100, STALENESS, Duration.ofMinutes(10), this.keys, Clock.systemUTC());

	private final RedisServer redis = RedisServer.start();

	private final TcpProxy proxy = TcpProxy.to(this.redis);

	private final Map<Long, Long> overwrittenAt = new ConcurrentHashMap<>();

	private final List<String> violations = new CopyOnWriteArrayList<>();

	private volatile boolean reading = true;

	private long written;

	private LettuceConnectionFactory connectionFactory;

	private InvalidationSource source;

	@AfterEach
	void close() {
		this.reading = false;
		this.source.close();
		this.connectionFactory.destroy();
		this.proxy.close();
		this.redis.close();
	}

	@ParameterizedTest
	@CsvSource({ "RESP3, cut", "RESP3, lose replies", "RESP3, lose requests", "RESP3, kill clients", "RESP3, restart",
			"RESP2, cut", "RESP2, lose replies", "RESP2, lose requests", "RESP2, kill clients", "RESP2, restart" })
	void faultServesNothingOlderThanTheBoundAndPasses(ProtocolVersion protocol, String fault) {
		start(protocol);
		write();
		awaitServed();
		CompletableFuture<Void> reader = CompletableFuture.runAsync(this::read);

		begin(fault);
		Instant end = Clock.systemUTC().instant().plus(STALENESS.multipliedBy(2));
		while (Clock.systemUTC().instant().isBefore(end)) {
			write();
		}
		this.proxy.passThrough();
		awaitServed();
		write();
		awaitServed();

		this.reading = false;
		reader.join();
		assertThat(this.violations).isEmpty();
	}

	private void start(ProtocolVersion protocol) {
		this.connectionFactory = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(this.proxy.host(), this.proxy.port()),
				this.redis.client().clientOptions(ClientOptions.builder().protocolVersion(protocol).build()).build());
		this.connectionFactory.afterPropertiesSet();
		this.connectionFactory.start();
		this.source = new InvalidationSource(this.connectionFactory, "oauth-redis", Duration.ofSeconds(1),
				Clock.systemUTC(), this.near);
		this.source.start();
	}

	private void begin(String fault) {
		switch (fault) {
			case "cut" -> this.proxy.cut();
			case "lose replies" -> this.proxy.blackHole(Direction.DOWNSTREAM);
			case "lose requests" -> this.proxy.blackHole(Direction.UPSTREAM);
			case "kill clients" -> {
				this.redis.command("CLIENT", "KILL", "TYPE", "normal");
				this.redis.command("CLIENT", "KILL", "TYPE", "pubsub");
			}
			default -> {
				this.redis.kill();
				this.redis.restart();
			}
		}
	}

	private void write() {
		String name = this.keys.token(KEY);
		this.redis.command("SET", name, String.valueOf(this.written + 1));
		this.overwrittenAt.put(this.written, Clock.systemUTC().millis());
		this.redis.command("PUBLISH", "oauth-redis:changed", name);
		this.written++;
	}

	private void read() {
		while (this.reading) {
			long now = Clock.systemUTC().millis();
			NearRecord found = this.near.find(KEY);
			if (found != null) {
				Long overwritten = this.overwrittenAt.get(found.record().generation());
				if (overwritten != null && overwritten < now - STALENESS.toMillis()) {
					this.violations.add("overwritten %d ms ago".formatted(now - overwritten));
				}
			}
			else {
				load();
			}
		}
	}

	private void load() {
		CompletableFuture<TokenRecord> answer = new CompletableFuture<>();
		this.near.load(KEY, () -> answer);
		try {
			Object version = this.redis.command("GET", this.keys.token(KEY));
			answer.complete(record((version != null) ? Long.parseLong(version.toString()) : 0));
		}
		catch (UncheckedIOException ex) {
			answer.completeExceptionally(ex);
		}
	}

	private static TokenRecord record(long generation) {
		State state = (generation != 0) ? State.LIVE : State.ABSENT;
		Tokens tokens = (generation != 0) ? new Tokens("token", "Bearer", null, Set.of(), Set.of(), null, Instant.EPOCH,
				null, null, null, null, null, false, Marks.NONE) : null;
		return new TokenRecord(state, generation, generation + 1, tokens, null, Timing.NONE, Marks.NONE);
	}

	/**
	 * Wait until the present version is served without a question.
	 */
	private void awaitServed() {
		Await.until("a record in memory", Heard.BOUND, () -> {
			NearRecord found = this.near.find(KEY);
			if (found == null) {
				load();
			}
			return found != null && found.record().generation() == this.written;
		});
	}

}
