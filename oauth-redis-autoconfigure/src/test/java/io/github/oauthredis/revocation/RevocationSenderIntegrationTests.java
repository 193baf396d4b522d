package io.github.oauthredis.revocation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.redis.connection.lettuce.LettuceConnectionFactory;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.revocation.RevocationAnswer.Outcome;
import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.MutableClock;
import io.github.oauthredis.testkit.Node;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.token.Digests;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Senders that empty an outbox on a real Redis.
 */
class RevocationSenderIntegrationTests {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private static final Duration HIDDEN = Duration.ofMinutes(1);

	private static final String TIMES = "oauth-redis:outbox:{ob}:times";

	private final RedisServer redis = RedisServer.shared();

	private final LettuceConnectionFactory connections = this.redis.connectionFactory();

	private final List<TokenEvent> events = new CopyOnWriteArrayList<>();

	private final MutableClock clock = new MutableClock(Instant.now());

	private final RevocationOutbox outbox = SenderNode.outbox(this.connections, this.events::add);

	private final List<RevocationSender> senders = new ArrayList<>();

	private final List<String> sent = new CopyOnWriteArrayList<>();

	@BeforeEach
	void flush() {
		this.redis.flushAll();
	}

	@AfterEach
	void close() {
		this.senders.forEach(RevocationSender::close);
		this.connections.destroy();
	}

	private void start(RevocationEndpoint endpoint) {
		start(endpoint, HIDDEN);
	}

	private void start(RevocationEndpoint endpoint, Duration hidden) {
		RevocationSender sender = new RevocationSender(this.outbox, endpoint, this.events::add, this.clock, hidden,
				Duration.ofMillis(20));
		this.senders.add(sender);
		sender.start();
	}

	private RevocationEndpoint answering(RevocationAnswer answer) {
		return (registrationId, tokens) -> {
			this.sent.add(tokens.accessToken());
			return answer;
		};
	}

	private void add(String registrationId, String accessToken) {
		assertThat(addAs(registrationId, accessToken)).isNotNull();
	}

	private @Nullable String addAs(String registrationId, String accessToken) {
		return this.outbox
			.add(new RecordVersion(registrationId, SenderNode.KEY.digest(), 1), SenderNode.tokens(accessToken))
			.toCompletableFuture()
			.orTimeout(20, TimeUnit.SECONDS)
			.join()
			.id();
	}

	private void makeDue() {
		this.redis.command("EVAL",
				"for _, id in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do redis.call('ZADD', KEYS[1], 1, id) end",
				"1", TIMES);
	}

	/**
	 * Return how long the one entry is put off.
	 */
	private Duration due() {
		List<?> first = (List<?>) this.redis.command("ZRANGE", TIMES, "0", "0", "WITHSCORES");
		return Duration.between(Instant.now(), Instant.ofEpochMilli(Long.parseLong(String.valueOf(first.get(1)))));
	}

	private void awaitEmpty() {
		Await.until("an empty outbox", BOUND, () -> this.redis.keys("*outbox*").isEmpty());
	}

	private void awaitEvents(int count) {
		Await.until(count + " events", BOUND, () -> this.events.size() >= count);
	}

	@Test
	void dueEntriesAreSentOnceWhicheverInstanceTakesThem() {
		IntStream.range(0, 20).forEach((i) -> add("github", "token-" + i));
		makeDue();

		for (int i = 0; i < 3; i++) {
			start(answering(RevocationAnswer.DONE));
		}

		awaitEmpty();
		awaitEvents(20);
		assertThat(this.sent).hasSize(20).doesNotHaveDuplicates();
		assertThat(this.events).allSatisfy((event) -> {
			assertThat(event.type()).isEqualTo(TokenEvent.Type.REVOCATION_SENT);
			assertThat(event.registrationId()).isEqualTo("github");
			assertThat(event.principalDigest()).isEqualTo(Digests.sha256("alice"));
			assertThat(event.keyDigest()).isEqualTo(SenderNode.KEY.digest());
		});
	}

	@Test
	void releasedEntryIsSentWithoutWaitingForALook() {
		RevocationSender sender = new RevocationSender(this.outbox, answering(RevocationAnswer.DONE), this.events::add,
				this.clock, HIDDEN, Duration.ofHours(1));
		this.senders.add(sender);
		sender.start();
		String id = addAs("github", "token");

		this.outbox.release(Objects.requireNonNull(id));

		awaitEmpty();
		assertThat(this.sent).containsExactly("token");
	}

	@Test
	void atMostFourAreSentAtOnce() {
		IntStream.range(0, 12).forEach((i) -> add("github", "token-" + i));
		makeDue();
		try (Gate gate = new Gate()) {
			start((registrationId, tokens) -> {
				gate.pass();
				return RevocationAnswer.DONE;
			});
			gate.awaitHeld(4);

			assertThat(Await.holdsWithin(Duration.ofMillis(500), () -> gate.held() > 4)).isFalse();
			gate.release();
		}
		awaitEmpty();
	}

	@Test
	void whatADeadInstanceTookIsSentByAnother() {
		add("github", "token");
		makeDue();
		assertThat(this.outbox.claim(Duration.ofMillis(1)).toCompletableFuture().join().entry()).isNotNull();

		start(answering(RevocationAnswer.DONE));

		awaitEmpty();
		assertThat(this.sent).containsExactly("token");
	}

	/**
	 * The processes really die; what they took is visible again three seconds later.
	 */
	@ParameterizedTest
	@ValueSource(strings = { "added", "sending" })
	void whatAKilledProcessLeftBehindIsSentByAnother(String moment) {
		try (Node node = Node.start(SenderNode.class, Map.of(), this.redis.host(), String.valueOf(this.redis.port()))) {
			node.await(moment, BOUND);
			node.kill();
		}

		start(answering(RevocationAnswer.DONE));

		awaitEmpty();
		assertThat(this.sent).containsExactly("token");
	}

	@Test
	void nothingToSendIsTakenOutWithoutAnEvent() {
		add("github", "token");
		makeDue();

		start(answering(RevocationAnswer.NOTHING));

		awaitEmpty();
		assertThat(this.events).isEmpty();
	}

	@Test
	void refusalIsGivenUpAndTold() {
		add("github", "token");
		makeDue();

		start(answering(new RevocationAnswer(Outcome.REFUSED, "unsupported_token_type", null)));

		awaitEmpty();
		awaitEvents(1);
		assertThat(this.events).singleElement().satisfies((event) -> {
			assertThat(event.type()).isEqualTo(TokenEvent.Type.REVOCATION_FAILED);
			assertThat(event.detail()).isEqualTo("given_up:unsupported_token_type");
		});
	}

	@Test
	void failureIsTriedAgainLater() {
		add("github", "token");
		makeDue();

		start(answering(new RevocationAnswer(Outcome.RETRY, "http_500", null)));

		awaitEvents(1);
		assertThat(this.events.get(0).detail()).isEqualTo("http_500");
		assertThat(due()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(8));
	}

	@Test
	void retryAfterIsHonouredByTheWholeRegistrationAndByNoOther() {
		start((registrationId, tokens) -> {
			this.sent.add(tokens.accessToken());
			return registrationId.equals("google") ? RevocationAnswer.DONE
					: new RevocationAnswer(Outcome.RETRY, "http_503", Duration.ofHours(1));
		});
		add("github", "one");
		makeDue();
		awaitEvents(1);
		assertThat(due()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));

		add("github", "two");
		add("google", "three");
		makeDue();

		awaitEvents(2);
		assertThat(this.sent).containsExactly("one", "three");
		Await.until("both put off", BOUND, () -> due().compareTo(Duration.ofMinutes(58)) > 0);
		this.clock.advance(Duration.ofMinutes(62));
		makeDue();
		Await.until("one of them sent", BOUND, () -> this.sent.size() > 2);
	}

	@Test
	void retryAfterIsAtMostADay() {
		add("github", "token");
		makeDue();

		start(answering(new RevocationAnswer(Outcome.RETRY, "http_503", Duration.ofDays(3650))));

		awaitEvents(1);
		assertThat(due()).isLessThanOrEqualTo(Duration.ofDays(1));
	}

	@Test
	void pauseGrowsWithFailuresInARowAndEndsWithSuccess() {
		List<@Nullable Outcome> outcomes = new CopyOnWriteArrayList<>(
				List.of(Outcome.RETRY, Outcome.RETRY, Outcome.RETRY, Outcome.DONE, Outcome.RETRY));
		start((registrationId, tokens) -> new RevocationAnswer(outcomes.remove(0), "code", null));
		List<Duration> pauses = new ArrayList<>();

		for (int i = 1; i <= 5; i++) {
			if (i <= 1 || i == 5) {
				add("github", "token-" + i);
			}
			makeDue();
			awaitEvents(i);
			if (i != 4) {
				pauses.add(due());
			}
			this.clock.advance(Duration.ofMinutes(10));
		}

		assertThat(pauses.get(2)).isGreaterThan(pauses.get(0).multipliedBy(2));
		assertThat(pauses.get(3)).isLessThan(pauses.get(2));
	}

	@Test
	void endpointThatThrowsIsAskedAgain() {
		add("github", "token");
		makeDue();

		start((registrationId, tokens) -> {
			throw new IllegalStateException("canary");
		});

		awaitEvents(1);
		assertThat(this.events.get(0).detail()).isEqualTo("unexpected");
		assertThat(this.redis.keys("*outbox*")).isNotEmpty();
	}

	@Test
	void senderThatIsClosedEndsWhatItSendsAndTakesNoMore() {
		add("github", "one");
		makeDue();
		try (Gate gate = new Gate()) {
			start((registrationId, tokens) -> {
				gate.pass();
				return RevocationAnswer.DONE;
			});
			gate.awaitHeld(1);

			this.senders.get(0).close();
			add("github", "two");
			makeDue();
			gate.release();
			awaitEvents(1);
		}

		assertThat(this.redis.keys("*outbox*")).isNotEmpty();
		start(answering(RevocationAnswer.DONE));
		Await.until("the other one", BOUND, () -> this.sent.contains("two"));
	}

}
