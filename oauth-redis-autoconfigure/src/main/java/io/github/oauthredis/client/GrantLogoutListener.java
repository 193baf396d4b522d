package io.github.oauthredis.client;

import java.time.Duration;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.security.authentication.event.LogoutSuccessEvent;

import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Runs {@link GrantLogout} when somebody has logged out of a servlet application: Spring
 * Security's logout publishes the event on the thread of the request. Thread-safe; blocks
 * as long as a logout may wait.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class GrantLogoutListener implements ApplicationListener<LogoutSuccessEvent> {

	private static final Log logger = LogFactory.getLog(GrantLogoutListener.class);

	private static final Duration BOUND = Duration.ofSeconds(30);

	private final GrantLogout logout;

	/**
	 * Create a listener.
	 * @param logout revokes the grants
	 */
	public GrantLogoutListener(GrantLogout logout) {
		this.logout = logout;
	}

	@Override
	public void onApplicationEvent(LogoutSuccessEvent event) {
		try {
			CallerWait.await("*", this.logout.logout(event.getAuthentication()), BOUND);
		}
		catch (TokenUnavailableException ex) {
			logger.debug("A logout does not wait for its grants to be revoked", ex);
		}
	}

}
