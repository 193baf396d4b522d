package io.github.oauthredis.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationListener;
import org.springframework.context.Phased;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;

import io.github.oauthredis.refresh.TokenRefresher;

/**
 * Closes the engine after everything that calls it and before the connections to Redis,
 * which stop before beans are destroyed: a refresh that is under way then still stores
 * what it received. A context that is only stopped or paused keeps its engine. Guarded by
 * the lifecycle of the application context.
 */
final class EngineShutdown implements SmartLifecycle, ApplicationListener<ContextClosedEvent> {

	private final TokenRefresher refresher;

	private final int phase;

	private volatile boolean running;

	private volatile boolean closing;

	/**
	 * Create a shutdown.
	 * @param refresher the engine
	 * @param connections what must outlive it; null if nothing must
	 */
	EngineShutdown(TokenRefresher refresher, @Nullable Object connections) {
		this.refresher = refresher;
		this.phase = 1 + ((connections instanceof Phased phased) ? phased.getPhase() : 0);
	}

	@Override
	public void onApplicationEvent(ContextClosedEvent event) {
		this.closing = true;
	}

	@Override
	public void start() {
		this.running = true;
	}

	@Override
	public void stop() {
		this.running = false;
		if (this.closing) {
			this.refresher.close();
		}
	}

	@Override
	public boolean isRunning() {
		return this.running;
	}

	@Override
	public boolean isPauseable() {
		return false;
	}

	@Override
	public int getPhase() {
		return this.phase;
	}

}
