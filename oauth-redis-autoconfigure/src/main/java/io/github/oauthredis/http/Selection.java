package io.github.oauthredis.http;

import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.StringUtils;

import io.github.oauthredis.refresh.RequestAttributes;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * The token that a request gets. Immutable.
 *
 * @param registrationId id of the registration
 * @param client client that the caller passed; null if it passed none
 * @param attributes attributes of the HTTP request
 */
record Selection(String registrationId, @Nullable OAuth2AuthorizedClient client, Map<String, Object> attributes) {

	/**
	 * Form the question to the manager. It takes over the attributes that mean something
	 * to a manager: on whose behalf it asks, extra parameters, and the web request.
	 * @param principal who asks
	 * @param refused value of the token that the API refused; null if none was
	 * @return the question
	 */
	OAuth2AuthorizeRequest authorizeRequest(Authentication principal, @Nullable String refused) {
		OAuth2AuthorizeRequest.Builder builder;
		if (this.client == null) {
			builder = OAuth2AuthorizeRequest.withClientRegistrationId(this.registrationId).principal(principal);
		}
		else if (isOf(principal, this.client)) {
			builder = OAuth2AuthorizeRequest.withAuthorizedClient(this.client).principal(principal);
		}
		else {
			// The client says whose it is; whoever is logged in here may be another user.
			builder = OAuth2AuthorizeRequest.withAuthorizedClient(this.client)
				.principal(this.client.getPrincipalName());
		}
		this.attributes.forEach((name, value) -> {
			if (name.startsWith(RequestAttributes.PARAMETER_PREFIX) || name.equals(RequestAttributes.SUBJECT_TOKEN)
					|| name.equals(RequestAttributes.ACTOR_TOKEN) || name.startsWith("jakarta.servlet.http.HttpServlet")
					|| name.equals("org.springframework.web.server.ServerWebExchange")) {
				builder.attribute(name, value);
			}
		});
		if (refused != null) {
			builder.attribute(RequestAttributes.REFUSED_TOKEN, refused);
		}
		return builder.build();
	}

	/**
	 * Whether a client may be asked for in somebody's name. One of client credentials is
	 * nobody's, and the authorities of the caller count.
	 */
	private static boolean isOf(Authentication principal, OAuth2AuthorizedClient client) {
		return principal.getName().equals(client.getPrincipalName()) || !StringUtils.hasText(client.getPrincipalName())
				|| AuthorizationGrantType.CLIENT_CREDENTIALS
					.equals(client.getClientRegistration().getAuthorizationGrantType());
	}

	/**
	 * Let no token near an HTTP client that cannot be sent as a header: some quote it
	 * when they fail, others change it.
	 * @param token value of a token
	 * @return the same
	 */
	String sendable(String token) {
		if (!token.chars().allMatch((c) -> c >= ' ' && c <= '~')) {
			throw new TokenUnavailableException("malformed_token",
					"The token of registration '%s' has characters that no header can carry; the request was not sent"
						.formatted(this.registrationId),
					this.registrationId, false, null, null);
		}
		return token;
	}

	/**
	 * The manager found nothing to hand out.
	 * @return what to throw instead of sending the request
	 */
	TokenUnavailableException noToken() {
		return new TokenUnavailableException("no_token",
				"No token for registration '%s'; the request was not sent".formatted(this.registrationId),
				this.registrationId, false, null, null);
	}

}
