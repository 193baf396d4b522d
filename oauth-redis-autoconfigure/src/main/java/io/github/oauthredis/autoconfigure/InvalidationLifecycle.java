package io.github.oauthredis.autoconfigure;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

import io.github.oauthredis.nearcache.InvalidationSource;

/**
 * Starts to listen for changes when the application starts, and stops before the
 * connections to Redis do. Guarded by the lifecycle of the application context.
 */
final class InvalidationLifecycle implements SmartLifecycle {

	private final Supplier<InvalidationSource> sources;

	private final int phase;

	// Not null while running.
	private volatile @Nullable InvalidationSource source;

	/**
	 * Create a lifecycle.
	 * @param sources makes what is started and stopped; a new one after each stop
	 * @param phase phase of the connections
	 */
	InvalidationLifecycle(Supplier<InvalidationSource> sources, int phase) {
		this.sources = sources;
		this.phase = phase + 1;
	}

	@Override
	public void start() {
		InvalidationSource started = this.sources.get();
		this.source = started;
		started.start();
	}

	@Override
	public void stop() {
		InvalidationSource started = this.source;
		this.source = null;
		if (started != null) {
			started.close();
		}
	}

	@Override
	public boolean isRunning() {
		return this.source != null;
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
