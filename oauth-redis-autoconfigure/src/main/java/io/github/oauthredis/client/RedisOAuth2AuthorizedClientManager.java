package io.github.oauthredis.client;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.event.OAuth2AuthorizedClientRefreshedEvent;
import org.springframework.security.oauth2.core.endpoint.OAuth2AccessTokenResponse;
import org.springframework.util.Assert;

/**
 * Hands out tokens that are renewed once for the whole fleet. Fails with
 * {@link io.github.oauthredis.token.GrantLostException} where only the user can help and
 * with {@link io.github.oauthredis.token.TokenUnavailableException} otherwise.
 * Thread-safe; blocks only where no usable token is at hand, and never longer than a
 * bound.
 * <p>
 * When a user's grant was refreshed, the caller that gets the new token first publishes
 * {@link OAuth2AuthorizedClientRefreshedEvent} on its own thread, because the listener
 * that renews the logged-in user works on the thread of that user's request.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class RedisOAuth2AuthorizedClientManager implements OAuth2AuthorizedClientManager {

	private static final Log logger = LogFactory.getLog(RedisOAuth2AuthorizedClientManager.class);

	private final AuthorizedClients clients;

	private final ApplicationEventPublisher publisher;

	/**
	 * Create a manager.
	 * @param clients what all faces have in common
	 * @param publisher told when a user's grant was refreshed
	 */
	public RedisOAuth2AuthorizedClientManager(AuthorizedClients clients, ApplicationEventPublisher publisher) {
		this.clients = clients;
		this.publisher = publisher;
		clients.keepRefreshed();
	}

	@Override
	public OAuth2AuthorizedClient authorize(OAuth2AuthorizeRequest authorizeRequest) {
		Assert.notNull(authorizeRequest, "'authorizeRequest' must not be null");
		AuthorizedClients.Authorized authorized = this.clients.find(authorizeRequest);
		if (authorized == null) {
			String registrationId = authorizeRequest.getClientRegistrationId();
			authorized = CallerWait.await(registrationId, this.clients.authorize(authorizeRequest),
					this.clients.callerWait(registrationId));
		}
		OAuth2AccessTokenResponse response = this.clients.takeRefreshed(authorized);
		if (response != null) {
			publish(new OAuth2AuthorizedClientRefreshedEvent(response, authorized.client()));
		}
		return authorized.client();
	}

	private void publish(OAuth2AuthorizedClientRefreshedEvent event) {
		try {
			this.publisher.publishEvent(event);
		}
		catch (RuntimeException ex) {
			logger
				.warn("A listener failed with %s after a refresh for registration '%s'; the token is used all the same"
					.formatted(ex.getClass().getName(),
							event.getAuthorizedClient().getClientRegistration().getRegistrationId()));
		}
	}

}
