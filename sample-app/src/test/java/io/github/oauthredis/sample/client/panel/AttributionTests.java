package io.github.oauthredis.sample.client.panel;

import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.sample.client.panel.Attribution.Attributed;
import io.github.oauthredis.sample.client.panel.ServerState.TokenRequest;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Tests of {@link Attribution}.
 *
 * @author OAuth Redis
 */
class AttributionTests {

	private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

	@Test
	void attributeWhenInstanceReportedNamesIt() {
		List<Attributed> attributed = Attribution.attribute(List.of(refresh(1, 0)),
				List.of(event(10, "instance-2", TokenEvent.Type.REFRESHED)));

		assertThat(attributed).singleElement().extracting(Attributed::instance).isEqualTo("instance-2");
	}

	@Test
	void attributeWhenTwoRequestsFollowEachOtherUsesEachReportOnce() {
		List<Attributed> attributed = Attribution.attribute(List.of(refresh(2, 100), refresh(1, 0)),
				List.of(event(110, "instance-1", TokenEvent.Type.REFRESHED),
						event(10, "instance-2", TokenEvent.Type.REFRESHED)));

		assertThat(attributed).extracting(Attributed::instance).containsExactly("instance-1", "instance-2");
	}

	@Test
	void attributeWhenReportIsAboutSomethingElseNamesNobody() {
		List<Attributed> attributed = Attribution.attribute(List.of(refresh(1, 0)),
				List.of(event(10, "instance-2", TokenEvent.Type.ADOPTED),
						event(60_000, "instance-2", TokenEvent.Type.REFRESHED)));

		assertThat(attributed).singleElement().extracting(Attributed::instance).isNull();
	}

	private static TokenRequest refresh(long number, long millis) {
		return new TokenRequest(number, START.plusMillis(millis), START.plusMillis(millis + 5), "demo-web",
				"refresh_token", 200);
	}

	private static InstanceEvent event(long millis, String instance, TokenEvent.Type type) {
		return new InstanceEvent(START.plusMillis(millis), instance, type, "demo-web", 1, null);
	}

}
