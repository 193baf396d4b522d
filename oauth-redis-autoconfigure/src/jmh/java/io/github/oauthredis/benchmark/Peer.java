package io.github.oauthredis.benchmark;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientManager;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * A manager that holds one fresh grant, and the request for it.
 */
abstract class Peer {

	static final String TOKEN_URI = "http://127.0.0.1:1/token";

	private final OAuth2AuthorizeRequest request = Samples.request(Samples.USERS, Samples.user("alice"));

	private OAuth2AuthorizedClientManager manager;

	void prepare(OAuth2AuthorizedClientManager manager, OAuth2AuthorizedClientService service,
			ClientRegistration registration) {
		service.saveAuthorizedClient(Samples.freshGrant(registration, "alice"), Samples.user("alice"));
		this.manager = manager;
	}

	OAuth2AuthorizedClient authorize() {
		return this.manager.authorize(this.request);
	}

}
