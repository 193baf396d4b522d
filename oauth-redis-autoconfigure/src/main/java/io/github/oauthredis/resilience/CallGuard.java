package io.github.oauthredis.resilience;

import java.time.Duration;
import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * Says whether a token request may be sent to a provider, and learns from how it ended. A
 * provider is named by the URI of its token endpoint, which may hold a password: it is
 * compared and never shown. Implementations are thread-safe, never block and never throw.
 * <p>
 * Whoever asks and is not told {@link State#OPEN} owes exactly one
 * {@link #report(String, Outcome) report}, or a {@link #postpone(String, Duration)
 * postponement}.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface CallGuard {

	/**
	 * Lets everything pass.
	 */
	CallGuard NONE = new UnguardedCalls();

	/**
	 * Ask for leave to send one token request.
	 * @param provider the provider
	 * @return {@link State#CLOSED} to send it; {@link State#HALF_OPEN} to send it as a
	 * probe, once the fleet agrees; {@link State#OPEN} to send none
	 */
	Status ask(String provider);

	/**
	 * How a provider stands, for people and for whoever would otherwise wait in vain.
	 * @param provider the provider
	 * @return its status; {@link State#HALF_OPEN} as soon as a probe may be asked for
	 */
	Status status(String provider);

	/**
	 * Tell how a token request ended that was allowed.
	 * @param provider the provider
	 * @param outcome how it ended
	 * @return what people should know of the change that it made
	 */
	Change report(String provider, Outcome outcome);

	/**
	 * Give back the leave to send a probe, because another instance sends one.
	 * @param provider the provider
	 * @param time how long to stay open before the next one
	 */
	void postpone(String provider, Duration time);

	/**
	 * How a provider stands.
	 *
	 * @param state the state
	 * @param retryAt before when no token request is sent; null unless it is open
	 */
	record Status(State state, @Nullable Instant retryAt) {

		/**
		 * Nothing is in the way.
		 */
		public static final Status CLOSED = new Status(State.CLOSED, null);

		/**
		 * One probe may find out.
		 */
		public static final Status HALF_OPEN = new Status(State.HALF_OPEN, null);

	}

	/**
	 * States, named as an electrician would.
	 */
	enum State {

		/**
		 * Token requests are sent.
		 */
		CLOSED,

		/**
		 * None is sent.
		 */
		OPEN,

		/**
		 * One is sent, to see how it ends.
		 */
		HALF_OPEN

	}

	/**
	 * What the end of a token request says about the provider.
	 */
	enum Outcome {

		/**
		 * The provider answered, and be it with a refusal.
		 */
		ANSWERED,

		/**
		 * The provider could not be reached, did not answer in time or in form, or said
		 * that it failed.
		 */
		FAILED,

		/**
		 * Nothing was sent.
		 */
		NOT_SENT

	}

	/**
	 * What a report has changed.
	 */
	enum Change {

		/**
		 * Nothing that people should know.
		 */
		NONE,

		/**
		 * From now on no token requests are sent.
		 */
		OPENED,

		/**
		 * Token requests are sent again.
		 */
		CLOSED

	}

}
