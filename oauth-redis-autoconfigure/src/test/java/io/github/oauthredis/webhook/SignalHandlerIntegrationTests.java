package io.github.oauthredis.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.stream.IntStream;

import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.crypto.KeyRing;
import io.github.oauthredis.crypto.SealingKey;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.store.SignalStore;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.CapturedLogs;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.Subject;
import io.github.oauthredis.webhook.SignalHandler.Endpoint;
import io.github.oauthredis.webhook.SignalRejectedException.Problem;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link SignalHandler} on a real Redis.
 */
class SignalHandlerIntegrationTests {

	private static final String PATH = "/webhook/idp";

	private final RedisServer redis = RedisServer.shared();

	private final LettuceConnectionFactory connections = this.redis.connectionFactory();

	private final MutableClock clock = new MutableClock();

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final List<String> revoked = new CopyOnWriteArrayList<>();

	private final List<String> threads = new CopyOnWriteArrayList<>();

	private final SignalStore store = store();

	private volatile Function<Delivery, Signal> sender = (delivery) -> signal("message", "sub");

	private volatile CompletableFuture<Void> outcome = CompletableFuture.completedFuture(null);

	private final SignalHandler handler = handler();

	@AfterEach
	void close() {
		this.handler.close();
		this.connections.destroy();
	}

	@Test
	void handleWhenBelievedRevokesTheGrantOfThePrincipal() {
		this.store.remember("idp", List.of(new Subject("sub", "sub")), "alice").toCompletableFuture().join();

		assertThat(post().status()).isEqualTo(200);

		assertThat(this.revoked).containsExactly("idp alice revoked");
		assertThat(this.events).containsExactly(
				new TokenEvent(TokenEvent.Type.SIGNAL_RECEIVED, "idp", null, Digests.sha256("alice"), 0, "revoked"));
	}

	@Test
	void handleWhenNobodyOfTheNameLoggedInTakesTheNameItself() {
		post();

		assertThat(this.revoked).containsExactly("idp sub revoked");
	}

	@Test
	void handleWhenItTakesEffectIsOnAThreadOfItsOwn() {
		post();

		assertThat(this.threads).hasSize(1).allMatch((name) -> name.startsWith("oauth-redis-signal-effects-"));
	}

	@Test
	void handleWhenNoThreadIsLeftForTheEffectAsksToComeBack() {
		this.sender = (delivery) -> {
			this.handler.close();
			return signal("message", "sub");
		};

		assertThat(post().status()).isEqualTo(503);
		assertThat(this.revoked).isEmpty();
	}

	@Test
	void handleWhenASessionIsUnknownRevokesNothing() {
		this.sender = (delivery) -> new Signal("revoked", "m", this.clock.instant(), List.of(new Subject("sid", "s")),
				null);

		assertThat(post().status()).isEqualTo(200);

		assertThat(this.revoked).isEmpty();
	}

	@Test
	void handleWhenSeveralAreNamedRevokesEachOnce() {
		this.store.remember("idp", List.of(new Subject("sub", "a"), new Subject("sid", "s")), "alice")
			.toCompletableFuture()
			.join();
		this.sender = (delivery) -> new Signal("revoked", "m", this.clock.instant(),
				List.of(new Subject("sub", "a"), new Subject("sid", "s"), new Subject("sub", "b")), null);

		post();

		assertThat(this.revoked).containsExactlyInAnyOrder("idp alice revoked", "idp b revoked");
	}

	@Test
	void handleWhenRepeatedAcknowledgesWithoutEffect() {
		assertThat(IntStream.range(0, 3).map((i) -> post().status())).containsOnly(200);

		assertThat(this.revoked).hasSize(1);
		this.sender = (delivery) -> signal("another", "sub");
		post();
		assertThat(this.revoked).hasSize(2);
	}

	@Test
	void handleWhenItCannotTakeEffectIsNotTakenForHandled() {
		this.outcome = CompletableFuture.failedFuture(new IllegalStateException("Redis is away"));

		assertThat(post().status()).isEqualTo(503);
		assertThat(post().status()).isEqualTo(503);
		assertThat(this.events).isEmpty();

		// The right of the first one lapses by itself.
		this.redis.keys("*").forEach((key) -> {
			assertThat((Long) this.redis.command("PTTL", key)).isBetween(10_001L, 20_000L);
			this.redis.command("DEL", key);
		});
		this.outcome = CompletableFuture.completedFuture(null);
		assertThat(post().status()).isEqualTo(200);
		assertThat(this.events).hasSize(1);
	}

	@Test
	void handleWhenAnotherOneHandlesItAsksToComeBack() {
		this.outcome = new CompletableFuture<>();
		CompletableFuture<SignalReply> first = request("POST", "");
		Await.until(Duration.ofSeconds(20), () -> !this.revoked.isEmpty());

		SignalReply second = post();

		assertThat(second.status()).isEqualTo(503);
		assertThat(second.headers().getFirst(HttpHeaders.RETRY_AFTER)).isEqualTo("20");
		this.outcome.complete(null);
		assertThat(first.join().status()).isEqualTo(200);
		assertThat(this.revoked).hasSize(1);
	}

	@Test
	void handleWhenNothingIsToBeDoneAnswersAlone() {
		this.sender = (delivery) -> new Signal("", "", this.clock.instant(), List.of(), "{\"challenge\":\"c\"}");

		assertThat(post().body()).isEqualTo("{\"challenge\":\"c\"}");

		assertThat(this.redis.keys("*signal*")).isEmpty();
		assertThat(this.events).isEmpty();
	}

	@Test
	void handleWhenFloodedWithForgeriesTellsOncePerMinuteAndCause() {
		this.sender = (delivery) -> {
			throw new SignalRejectedException(delivery.body().isEmpty() ? Problem.MALFORMED : Problem.SIGNATURE);
		};

		for (int i = 0; i < 100; i++) {
			assertThat(post().status()).isEqualTo(400);
		}
		assertThat(this.events)
			.containsExactly(new TokenEvent(TokenEvent.Type.SIGNAL_REJECTED, "idp", null, null, 0, "malformed"));
		assertThat(send("x").status()).isEqualTo(401);
		assertThat(this.events).hasSize(2);
		this.clock.advance(Duration.ofSeconds(59));
		post();
		assertThat(this.events).hasSize(2);
		this.clock.advance(Duration.ofSeconds(1));
		post();
		assertThat(this.events).hasSize(3);
	}

	@Test
	void handleWhenAllThreadsAreBusyAsksToComeBackAtOnce() {
		Gate gate = new Gate();
		this.sender = (delivery) -> {
			gate.pass();
			return signal(UUID.randomUUID().toString(), "sub");
		};
		List<CompletableFuture<SignalReply>> busy = IntStream.range(0, 16)
			.mapToObj((i) -> request("POST", ""))
			.toList();
		gate.awaitHeld(16);

		CompletableFuture<SignalReply> further = request("POST", "");

		assertThat(further).isDone();
		assertThat(further.join().status()).isEqualTo(503);
		gate.release();
		assertThat(busy).allSatisfy((one) -> assertThat(one.join().status()).isEqualTo(200));
	}

	@Test
	void handleWhenItCannotBeFoundOutNowWarnsOncePerMinuteWithoutTheMessage() {
		this.sender = (delivery) -> {
			throw new IllegalStateException("no keys");
		};
		try (CapturedLogs logs = CapturedLogs.start()) {
			assertThat(send("canary-body").status()).isEqualTo(503);
			assertThat(logs.text()).contains("WARN", "could not take effect", "no keys").doesNotContain("canary");
			logs.clear();

			assertThat(IntStream.range(0, 10).map((i) -> send("canary-body").status())).containsOnly(503);

			assertThat(logs.text()).doesNotContain("could not take effect", "canary");
		}
	}

	@Test
	void handleWhenMethodIsAnotherLooksAtNothing() {
		this.sender = (delivery) -> {
			throw new AssertionError("looked");
		};

		assertThat(request("GET", "").join().status()).isEqualTo(405);
	}

	private SignalReply post() {
		return send("");
	}

	private SignalReply send(String body) {
		return request("POST", body).join();
	}

	private CompletableFuture<SignalReply> request(String method, String body) {
		return this.handler.handle(PATH, method, new HttpHeaders(), body).toCompletableFuture();
	}

	private Signal signal(String id, String sub) {
		return new Signal("revoked", id, this.clock.instant().plusSeconds(60), List.of(new Subject("sub", sub)), null);
	}

	private SignalStore store() {
		this.redis.flushAll();
		KeyRing ring = KeyRing.of(new SealingKey("key", new SecretKeySpec(new byte[32], "AES")));
		return new SignalStore(this.connections, "oauth-redis", Duration.ofSeconds(10),
				(registrationId) -> CompletableFuture.completedFuture(ring), Set.of("idp"), Duration.ofDays(180),
				this.clock);
	}

	private SignalHandler handler() {
		WebhookProvider provider = new WebhookProvider() {

			@Override
			public String name() {
				return "test";
			}

			@Override
			public Signal receive(Delivery delivery, String secret) {
				return SignalHandlerIntegrationTests.this.sender.apply(delivery);
			}

		};
		return new SignalHandler(Map.of(PATH, new Endpoint("idp", new WebhookReceiver(provider, "secret"))), this.store,
				(registrationId, principalName, cause) -> {
					this.threads.add(Thread.currentThread().getName());
					this.revoked.add(registrationId + " " + principalName + " " + cause);
					return this.outcome.thenApply((done) -> null);
				}, this.events::add, this.clock);
	}

}
