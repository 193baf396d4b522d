package io.github.oauthredis.webhook;

import io.github.oauthredis.webhook.SignalRejectedException.Problem;

/**
 * Webhooks of one service. Thread-safe.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class WebhookReceiver implements SignalReceiver {

	private final WebhookProvider provider;

	private final String secret;

	/**
	 * Create a receiver.
	 * @param provider understands the service
	 * @param secret what the service signs with
	 */
	public WebhookReceiver(WebhookProvider provider, String secret) {
		this.provider = provider;
		this.secret = secret;
	}

	@Override
	public Signal receive(Delivery delivery) {
		return this.provider.receive(delivery, this.secret);
	}

	@Override
	public int accepted() {
		return 200;
	}

	@Override
	public SignalReply rejected(Problem problem) {
		return SignalReply.of((problem == Problem.MALFORMED) ? 400 : 401, null);
	}

}
