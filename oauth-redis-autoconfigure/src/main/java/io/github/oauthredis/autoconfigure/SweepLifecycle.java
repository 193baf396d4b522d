package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

import io.github.oauthredis.store.RecordSweep;

/**
 * Asks every minute whether a sweep is due, as long as the application runs. Guarded by
 * the lifecycle of the application context.
 */
final class SweepLifecycle implements SmartLifecycle {

	private static final Duration INTERVAL = Duration.ofMinutes(1);

	private static final Log logger = LogFactory.getLog(SweepLifecycle.class);

	private final @Nullable Supplier<RecordSweep> sweeps;

	private final Duration first;

	private final int phase;

	// Not null while running.
	private volatile @Nullable RecordSweep sweep;

	/**
	 * Create a lifecycle.
	 * @param sweeps makes what is started and stopped; a new one after each stop; null if
	 * nothing is to be swept
	 * @param first time before the first question, in which the other instances learn of
	 * the key that seals here
	 * @param phase phase of the connections
	 */
	SweepLifecycle(@Nullable Supplier<RecordSweep> sweeps, Duration first, int phase) {
		this.sweeps = sweeps;
		this.first = (first.compareTo(INTERVAL) > 0) ? first : INTERVAL;
		this.phase = phase + 1;
	}

	@Override
	public void start() {
		if (this.sweeps != null) {
			RecordSweep started = this.sweeps.get();
			this.sweep = started;
			sweepLater(started, this.first);
		}
	}

	private void sweepLater(RecordSweep started, Duration delay) {
		CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
			if (this.sweep == started) {
				CompletionStage<Boolean> unused = CompletableFuture.completedFuture(started)
					.thenCompose(RecordSweep::sweepIfDue)
					.whenComplete((swept, ex) -> {
						if (ex != null) {
							logger.debug("A sweep ended early; another one follows", ex);
						}
						sweepLater(started, INTERVAL);
					});
			}
		});
	}

	@Override
	public void stop() {
		RecordSweep started = this.sweep;
		this.sweep = null;
		if (started != null) {
			started.close();
		}
	}

	@Override
	public boolean isRunning() {
		return this.sweep != null;
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
