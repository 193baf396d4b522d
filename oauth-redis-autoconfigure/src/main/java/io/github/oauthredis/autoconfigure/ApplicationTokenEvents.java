package io.github.oauthredis.autoconfigure;

import java.util.concurrent.atomic.AtomicBoolean;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationEventPublisher;

import io.github.oauthredis.event.TokenEvent;
import io.github.oauthredis.event.TokenEvents;

/**
 * Publishes token events as application events. A listener that fails is logged, once
 * until one succeeds again, and harms nobody else. Thread-safe.
 */
final class ApplicationTokenEvents implements TokenEvents {

	private static final Log logger = LogFactory.getLog(ApplicationTokenEvents.class);

	private final ApplicationEventPublisher publisher;

	private final AtomicBoolean failing = new AtomicBoolean();

	ApplicationTokenEvents(ApplicationEventPublisher publisher) {
		this.publisher = publisher;
	}

	@Override
	public void publish(TokenEvent event) {
		try {
			this.publisher.publishEvent(event);
			this.failing.set(false);
		}
		catch (Throwable ex) {
			String message = "A listener failed on event %s of registration '%s'; tokens are not affected"
				.formatted(event.type(), event.registrationId());
			if (this.failing.compareAndSet(false, true)) {
				logger.warn(message, ex);
			}
			else {
				logger.debug(message, ex);
			}
		}
	}

}
