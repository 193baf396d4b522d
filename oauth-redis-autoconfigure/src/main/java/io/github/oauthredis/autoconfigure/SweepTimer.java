package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;

import io.github.oauthredis.store.RecordSweep;

/**
 * Asks every minute whether a sweep is due, until it is stopped. Thread-safe.
 */
final class SweepTimer {

	private static final Duration INTERVAL = Duration.ofMinutes(1);

	private static final Log logger = LogFactory.getLog(SweepTimer.class);

	private final RecordSweep sweep;

	private volatile boolean stopped;

	private SweepTimer(RecordSweep sweep) {
		this.sweep = sweep;
	}

	/**
	 * Start to ask.
	 * @param sweep what may be due
	 * @param first time before the first question, in which the other instances learn of
	 * the key that seals here; at least a minute
	 * @return stops asking and sweeping
	 */
	static Runnable start(RecordSweep sweep, Duration first) {
		SweepTimer timer = new SweepTimer(sweep);
		timer.sweepLater((first.compareTo(INTERVAL) > 0) ? first : INTERVAL);
		return timer::stop;
	}

	private void sweepLater(Duration delay) {
		CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS).execute(() -> {
			if (!this.stopped) {
				CompletionStage<Boolean> unused = CompletableFuture.completedFuture(this.sweep)
					.thenCompose(RecordSweep::sweepIfDue)
					.whenComplete((swept, ex) -> {
						if (ex != null) {
							logger.debug("A sweep ended early; another one follows", ex);
						}
						sweepLater(INTERVAL);
					});
			}
		});
	}

	private void stop() {
		this.stopped = true;
		this.sweep.close();
	}

}
