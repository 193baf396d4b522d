package io.github.oauthredis.autoconfigure;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.support.GenericApplicationContext;

import io.github.oauthredis.refresh.TokenRefresher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.willAnswer;
import static org.mockito.Mockito.mock;

/**
 * Tests for {@link EngineShutdown}.
 */
class EngineShutdownTests {

	private final List<String> stopped = new ArrayList<>();

	private final TokenRefresher refresher = mock(TokenRefresher.class);

	private final Part connections = new Part("connections", 7);

	private final GenericApplicationContext context = new GenericApplicationContext();

	EngineShutdownTests() {
		willAnswer((call) -> this.stopped.add("engine")).given(this.refresher).close();
		EngineShutdown shutdown = new EngineShutdown(this.refresher, this.connections);
		this.context.registerBean("shutdown", EngineShutdown.class, () -> shutdown);
		this.context.registerBean("connections", Part.class, () -> this.connections);
		this.context.registerBean("server", Part.class, () -> new Part("server", SmartLifecycle.DEFAULT_PHASE));
		this.context.refresh();
	}

	@Test
	void closeStopsTheEngineAfterItsCallersAndBeforeItsConnections() {
		this.context.close();

		assertThat(this.stopped).containsExactly("server", "engine", "connections");
	}

	@Test
	void stopAndStartKeepTheEngine() {
		this.context.stop();
		this.context.start();

		assertThat(this.stopped).doesNotContain("engine");
	}

	@Test
	void pauseKeepsTheEngine() {
		this.context.pause();
		this.context.restart();

		assertThat(this.stopped).doesNotContain("engine");
		assertThat(this.context.getBean(EngineShutdown.class).isRunning()).isTrue();
	}

	private final class Part implements SmartLifecycle {

		private final String name;

		private final int phase;

		private boolean running;

		private Part(String name, int phase) {
			this.name = name;
			this.phase = phase;
		}

		@Override
		public void start() {
			this.running = true;
		}

		@Override
		public void stop() {
			this.running = false;
			EngineShutdownTests.this.stopped.add(this.name);
		}

		@Override
		public boolean isRunning() {
			return this.running;
		}

		@Override
		public int getPhase() {
			return this.phase;
		}

	}

}
