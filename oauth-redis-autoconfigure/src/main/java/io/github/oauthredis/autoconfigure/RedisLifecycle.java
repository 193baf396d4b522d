package io.github.oauthredis.autoconfigure;

import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * Starts what uses Redis of its own accord when the application starts, and stops it
 * before the connections to Redis do. Guarded by the lifecycle of the application
 * context.
 */
final class RedisLifecycle implements SmartLifecycle {

	private final Supplier<@Nullable Runnable> start;

	private final int phase;

	// Not null while running.
	private volatile @Nullable Runnable stop;

	/**
	 * Create a lifecycle.
	 * @param start starts it, anew after each stop, and returns what stops it; null if
	 * there is nothing to start
	 * @param phase phase of the connections
	 */
	RedisLifecycle(Supplier<@Nullable Runnable> start, int phase) {
		this.start = start;
		this.phase = phase + 1;
	}

	@Override
	public void start() {
		this.stop = this.start.get();
	}

	@Override
	public void stop() {
		Runnable stop = this.stop;
		this.stop = null;
		if (stop != null) {
			stop.run();
		}
	}

	@Override
	public boolean isRunning() {
		return this.stop != null;
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
