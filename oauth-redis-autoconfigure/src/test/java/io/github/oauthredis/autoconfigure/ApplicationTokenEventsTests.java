package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.event.EventListener;

import io.github.oauthredis.event.GrantLostEvent;
import io.github.oauthredis.event.TokenAudit;
import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;
import io.github.oauthredis.testkit.MutableClock;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ApplicationTokenEvents}.
 */
class ApplicationTokenEventsTests {

	private static final TokenEvent EVENT = new TokenEvent(TokenEvent.Type.REFRESHED, "idp", "digest", null, 7, null);

	private final MutableClock clock = new MutableClock(Instant.parse("2030-01-01T00:00:00Z"));

	@Test
	void publishReachesListenersOfTheApplication() {
		Applications.nonWeb().withPropertyValues(Applications.REGISTRATIONS).withBean(Listener.class).run((context) -> {
			context.getBean(TokenEvents.class).publish(EVENT);

			Await.until(Duration.ofSeconds(10), () -> !context.getBean(Listener.class).heard.isEmpty());
			assertThat(context.getBean(Listener.class).heard).containsExactly(EVENT);
		});
	}

	@Test
	void publishWhenListenerFailsWarnsOnceUntilOneSucceeds() {
		BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>(
				List.of(new IllegalStateException("first"), new AssertionError("second")));
		ApplicationTokenEvents events = events((event) -> {
			Throwable failure = failures.poll();
			if (failure != null) {
				ApplicationTokenEventsTests.<RuntimeException>sneak(failure);
			}
		});

		try (Logged logged = Logged.open()) {
			events.publish(EVENT);
			events.publish(EVENT);
			events.publish(EVENT);
			Await.until(Duration.ofSeconds(10), failures::isEmpty);
			events.close();

			assertThat(logged.warnings()).hasSize(1);
		}
	}

	@Test
	void publishWhenListenerIsSlowReturnsAtOnce() {
		try (Gate gate = new Gate(); ApplicationTokenEvents events = events((event) -> gate.pass())) {
			IntStream.range(0, 2_000).forEach((i) -> events.publish(EVENT));

			gate.awaitHeld(1);
			gate.release();
		}
	}

	@Test
	void publishWhenListenersAreTooSlowReportsWhatWasNotToldOnceAMinute() {
		try (Gate gate = new Gate(); Logged logged = Logged.open()) {
			ApplicationTokenEvents events = events((event) -> gate.pass());
			events.publish(EVENT);
			gate.awaitHeld(1);
			IntStream.range(0, 1_000 + 10).forEach((i) -> events.publish(EVENT));
			assertThat(logged.warnings()).singleElement()
				.asString()
				.contains(" 1 events were neither told nor audited");

			this.clock.advance(Duration.ofMinutes(1));
			events.publish(EVENT);

			assertThat(logged.warnings()).hasSize(2).last().asString().contains(" 10 events");
			events.publish(EVENT);
			gate.release();
			events.close();
			assertThat(logged.warnings()).hasSize(3).last().asString().contains(" 1 events");
		}
	}

	@Test
	void publishWhenOneAuditFailsTellsTheOthersAndTheApplication() {
		List<String> told = new CopyOnWriteArrayList<>();
		TokenAudit failing = (event, instance) -> {
			throw new IllegalStateException("No room");
		};
		ApplicationTokenEvents events = new ApplicationTokenEvents((event) -> told.add("application"),
				() -> Stream.of(failing, (event, instance) -> told.add(instance)), "shop@1", this.clock);

		try (Logged logged = Logged.open()) {
			events.publish(EVENT);
			events.publish(EVENT);
			events.close();

			assertThat(told).containsExactly("shop@1", "application", "shop@1", "application");
			assertThat(logged.warnings()).hasSize(1);
		}
	}

	@Test
	void grantLostReachesTheApplicationAndNoAudit() {
		List<Object> told = new CopyOnWriteArrayList<>();
		GrantLostEvent lost = new GrantLostEvent("idp", "alice", "invalid_grant");
		ApplicationTokenEvents events = new ApplicationTokenEvents(told::add,
				() -> Stream.of((event, instance) -> told.add(instance)), "shop@1", this.clock);

		events.grantLost(lost);
		events.close();

		assertThat(told).containsExactly(lost);
		assertThat(lost.toString()).contains("idp", "invalid_grant").doesNotContain("alice");
	}

	private ApplicationTokenEvents events(ApplicationEventPublisher publisher) {
		return new ApplicationTokenEvents(publisher, Stream::empty, "shop@1", this.clock);
	}

	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <T extends Throwable> void sneak(Throwable failure) throws T {
		throw (T) failure;
	}

	static class Listener {

		private final List<TokenEvent> heard = new CopyOnWriteArrayList<>();

		@EventListener
		void on(TokenEvent event) {
			this.heard.add(event);
		}

	}

}
