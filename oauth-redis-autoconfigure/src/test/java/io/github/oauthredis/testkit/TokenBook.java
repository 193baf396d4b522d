package io.github.oauthredis.testkit;

import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import org.jspecify.annotations.Nullable;

/**
 * The tokens of the fake authorization server and the rules by which they live, without
 * any HTTP. Thread-safe: every method holds the monitor.
 */
final class TokenBook {

	private static final SecureRandom RANDOM = new SecureRandom();

	private final Map<String, TokenFamily> families = new HashMap<>();

	private final Map<String, AccessToken> accessTokens = new HashMap<>();

	private final Map<String, AccessToken> reissuable = new HashMap<>();

	private final Map<String, Code> codes = new HashMap<>();

	private final Set<String> revoked = new HashSet<>();

	private Clock clock = Clock.systemUTC();

	private String prefix = "fake";

	private @Nullable Duration lifetime = Duration.ofHours(1);

	private @Nullable Duration reissueUntil;

	private @Nullable Duration grace;

	private int reuses;

	private int familyCount;

	synchronized void clock(Clock clock) {
		this.clock = clock;
	}

	synchronized void prefix(String prefix) {
		this.prefix = prefix;
	}

	synchronized void lifetime(@Nullable Duration lifetime) {
		this.lifetime = lifetime;
	}

	synchronized void reissueUntil(@Nullable Duration reissueUntil) {
		this.reissueUntil = reissueUntil;
	}

	/**
	 * Set how refresh tokens rotate.
	 * @param grace how long a replaced token is accepted, null for no rotation at all
	 */
	synchronized void rotation(@Nullable Duration grace) {
		this.grace = grace;
	}

	synchronized int reuses() {
		return this.reuses;
	}

	synchronized String code(String clientId, String redirectUri, String scope, String subject) {
		String code = random("code");
		this.codes.put(code, new Code(clientId, redirectUri, scope, subject));
		return code;
	}

	synchronized Issued redeem(String code, String clientId, String redirectUri) {
		Code known = this.codes.remove(code);
		if (known == null || !known.clientId().equals(clientId) || !known.redirectUri().equals(redirectUri)) {
			throw new OAuthError(400, "invalid_grant");
		}
		return open(clientId, known.subject(), known.scope());
	}

	synchronized IssuedGrant grant(String clientId, String subject, String scope) {
		Issued issued = open(clientId, subject, scope);
		return new IssuedGrant(issued.family(), issued.accessToken(), Objects.requireNonNull(issued.refreshToken()),
				(this.lifetime != null) ? this.lifetime.toSeconds() : -1);
	}

	private Issued open(String clientId, String subject, String scope) {
		String refreshToken = random("rt");
		TokenFamily family = new TokenFamily("family-" + ++this.familyCount, clientId, subject, scope, refreshToken);
		this.families.put(refreshToken, family);
		return issue(family.id(), subject, scope, family);
	}

	synchronized Issued issueWithoutRefreshToken(String reissueKey, String subject, String scope) {
		return issue(reissueKey, subject, scope, null);
	}

	synchronized Issued refresh(String refreshToken, String clientId) {
		TokenFamily family = this.families.get(refreshToken);
		if (family == null || !family.belongsTo(clientId)) {
			throw new OAuthError(400, "invalid_grant");
		}
		Instant now = this.clock.instant();
		Instant rotatedAt = family.rotatedAt(refreshToken);
		if (rotatedAt != null && (this.grace == null || !now.isBefore(rotatedAt.plus(this.grace)))) {
			this.reuses++;
			family.revoke();
		}
		if (family.revoked()) {
			throw new OAuthError(400, "invalid_grant");
		}
		if (rotatedAt == null && this.grace != null) {
			family.rotate(random("rt"), now);
			this.families.put(family.current(), family);
		}
		return issue(family.id(), family.subject(), family.scope(), family);
	}

	private Issued issue(String reissueKey, String subject, String scope, @Nullable TokenFamily family) {
		Instant now = this.clock.instant();
		AccessToken last = this.reissuable.get(reissueKey);
		boolean same = this.reissueUntil != null && last != null && isActive(last.value())
				&& now.isBefore(last.end().minus(this.reissueUntil));
		AccessToken token = same ? last : new AccessToken(random("at"), subject, end(now), family);
		this.accessTokens.put(token.value(), token);
		this.reissuable.put(reissueKey, token);
		boolean stated = same && !token.end().equals(Instant.MAX);
		return new Issued(token.value(), (family != null) ? family.current() : null, reissueKey, scope,
				stated ? Duration.between(now, token.end()) : null);
	}

	private Instant end(Instant now) {
		return (this.lifetime != null) ? now.plus(this.lifetime) : Instant.MAX;
	}

	synchronized boolean isActive(String accessToken) {
		AccessToken token = this.accessTokens.get(accessToken);
		return token != null && this.clock.instant().isBefore(token.end()) && !this.revoked.contains(accessToken)
				&& (token.family() == null || !token.family().revoked());
	}

	synchronized @Nullable String subject(String accessToken) {
		return isActive(accessToken) ? this.accessTokens.get(accessToken).subject() : null;
	}

	/**
	 * Revoke an access token, or with a refresh token its whole family.
	 * @param token the token; an unknown one is ignored
	 */
	synchronized void revoke(String token) {
		TokenFamily family = this.families.get(token);
		if (family != null) {
			family.revoke();
		}
		this.revoked.add(token);
	}

	synchronized boolean isAlive(String refreshToken) {
		TokenFamily family = this.families.get(refreshToken);
		return family != null && !family.revoked() && family.current().equals(refreshToken);
	}

	synchronized String current(String familyOrRefreshToken) {
		return this.families.entrySet()
			.stream()
			.filter((entry) -> familyOrRefreshToken.equals(entry.getKey())
					|| familyOrRefreshToken.equals(entry.getValue().id()))
			.findFirst()
			.orElseThrow(() -> new IllegalArgumentException("Neither a family nor a refresh token of this server"))
			.getValue()
			.current();
	}

	private String random(String kind) {
		byte[] bytes = new byte[24];
		RANDOM.nextBytes(bytes);
		return this.prefix + "-" + kind + "-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
	}

	/**
	 * The tokens of one answer.
	 *
	 * @param accessToken the access token
	 * @param refreshToken the refresh token, or null without one
	 * @param family the name of the token family, or of the client that got the token
	 * @param scope the scope of the grant
	 * @param remaining what is left of a token issued earlier, null for a new one
	 */
	record Issued(String accessToken, @Nullable String refreshToken, String family, String scope,
			@Nullable Duration remaining) {
	}

	private record AccessToken(String value, String subject, Instant end, @Nullable TokenFamily family) {
	}

	private record Code(String clientId, String redirectUri, String scope, String subject) {
	}

}
