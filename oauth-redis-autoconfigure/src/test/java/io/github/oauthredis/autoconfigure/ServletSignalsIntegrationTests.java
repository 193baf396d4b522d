package io.github.oauthredis.autoconfigure;

import org.springframework.boot.WebApplicationType;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClientService;

/**
 * Messages of providers in a servlet application.
 */
class ServletSignalsIntegrationTests extends SignalsContractTests {

	@Override
	WebApplicationType type() {
		return WebApplicationType.SERVLET;
	}

	@Override
	void save(ConfigurableApplicationContext application, OAuth2AuthorizedClient client, Authentication principal) {
		application.getBean(OAuth2AuthorizedClientService.class).saveAuthorizedClient(client, principal);
	}

}
