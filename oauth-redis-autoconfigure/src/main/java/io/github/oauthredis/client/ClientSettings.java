package io.github.oauthredis.client;

import java.util.Map;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.refresh.RefreshPolicy;

/**
 * Settings of one client registration. Immutable.
 *
 * @param policy when its tokens are renewed
 * @param parameters extra parameters of each of its token requests; part of the identity
 * of an issued token
 * @param sslBundle name of the SSL bundle for its token endpoint; null for the default of
 * the Java platform
 * @param access who may have its tokens, and with which scopes
 * @param actorRegistration id of the registration whose token says who acts for the
 * subject; null if nobody does
 * @author OAuth Redis
 * @since 0.1.0
 */
public record ClientSettings(RefreshPolicy policy, Map<String, String> parameters, @Nullable String sslBundle,
		AccessPolicy access, @Nullable String actorRegistration) {

	public ClientSettings {
		parameters = Map.copyOf(parameters);
	}

	/**
	 * Shows the names of the parameters only.
	 */
	@Override
	public String toString() {
		return "ClientSettings[policy=" + this.policy + ", parameters=" + this.parameters.keySet() + ", sslBundle="
				+ this.sslBundle + ", access=" + this.access + ", actorRegistration=" + this.actorRegistration + "]";
	}

}
