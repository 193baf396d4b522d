package io.github.oauthredis.refresh;

import java.util.concurrent.atomic.AtomicBoolean;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.resilience.CallGuard.Outcome;
import io.github.oauthredis.token.TokenKey;

/**
 * Leave to send one token request to a provider. It ends once: unused, or with what
 * became of the request. Thread-safe.
 */
final class Pass {

	private final Listener listener;

	private final TokenKey key;

	private final Slots.Slot slot;

	private final boolean probe;

	private final AtomicBoolean ended = new AtomicBoolean();

	/**
	 * Create a pass.
	 * @param listener hears how it ends
	 * @param key the record for which the request is sent
	 * @param slot the slot that comes with it
	 * @param probe whether the request finds out if the provider works again
	 */
	Pass(Listener listener, TokenKey key, Slots.Slot slot, boolean probe) {
		this.listener = listener;
		this.key = key;
		this.slot = slot;
		this.probe = probe;
	}

	TokenKey key() {
		return this.key;
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
		end(failure.getOutcome(), failure.getCode());
	}

	private void end(Outcome outcome, @Nullable String cause) {
		if (this.ended.compareAndSet(false, true)) {
			// Whoever gets the slot must meet the provider as this outcome leaves it.
			this.listener.ended(this, outcome, cause);
			this.slot.giveBack();
		}
	}

	/**
	 * Ask whether the request may go on when the pass has ended; see
	 * {@link Slots.Slot#mayLinger()}.
	 */
	boolean mayLinger() {
		return this.slot.mayLinger();
	}

	void lingered() {
		this.slot.lingered();
	}

	/**
	 * Hears how a pass ends.
	 */
	@FunctionalInterface
	interface Listener {

		/**
		 * Called once, before the slot is free again.
		 * @param pass the pass
		 * @param outcome what became of the request
		 * @param cause code of its failure; null if it did not fail
		 */
		void ended(Pass pass, Outcome outcome, @Nullable String cause);

	}

}
