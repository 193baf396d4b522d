package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.springframework.context.event.EventListener;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

/**
 * Tests for {@link ApplicationTokenEvents}.
 */
class ApplicationTokenEventsTests {

	private static final TokenEvent EVENT = new TokenEvent(TokenEvent.Type.REFRESHED, "idp", "digest", 7, null);

	@Test
	void publishReachesListenersOfTheApplication() {
		Applications.nonWeb().withPropertyValues(Applications.REGISTRATIONS).withBean(Listener.class).run((context) -> {
			context.getBean(TokenEvents.class).publish(EVENT);

			assertThat(context.getBean(Listener.class).heard).containsExactly(EVENT);
		});
	}

	@Test
	void publishWhenListenerFailsWarnsOnceUntilOneSucceeds() {
		List<Throwable> failures = new ArrayList<>(
				List.of(new IllegalStateException("first"), new AssertionError("second")));
		ApplicationTokenEvents events = new ApplicationTokenEvents((event) -> {
			if (!failures.isEmpty()) {
				ApplicationTokenEventsTests.<RuntimeException>sneak(failures.remove(0));
			}
		});

		try (Logged logged = Logged.open()) {
			assertThatNoException().isThrownBy(() -> {
				events.publish(EVENT);
				events.publish(EVENT);
				events.publish(EVENT);
			});
			assertThat(logged.warnings()).hasSize(1);

			failures.add(new IllegalStateException("third"));
			assertThatNoException().isThrownBy(() -> events.publish(EVENT));
			assertThat(logged.warnings()).hasSize(2);
		}
	}

	@SuppressWarnings({ "unchecked", "TypeParameterUnusedInFormals" })
	private static <T extends Throwable> void sneak(Throwable failure) throws T {
		throw (T) failure;
	}

	static class Listener {

		private final List<TokenEvent> heard = new ArrayList<>();

		@EventListener
		void on(TokenEvent event) {
			this.heard.add(event);
		}

	}

}
