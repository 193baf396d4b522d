package io.github.oauthredis.refresh;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.resilience.CallGuard.Outcome;

/**
 * Leave to send one token request to a provider, with the slots that come with it. It
 * ends once: unused, or with what became of the request. Thread-safe once it is handed
 * out.
 */
final class Pass {

	private final Listener listener;

	private final Deque<Slots> slots = new ArrayDeque<>(2);

	private final AtomicBoolean ended = new AtomicBoolean();

	private boolean probe;

	private Runnable unsent = () -> {
	};

	/**
	 * Create a pass.
	 * @param listener hears how it ends, before its slots are free again
	 */
	Pass(Listener listener) {
		this.listener = listener;
	}

	/**
	 * Take a slot, to be given back when the pass ends.
	 */
	CompletionStage<Boolean> take(Slots from, boolean queues) {
		return from.take(queues).thenApply((taken) -> this.slots.add(from));
	}

	/**
	 * Have something undone if the pass ends without a request.
	 */
	void ifUnsent(Runnable undo) {
		this.unsent = undo;
	}

	/**
	 * Let the request find out whether the provider works again.
	 */
	Pass asProbe() {
		this.probe = true;
		return this;
	}

	boolean isProbe() {
		return this.probe;
	}

	/**
	 * Nothing was sent.
	 */
	void leave() {
		end(Outcome.NOT_SENT, null);
	}

	void answered() {
		end(Outcome.ANSWERED, null);
	}

	void failed(TokenRequestException failure) {
		end(failure.getOutcome(), failure);
	}

	private void end(Outcome outcome, @Nullable TokenRequestException failure) {
		if (this.ended.compareAndSet(false, true)) {
			// Whoever gets the slots must meet the provider as this outcome leaves it.
			this.listener.ended(this, outcome, failure);
			if (outcome == Outcome.NOT_SENT) {
				this.unsent.run();
			}
			this.slots.forEach(Slots::giveBack);
		}
	}

	/**
	 * Hears how a pass ends.
	 */
	@FunctionalInterface
	interface Listener {

		void ended(Pass pass, Outcome outcome, @Nullable TokenRequestException failure);

	}

}
