package io.github.oauthredis.revocation;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import javax.crypto.spec.SecretKeySpec;

import org.springframework.data.redis.connection.RedisStandaloneConfiguration;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.codec.RecordCodec;
import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RedisRevocationOutbox;
import io.github.oauthredis.testkit.NodeConsole;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.Tokens;

/**
 * An instance in a JVM of its own that puts a token into the outbox, says so, takes it
 * out, says so, and never gets to send it.
 */
public final class SenderNode {

	static final TokenKey KEY = TokenKey.grant("github", "client", "https://provider/token", "alice");

	private SenderNode() {
	}

	public static void main(String[] args) {
		LettuceConnectionFactory connections = new LettuceConnectionFactory(
				new RedisStandaloneConfiguration(args[0], Integer.parseInt(args[1])));
		connections.afterPropertiesSet();
		connections.start();
		TokenEvents nobody = (event) -> {
		};
		RedisRevocationOutbox outbox = outbox(connections, nobody);
		String id = outbox.add(RecordVersion.of(KEY, 1), tokens("token")).toCompletableFuture().join().id();
		outbox.release(Objects.requireNonNull(id)).toCompletableFuture().join();
		NodeConsole.say("added");
		CompletableFuture<RevocationAnswer> never = new CompletableFuture<>();
		new RevocationSender(outbox, (registrationId, tokens) -> {
			NodeConsole.say("sending");
			return never.join();
		}, nobody, Clock.systemUTC(), Duration.ofSeconds(3), Duration.ofMillis(20)).start();
		NodeConsole.readLine();
	}

	static RedisRevocationOutbox outbox(LettuceConnectionFactory connections, TokenEvents events) {
		KeyRing ring = KeyRing.of(new SealingKey("one", new SecretKeySpec(new byte[32], "AES")));
		return new RedisRevocationOutbox(connections, "oauth-redis", Duration.ofSeconds(10),
				(registrationId) -> CompletableFuture.completedFuture(ring), new RecordCodec(), events,
				Clock.systemUTC());
	}

	static Tokens tokens(String accessToken) {
		Instant now = Instant.now();
		return new Tokens(accessToken, "Bearer", "refresh", Set.of(), Set.of(), "alice", now, null, now, null, null,
				null, true, Marks.NONE);
	}

}
