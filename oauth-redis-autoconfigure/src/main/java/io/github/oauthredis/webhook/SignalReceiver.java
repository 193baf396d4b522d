package io.github.oauthredis.webhook;

import io.github.oauthredis.webhook.SignalRejectedException.Problem;

/**
 * One kind of message that providers send: knows whom to believe, and the words of the
 * protocol. Thread-safe; may block for a time that it bounds.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public sealed interface SignalReceiver permits LogoutReceiver, SecurityEventReceiver, WebhookReceiver {

	/**
	 * Check a message.
	 * @param delivery what came
	 * @return what it says
	 * @throws SignalRejectedException if it is not believed
	 * @throws RuntimeException if this cannot be found out now
	 */
	Signal receive(Delivery delivery);

	/**
	 * Status of the answer to a message that had its effect.
	 * @return the status
	 */
	int accepted();

	/**
	 * What the sender of a message gets that is not believed.
	 * @param problem what is wrong with it
	 * @return the answer
	 */
	SignalReply rejected(Problem problem);

}
