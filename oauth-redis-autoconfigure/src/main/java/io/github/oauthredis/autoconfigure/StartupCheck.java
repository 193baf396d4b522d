package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.core.AuthorizationGrantType;
import org.springframework.util.StringUtils;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Client;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.ClientSignals;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Encryption;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.crypto.ConfiguredSealingKeys;
import io.github.oauthredis.crypto.SealingKeys;
import io.github.oauthredis.webhook.SignalVerifier;

/**
 * Compares the settings with what the application has, when all beans are there and
 * before it serves anybody. Asks neither Redis nor a provider, and derives no key.
 */
final class StartupCheck implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(StartupCheck.class);

	private static final Duration LOOKUP = Duration.ofSeconds(2);

	private final OAuthRedisSettings settings;

	private final Registrations registrations;

	private final SealingKeys keys;

	private final @Nullable SslBundles sslBundles;

	/**
	 * Create a check.
	 * @param settings the settings
	 * @param registrations the registrations they speak of
	 * @param keys keys that seal records
	 * @param sslBundles the bundles they speak of; null if there are none
	 */
	StartupCheck(OAuthRedisSettings settings, Registrations registrations, SealingKeys keys,
			@Nullable SslBundles sslBundles) {
		this.settings = settings;
		this.registrations = registrations;
		this.keys = keys;
		this.sslBundles = sslBundles;
	}

	@Override
	public void afterSingletonsInstantiated() {
		List<ClientRegistration> known = (this.registrations instanceof FoundRegistrations found && !found.isLazy())
				? found.list() : null;
		Map<String, Client> clients = this.settings.properties().clients();
		if (known != null) {
			checkIds(clients.keySet(), known);
			known.forEach(this::checkKey);
			known.forEach(this::checkScopes);
			clients.forEach((id, client) -> checkActor(id, client.actorRegistration(), known));
			known.forEach(this::checkSignals);
		}
		else {
			checkIds(clients.keySet());
		}
		clients.forEach((id, client) -> checkSslBundle(id, client.sslBundle()));
	}

	private void checkIds(Collection<String> ids, List<ClientRegistration> known) {
		TreeSet<String> knownIds = known.stream()
			.map(ClientRegistration::getRegistrationId)
			.collect(Collectors.toCollection(TreeSet::new));
		for (String id : ids) {
			if (!knownIds.contains(id)) {
				throw unknown(id, "The registrations are %s.".formatted(knownIds));
			}
		}
	}

	private void checkIds(Collection<String> ids) {
		if (this.registrations instanceof FoundRegistrations found && found.isLazy()) {
			if (!ids.isEmpty()) {
				logger.warn("The repository of client registrations asks a provider first, so nobody checked whether "
						+ "there is a registration for each of 'oauth-redis.clients', and whether its settings fit it: "
						+ new TreeSet<>(ids));
			}
			return;
		}
		try {
			for (String id : ids) {
				ClientRegistration registration = this.registrations.find(id)
					.toCompletableFuture()
					.get(LOOKUP.toMillis(), TimeUnit.MILLISECONDS);
				if (registration == null) {
					throw unknown(id, "The repository of client registrations does not know it.");
				}
				checkScopes(registration);
				checkSignals(registration);
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		catch (ExecutionException | TimeoutException ex) {
			logger.debug("Whether all client registrations exist is not known yet", ex);
		}
	}

	private static InvalidOAuthRedisConfigurationException unknown(String id, String finding) {
		return new InvalidOAuthRedisConfigurationException("oauth-redis.clients." + id, null,
				"There is no client registration with the id '%s'. %s".formatted(id, finding),
				"Correct the id, or define the registration under 'spring.security.oauth2.client.registration.%s'."
					.formatted(id));
	}

	private void checkKey(ClientRegistration registration) {
		Encryption encryption = this.settings.properties().encryption();
		boolean derived = encryption.enabled() && this.keys instanceof ConfiguredSealingKeys
				&& this.keys.sealingId().isEmpty();
		if (derived && !StringUtils.hasText(registration.getClientSecret())) {
			throw new InvalidOAuthRedisConfigurationException("oauth-redis.encryption.keys", null,
					("Client registration '%s' has no client secret to derive a key from, and no other key is configured, "
							+ "so its tokens could not be sealed.")
						.formatted(registration.getRegistrationId()),
					"Set 'oauth-redis.encryption.keys[0].id' and '.secret' (256 random bits in Base64, such as "
							+ "'openssl rand -base64 32' prints) or 'oauth-redis.encryption.jwk-set-location', or switch "
							+ "sealing off with 'oauth-redis.encryption.enabled=false'.");
		}
	}

	private void checkScopes(ClientRegistration registration) {
		String id = registration.getRegistrationId();
		if (AuthorizationGrantType.AUTHORIZATION_CODE.equals(registration.getAuthorizationGrantType())
				&& !this.settings.client(id).access().scopesByAuthority().isEmpty()) {
			throw new InvalidOAuthRedisConfigurationException(
					"oauth-redis.clients.%s.scopes-by-authority".formatted(id), null,
					"Users grant the tokens of this registration, and a grant has one token, whatever authorities the user "
							+ "has.",
					"Remove the property, or set 'oauth-redis.clients.%s.allowed-authorities'.".formatted(id));
		}
	}

	private static void checkActor(String id, @Nullable String actor, List<ClientRegistration> known) {
		if (actor == null) {
			return;
		}
		String property = "oauth-redis.clients.%s.actor-registration".formatted(id);
		if (!isOfType(actor, AuthorizationGrantType.CLIENT_CREDENTIALS, known)) {
			throw new InvalidOAuthRedisConfigurationException(property, actor,
					"There is no client registration for client credentials with this id.",
					"Correct the id, or define the registration under 'spring.security.oauth2.client.registration'.");
		}
		if (!isOfType(id, AuthorizationGrantType.TOKEN_EXCHANGE, known)) {
			throw new InvalidOAuthRedisConfigurationException(property, actor,
					"Only a token exchange says who acts for the subject.",
					"Remove the property, or let the registration '%s' use token exchange.".formatted(id));
		}
	}

	private static boolean isOfType(String id, AuthorizationGrantType grantType, List<ClientRegistration> known) {
		return known.stream()
			.anyMatch((registration) -> registration.getRegistrationId().equals(id)
					&& grantType.equals(registration.getAuthorizationGrantType()));
	}

	private void checkSignals(ClientRegistration registration) {
		ClientSignals signals = this.settings.properties().client(registration.getRegistrationId()).signals();
		boolean any = signals.backChannelLogout() || signals.securityEvents() || signals.webhook() != null;
		if (any && !AuthorizationGrantType.AUTHORIZATION_CODE.equals(registration.getAuthorizationGrantType())) {
			throw new InvalidOAuthRedisConfigurationException(
					"oauth-redis.clients.%s.signals".formatted(registration.getRegistrationId()), null,
					"Reports of a provider end what users granted, and no user grants the tokens of this registration.",
					"Remove the property, or set it for a registration whose grant type is 'authorization_code'.");
		}
		if (signals.backChannelLogout() || signals.securityEvents()) {
			SignalVerifier.Source unused = SignalEndpoints.source(registration, signals);
		}
	}

	private void checkSslBundle(String id, @Nullable String name) {
		if (name != null && (this.sslBundles == null || !this.sslBundles.getBundleNames().contains(name))) {
			throw new InvalidOAuthRedisConfigurationException("oauth-redis.clients.%s.ssl-bundle".formatted(id), name,
					"There is no SSL bundle of this name.",
					"Correct the name, or define the bundle under 'spring.ssl.bundle'.");
		}
	}

}
