package io.github.oauthredis.webhook;

/**
 * Understands the webhooks of a service that signs them with a shared secret. Each bean
 * of this type can be named in {@code oauth-redis.clients.<id>.signals.webhook}.
 * Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface WebhookProvider {

	/**
	 * Name by which settings choose it.
	 * @return the name
	 */
	String name();

	/**
	 * Check a message.
	 * @param delivery what came
	 * @param secret what the service signs with; never to be printed
	 * @return what it says
	 * @throws SignalRejectedException if it is not believed
	 */
	Signal receive(Delivery delivery, String secret);

}
