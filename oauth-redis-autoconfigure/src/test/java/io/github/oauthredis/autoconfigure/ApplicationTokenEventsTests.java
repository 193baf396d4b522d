package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.springframework.context.event.EventListener;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;
import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.Gate;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests for {@link ApplicationTokenEvents}.
 */
class ApplicationTokenEventsTests {

	private static final TokenEvent EVENT = new TokenEvent(TokenEvent.Type.REFRESHED, "idp", "digest", null, 7, null);

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
		ApplicationTokenEvents events = new ApplicationTokenEvents((event) -> {
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
		try (Gate gate = new Gate();
				ApplicationTokenEvents events = new ApplicationTokenEvents((event) -> gate.pass())) {
			IntStream.range(0, 2_000).forEach((i) -> events.publish(EVENT));

			gate.awaitHeld(1);
			gate.release();
		}
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
