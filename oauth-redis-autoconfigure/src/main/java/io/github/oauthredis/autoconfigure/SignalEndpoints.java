package io.github.oauthredis.autoconfigure;

import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.security.oauth2.client.registration.ClientRegistration;
import org.springframework.security.oauth2.client.registration.ClientRegistration.ProviderDetails;
import org.springframework.util.StringUtils;

import io.github.oauthredis.autoconfigure.OAuthRedisProperties.Client;
import io.github.oauthredis.autoconfigure.OAuthRedisProperties.ClientSignals;
import io.github.oauthredis.client.Registrations;
import io.github.oauthredis.webhook.JwkSetClient;
import io.github.oauthredis.webhook.LogoutReceiver;
import io.github.oauthredis.webhook.SecurityEventReceiver;
import io.github.oauthredis.webhook.SignalHandler.Endpoint;
import io.github.oauthredis.webhook.SignalReceiver;
import io.github.oauthredis.webhook.SignalVerifier;
import io.github.oauthredis.webhook.WebhookProvider;
import io.github.oauthredis.webhook.WebhookReceiver;

/**
 * Finds out from the settings what is received where. A registration is not looked up
 * before the first message for it.
 */
final class SignalEndpoints {

	private static final long LOOKUP_SECONDS = 10;

	private final OAuthRedisProperties properties;

	private final Registrations registrations;

	private final List<WebhookProvider> webhooks;

	private final @Nullable SslBundles sslBundles;

	private final Clock clock;

	// By the name of the SSL bundle; empty for none.
	private final Map<String, JwkSetClient> clients = new ConcurrentHashMap<>();

	private final Set<String> watchedBundles = ConcurrentHashMap.newKeySet();

	SignalEndpoints(OAuthRedisProperties properties, Registrations registrations, List<WebhookProvider> webhooks,
			@Nullable SslBundles sslBundles, Clock clock) {
		this.properties = properties;
		this.registrations = registrations;
		this.webhooks = webhooks;
		this.sslBundles = sslBundles;
		this.clock = clock;
	}

	/**
	 * Endpoints by path.
	 * @return one for each kind of message of each registration
	 */
	Map<String, Endpoint> all() {
		Map<String, Endpoint> endpoints = new LinkedHashMap<>();
		this.properties.clients()
			.forEach((id, client) -> receivers(id, client).forEach((kind, receiver) -> endpoints
				.put("%s/%s/%s".formatted(this.properties.signals().path(), kind, id), new Endpoint(id, receiver))));
		return endpoints;
	}

	private Map<String, SignalReceiver> receivers(String id, Client client) {
		Map<String, SignalReceiver> receivers = new LinkedHashMap<>();
		ClientSignals signals = client.signals();
		if (signals.backChannelLogout() || signals.securityEvents()) {
			SignalVerifier verifier = verifier(id, client);
			if (signals.backChannelLogout()) {
				receivers.put("logout", new LogoutReceiver(verifier));
			}
			if (signals.securityEvents()) {
				receivers.put("events", new SecurityEventReceiver(verifier, signals.bearerToken()));
			}
		}
		if (signals.webhook() != null && signals.webhookSecret() != null) {
			receivers.put("webhook", new WebhookReceiver(webhook(id, signals.webhook()), signals.webhookSecret()));
		}
		return receivers;
	}

	private SignalVerifier verifier(String id, Client client) {
		return new SignalVerifier(() -> source(registration(id), client.signals()),
				(uri) -> keys(client.sslBundle()).fetch(uri), this.clock);
	}

	private JwkSetClient keys(@Nullable String bundle) {
		return this.clients.computeIfAbsent((bundle != null) ? bundle : "",
				(name) -> new JwkSetClient(this.properties.refresh().connectTimeout(), bundle(bundle)));
	}

	private @Nullable SslBundle bundle(@Nullable String name) {
		if (name == null) {
			return null;
		}
		SslBundles bundles = Objects.requireNonNull(this.sslBundles);
		if (this.watchedBundles.add(name)) {
			bundles.addBundleUpdateHandler(name, (changed) -> this.clients.keySet().remove(name));
		}
		return bundles.getBundle(name);
	}

	private ClientRegistration registration(String id) {
		try {
			ClientRegistration registration = this.registrations.find(id)
				.toCompletableFuture()
				.get(LOOKUP_SECONDS, TimeUnit.SECONDS);
			return Objects.requireNonNull(registration, () -> "There is no client registration '%s'".formatted(id));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Client registration '%s' was not found in time".formatted(id), ex);
		}
		catch (ExecutionException | TimeoutException ex) {
			throw new IllegalStateException("Client registration '%s' cannot be found now".formatted(id), ex);
		}
	}

	/**
	 * Whom to believe.
	 * @param registration the registration
	 * @param signals its settings
	 * @return whose tokens are received
	 * @throws InvalidOAuthRedisConfigurationException if neither says so
	 */
	static SignalVerifier.Source source(ClientRegistration registration, ClientSignals signals) {
		String prefix = "oauth-redis.clients.%s.signals.".formatted(registration.getRegistrationId());
		ProviderDetails provider = registration.getProviderDetails();
		return new SignalVerifier.Source(required(prefix + "issuer", signals.issuer(), provider.getIssuerUri()),
				required(prefix + "jwk-set-uri", signals.jwkSetUri(), provider.getJwkSetUri()),
				(signals.audience() != null) ? signals.audience() : registration.getClientId());
	}

	private static String required(String property, @Nullable String own, @Nullable String providers) {
		String value = (own != null) ? own : providers;
		if (!StringUtils.hasText(value)) {
			throw new InvalidOAuthRedisConfigurationException(property, null,
					"The provider of the registration does not say it, and without it nobody's tokens can be believed.",
					"Set it, or let the provider's 'issuer-uri' tell it.");
		}
		return value;
	}

	private WebhookProvider webhook(String id, String name) {
		return this.webhooks.stream()
			.filter((provider) -> provider.name().equals(name))
			.findFirst()
			.orElseThrow(() -> new InvalidOAuthRedisConfigurationException(
					"oauth-redis.clients.%s.signals.webhook".formatted(id), name,
					"There is no WebhookProvider of this name; there are %s."
						.formatted(this.webhooks.stream().map(WebhookProvider::name).toList()),
					"Correct the name, or define a WebhookProvider bean."));
	}

}
