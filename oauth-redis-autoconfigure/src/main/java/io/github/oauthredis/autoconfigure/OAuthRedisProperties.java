package io.github.oauthredis.autoconfigure;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.boot.convert.DurationStyle;

/**
 * Settings as they were bound: nothing is parsed or checked yet, because a failure during
 * binding prints the value that failed. Immutable; its string form shows no secret.
 *
 * @param enabled Whether the starter takes part.
 * @param keyPrefix Start of every key in Redis. Holds no brace and no glob character.
 * @param redisTimeout Deadline of one Redis call.
 * @param grantLifetime Life of a record after its last write where the server states
 * none.
 * @param sweepRate Keys of Redis that one instance for all looks at per second, to seal
 * idle records anew and to remove revoked ones. Zero means that nothing is swept.
 * @param clients Settings by client registration id.
 * @param refresh Renewal of tokens.
 * @param encryption Sealing of records.
 * @param http Calls to protected APIs.
 * @param nearCache Opened records in memory.
 * @param circuitBreaker Providers that fail.
 * @param signals Logouts and revocations that providers report.
 * @param revocation Tokens that are removed or revoked.
 */
@ConfigurationProperties("oauth-redis")
record OAuthRedisProperties(@DefaultValue("true") boolean enabled, @DefaultValue("oauth-redis") String keyPrefix,
		@DefaultValue("1s") Duration redisTimeout, @DefaultValue("180d") Duration grantLifetime,
		@DefaultValue("100") int sweepRate, @DefaultValue Map<String, Client> clients, @DefaultValue Refresh refresh,
		@DefaultValue Encryption encryption, @DefaultValue Http http, @DefaultValue NearCache nearCache,
		@DefaultValue CircuitBreaker circuitBreaker, @DefaultValue Signals signals,
		@DefaultValue Revocation revocation) {

	OAuthRedisProperties {
		clients = Collections.unmodifiableMap(new LinkedHashMap<>(clients));
	}

	/**
	 * Settings of one registration.
	 * @param registrationId id of the client registration
	 * @return what is configured, or the defaults
	 */
	Client client(String registrationId) {
		Client client = this.clients.get(registrationId);
		return (client != null) ? client : Client.DEFAULTS;
	}

	/**
	 * Settings of one client registration.
	 *
	 * @param uris Requests that use this registration without a selector: origin and path
	 * pattern.
	 * @param parameters Extra parameters of every token request.
	 * @param defaultTokenLifetime Lifetime of a renewable token for which the server
	 * states none.
	 * @param rotationGrace How long the server accepts a refresh token that it has
	 * replaced.
	 * @param previousClientSecrets Former client secrets. They only open records and are
	 * never sent.
	 * @param nextClientSecrets Client secrets that are sent in this order where the
	 * provider refuses the registration's own. They open records, too.
	 * @param sslBundle Name of the SSL bundle for the token endpoint. Without it, the
	 * Java platform decides whom to trust.
	 * @param allowedAuthorities Authorities of which a caller needs one to get a token.
	 * Without the property, nobody is excluded.
	 * @param scopesByAuthority Scopes to be asked for on behalf of callers with an
	 * authority, in place of those of the registration. Excludes callers with none of
	 * these authorities. For issued tokens only.
	 * @param requiredScopes Scopes without which a token is not handed out.
	 * @param actorRegistration Registration for client credentials whose token says who
	 * acts for the user in token exchanges.
	 * @param signals What the provider may report.
	 * @param revocationUri Endpoint of the provider at which tokens are revoked. Without
	 * it, the one that the provider's discovery document names.
	 */
	record Client(@DefaultValue List<String> uris, @DefaultValue Map<String, String> parameters,
			@DefaultValue(Client.TOKEN_LIFETIME) Duration defaultTokenLifetime,
			@DefaultValue(Client.ROTATION_GRACE) Duration rotationGrace,
			@DefaultValue List<String> previousClientSecrets, @DefaultValue List<String> nextClientSecrets,
			@Nullable String sslBundle, @Nullable List<String> allowedAuthorities,
			@DefaultValue Map<String, List<String>> scopesByAuthority, @DefaultValue List<String> requiredScopes,
			@Nullable String actorRegistration, @DefaultValue ClientSignals signals, @Nullable String revocationUri) {

		static final String TOKEN_LIFETIME = "5m";

		static final String ROTATION_GRACE = "0s";

		static final Client DEFAULTS = new Client(List.of(), Map.of(), DurationStyle.detectAndParse(TOKEN_LIFETIME),
				DurationStyle.detectAndParse(ROTATION_GRACE), List.of(), List.of(), null, null, Map.of(), List.of(),
				null, ClientSignals.NONE, null);

		Client {
			uris = List.copyOf(uris);
			parameters = Collections.unmodifiableMap(new LinkedHashMap<>(parameters));
			previousClientSecrets = List.copyOf(previousClientSecrets);
			nextClientSecrets = List.copyOf(nextClientSecrets);
			allowedAuthorities = (allowedAuthorities != null) ? List.copyOf(allowedAuthorities) : null;
			scopesByAuthority = Collections.unmodifiableMap(new LinkedHashMap<>(scopesByAuthority));
			requiredScopes = List.copyOf(requiredScopes);
		}

		@Override
		public String toString() {
			return "Client[uris=" + this.uris + ", parameters=" + this.parameters.keySet() + ", defaultTokenLifetime="
					+ this.defaultTokenLifetime + ", rotationGrace=" + this.rotationGrace + ", previousClientSecrets="
					+ this.previousClientSecrets.size() + ", nextClientSecrets=" + this.nextClientSecrets.size()
					+ ", sslBundle=" + this.sslBundle + ", allowedAuthorities=" + this.allowedAuthorities
					+ ", scopesByAuthority=" + this.scopesByAuthority + ", requiredScopes=" + this.requiredScopes
					+ ", actorRegistration=" + this.actorRegistration + ", signals=" + this.signals + ", revocationUri="
					+ this.revocationUri + "]";
		}

	}

	/**
	 * What the provider of one registration may report.
	 *
	 * @param backChannelLogout Whether logouts are received (OpenID Connect Back-Channel
	 * Logout).
	 * @param securityEvents Whether security event tokens are received (CAEP, RISC).
	 * @param issuer Issuer of these tokens. Without it, that of the provider.
	 * @param jwkSetUri Keys of this issuer. Without it, those of the provider.
	 * @param audience Whom these tokens name as audience. Without it, the client id.
	 * @param bearerToken Text that the sender of security event tokens must show as
	 * bearer token.
	 * @param webhook Service whose webhooks are received, such as slack.
	 * @param webhookSecret Secret with which that service signs.
	 */
	record ClientSignals(@DefaultValue("false") boolean backChannelLogout,
			@DefaultValue("false") boolean securityEvents, @Nullable String issuer, @Nullable String jwkSetUri,
			@Nullable String audience, @Nullable String bearerToken, @Nullable String webhook,
			@Nullable String webhookSecret) {

		static final ClientSignals NONE = new ClientSignals(false, false, null, null, null, null, null, null);

		@Override
		public String toString() {
			return "ClientSignals[backChannelLogout=" + this.backChannelLogout + ", securityEvents="
					+ this.securityEvents + ", webhook=" + this.webhook + "]";
		}

	}

	/**
	 * Where providers report.
	 *
	 * @param path Start of the paths at which messages of providers are received.
	 */
	record Signals(@DefaultValue("/oauth-redis") String path) {
	}

	/**
	 * When and how tokens are renewed.
	 *
	 * @param window Longest time before the end of a token at which background renewal
	 * starts.
	 * @param windowFraction Longest part of a token's lifetime before its end at which
	 * background renewal starts. The later of both starts counts.
	 * @param margin Time by which a token counts as ended early, at most a tenth of its
	 * lifetime.
	 * @param connectTimeout Time to connect to a token endpoint.
	 * @param callTimeout Hard deadline of a whole token request.
	 * @param callerWait Longest wait of a caller. Must exceed the call timeout.
	 * @param minInterval Time between token requests for one record after a failure or a
	 * refused fresh token, at most half the token's lifetime.
	 * @param maxBackoff Longest pause between token requests, whatever the server asks
	 * for.
	 * @param concurrency Token requests at once per instance, three quarters of them to
	 * one provider.
	 * @param rate Token requests per second that all instances together send to one
	 * provider. Zero means no bound.
	 * @param burst Token requests that may be sent at once after a quiet time where the
	 * rate is bounded.
	 * @param waitReplicas Replicas of Redis that must have a grant before callers get it,
	 * as far as they have it within the Redis timeout. Zero means none.
	 */
	record Refresh(@DefaultValue("5m") Duration window, @DefaultValue("0.2") double windowFraction,
			@DefaultValue("5s") Duration margin, @DefaultValue("2s") Duration connectTimeout,
			@DefaultValue("5s") Duration callTimeout, @DefaultValue("8s") @Name("wait") Duration callerWait,
			@DefaultValue("5s") Duration minInterval, @DefaultValue("5m") Duration maxBackoff,
			@DefaultValue("16") int concurrency, @DefaultValue("0") double rate, @DefaultValue("10") int burst,
			@DefaultValue("0") int waitReplicas) {
	}

	/**
	 * How records are sealed.
	 *
	 * @param enabled Whether records are sealed.
	 * @param keys Keys. The first seals, all open. Without any, they are derived from the
	 * client secrets.
	 * @param jwkSetLocation Location of a JWK Set file that holds the keys. Excludes
	 * inline keys.
	 * @param rotationDelay How long a first key that arrives in a running instance only
	 * opens before it seals, so that all instances know it by then.
	 */
	record Encryption(@DefaultValue("true") boolean enabled, @DefaultValue List<Key> keys,
			@Nullable String jwkSetLocation, @DefaultValue("5m") Duration rotationDelay) {

		Encryption {
			keys = List.copyOf(keys);
		}

		/**
		 * One key.
		 *
		 * @param id Name of the key. Written into every record that it seals.
		 * @param secret Key of 256 bits in Base64.
		 */
		record Key(@Nullable String id, @Nullable String secret) {

			@Override
			public String toString() {
				return "Key[id=" + this.id + "]";
			}

		}

	}

	/**
	 * How protected APIs are called.
	 *
	 * @param retryOnUnauthorized Whether an answer of 401 refreshes the token once and
	 * repeats the call.
	 * @param challengeExceptions Whether an exception tells that an API asks for more
	 * scopes or for another authentication. Otherwise its answer is passed on.
	 */
	record Http(@DefaultValue("true") boolean retryOnUnauthorized, @DefaultValue("true") boolean challengeExceptions) {
	}

	/**
	 * Records that are kept in memory, so that a hit does not ask Redis. Needs Caffeine.
	 *
	 * @param enabled Whether opened records are kept in memory.
	 * @param maximumSize Most records in memory.
	 * @param maxStaleness Longest use of a record in memory that nobody has confirmed,
	 * while Redis answers.
	 * @param outageStaleness How much longer it may be used while Redis does not answer.
	 */
	record NearCache(@DefaultValue("true") boolean enabled, @DefaultValue("10000") long maximumSize,
			@DefaultValue("30s") Duration maxStaleness, @DefaultValue("10m") Duration outageStaleness) {
	}

	/**
	 * When a provider that fails is left alone. Needs Resilience4j.
	 *
	 * @param enabled Whether a provider that fails repeatedly gets no token requests for
	 * a while.
	 * @param failureThreshold Failures in a row after which no token requests are sent.
	 * @param openFor How long none are sent before one finds out whether the provider
	 * works again.
	 */
	record CircuitBreaker(@DefaultValue("true") boolean enabled, @DefaultValue("5") int failureThreshold,
			@DefaultValue("30s") Duration openFor) {
	}

	/**
	 * What happens to tokens that are removed or revoked.
	 *
	 * @param enabled Whether providers are told that tokens are removed or revoked.
	 * @param onLogout Whether a logout revokes and removes the grants of the user.
	 */
	record Revocation(@DefaultValue("true") boolean enabled, @DefaultValue("true") boolean onLogout) {
	}

}
