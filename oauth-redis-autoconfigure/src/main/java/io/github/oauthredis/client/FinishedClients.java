package io.github.oauthredis.client;

import java.time.Clock;
import java.time.Instant;

import org.jspecify.annotations.Nullable;
import org.springframework.security.authentication.AuthenticationTrustResolver;
import org.springframework.security.authentication.AuthenticationTrustResolverImpl;
import org.springframework.security.core.Authentication;
import org.springframework.security.oauth2.client.OAuth2AuthorizeRequest;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.util.StringUtils;

import io.github.oauthredis.nearcache.NearCache;
import io.github.oauthredis.nearcache.NearRecord;
import io.github.oauthredis.nearcache.NearValues;
import io.github.oauthredis.refresh.RequestAttributes;

/**
 * Authorized clients that need no more than a look: of registrations that are known
 * without asking, with fresh tokens, as good as the records in memory that they were made
 * of. Thread-safe; a hit reads one clock and takes no lock.
 */
final class FinishedClients {

	private static final AuthenticationTrustResolver trust = new AuthenticationTrustResolverImpl();

	private final NearValues<Name, AuthorizedClients.Authorized> clients;

	private final Registrations registrations;

	private final boolean customized;

	private final Clock clock;

	/**
	 * Create a cache.
	 * @param near the records in memory
	 * @param registrations where client registrations are found
	 * @param customized whether keys depend on more of a request than its principal
	 * @param clock local clock
	 */
	FinishedClients(NearCache near, Registrations registrations, boolean customized, Clock clock) {
		this.clients = near.values();
		this.registrations = registrations;
		this.customized = customized;
		this.clock = clock;
	}

	/**
	 * Look a client up.
	 * @param request what the caller asked for
	 * @return the client, or null if it is not here
	 */
	AuthorizedClients.@Nullable Authorized find(OAuth2AuthorizeRequest request) {
		ClientRegistration registration = this.registrations.known(request.getClientRegistrationId());
		Name name = (registration != null) ? name(registration, request) : null;
		return (name != null) ? this.clients.find(name, this.clock.millis()) : null;
	}

	void put(ClientRegistration registration, OAuth2AuthorizeRequest request, AuthorizedClients.Authorized client,
			NearRecord source, Instant until) {
		Name name = name(registration, request);
		if (name != null) {
			this.clients.put(name, client, source, until.toEpochMilli());
		}
	}

	private @Nullable Name name(ClientRegistration registration, OAuth2AuthorizeRequest request) {
		if (!isPlain(request)) {
			return null;
		}
		if (TokenKeys.isGrant(registration)) {
			Authentication principal = request.getPrincipal();
			boolean known = !trust.isAnonymous(principal) && StringUtils.hasText(principal.getName());
			return known ? new Name(registration, principal.getName()) : null;
		}
		return (TokenKeys.isClientCredentials(registration) && !this.customized) ? new Name(registration, "") : null;
	}

	private static boolean isPlain(OAuth2AuthorizeRequest request) {
		if (request.getAttributes().isEmpty()) {
			return true;
		}
		for (String attribute : request.getAttributes().keySet()) {
			if (attribute.equals(RequestAttributes.REFUSED_TOKEN)
					|| attribute.startsWith(RequestAttributes.PARAMETER_PREFIX)) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Plain attributes of a record. The registration counts by identity: another object
	 * may mean another provider.
	 */
	private static final class Name {

		private final ClientRegistration registration;

		private final String principalName;

		private Name(ClientRegistration registration, String principalName) {
			this.registration = registration;
			this.principalName = principalName;
		}

		@Override
		public boolean equals(Object other) {
			return other instanceof Name name && isSame(this.registration, name.registration)
					&& this.principalName.equals(name.principalName);
		}

		@SuppressWarnings("ReferenceEquality")
		private static boolean isSame(ClientRegistration one, ClientRegistration other) {
			return one == other;
		}

		@Override
		public int hashCode() {
			return 31 * System.identityHashCode(this.registration) + this.principalName.hashCode();
		}

	}

}
