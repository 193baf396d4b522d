package io.github.oauthredis.client;

import java.util.Map;

import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;

/**
 * Names what reaches a token request beyond what this project can see, such as a tenant
 * that a parameters converter adds. Two callers share an issued token only if these
 * attributes are equal, too. Implementations are thread-safe and fast; a bean of this
 * type is used if there is one.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface TokenKeyCustomizer {

	/**
	 * Name further attributes of an issued token.
	 * @param registration the client registration
	 * @param request what the caller asked for; made up from registration id and
	 * principal name where the authorized client service is called
	 * @return names and values that become part of the identity, digested and never
	 * printed; empty for none
	 */
	Map<String, String> attributes(ClientRegistration registration, OAuth2AuthorizeRequest request);

}
