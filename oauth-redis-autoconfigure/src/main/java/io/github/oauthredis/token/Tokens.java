package io.github.oauthredis.token;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Tokens and what belongs to them: the part of a record that is sealed. Immutable; its
 * string form shows no secret and no principal name.
 *
 * @param accessToken value of the access token
 * @param tokenType type of the access token, such as {@code Bearer}
 * @param refreshToken value of the refresh token; null where the provider gave none
 * @param scopes scopes that were granted
 * @param requestedScopes scopes that were asked for; empty where nobody said
 * @param principalName name of the principal who granted, or on whose behalf the token is
 * issued; null where it is issued to the client itself
 * @param issuedAt when the access token was issued, by the clock of the instance that
 * received it
 * @param expiresAt when the access token ends as the client library was told; null where
 * the server stated no usable lifetime
 * @param refreshTokenIssuedAt when the refresh token was received; null without one
 * @param lifetime lifetime that the server stated; null where it stated no usable one
 * @param refreshIn hint of the server after what time to renew; null without a hint
 * @param previousAccessToken digest of the access token that this one replaced; null for
 * the first
 * @param rotates whether the server was seen to replace the refresh token
 * @param marks marks that were current before the grant was requested
 * @param lineage the refresh tokens of this grant that were replaced last, newest first,
 * at most {@value #LONGEST_LINEAGE}
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Tokens(String accessToken, String tokenType, @Nullable String refreshToken, Set<String> scopes,
		Set<String> requestedScopes, @Nullable String principalName, Instant issuedAt, @Nullable Instant expiresAt,
		@Nullable Instant refreshTokenIssuedAt, @Nullable Duration lifetime, @Nullable Duration refreshIn,
		@Nullable String previousAccessToken, boolean rotates, Marks marks, List<Rotation> lineage) {

	/**
	 * Most replaced refresh tokens that are remembered: the last five with the present
	 * one.
	 */
	public static final int LONGEST_LINEAGE = 4;

	public Tokens {
		scopes = Set.copyOf(scopes);
		requestedScopes = Set.copyOf(requestedScopes);
		lineage = List.copyOf(lineage.subList(0, Math.min(lineage.size(), LONGEST_LINEAGE)));
	}

	/**
	 * Tokens whose refresh token replaced none.
	 * @param accessToken value of the access token
	 * @param tokenType type of the access token
	 * @param refreshToken value of the refresh token; null where the provider gave none
	 * @param scopes scopes that were granted
	 * @param requestedScopes scopes that were asked for
	 * @param principalName name of the principal who granted, or on whose behalf the
	 * token is issued; null where it is issued to the client itself
	 * @param issuedAt when the access token was issued
	 * @param expiresAt when the access token ends; null where nobody said
	 * @param refreshTokenIssuedAt when the refresh token was received; null without one
	 * @param lifetime lifetime that the server stated; null where it stated none
	 * @param refreshIn hint after what time to renew; null without a hint
	 * @param previousAccessToken digest of the replaced access token; null for the first
	 * @param rotates whether the server was seen to replace the refresh token
	 * @param marks marks that were current before the grant was requested
	 */
	public Tokens(String accessToken, String tokenType, @Nullable String refreshToken, Set<String> scopes,
			Set<String> requestedScopes, @Nullable String principalName, Instant issuedAt, @Nullable Instant expiresAt,
			@Nullable Instant refreshTokenIssuedAt, @Nullable Duration lifetime, @Nullable Duration refreshIn,
			@Nullable String previousAccessToken, boolean rotates, Marks marks) {
		this(accessToken, tokenType, refreshToken, scopes, requestedScopes, principalName, issuedAt, expiresAt,
				refreshTokenIssuedAt, lifetime, refreshIn, previousAccessToken, rotates, marks, List.of());
	}

	/**
	 * Digest of the access token, by which two tokens are compared.
	 * @return the SHA-256 as Base64 for URLs without padding
	 */
	public String accessTokenDigest() {
		return Digests.sha256(this.accessToken);
	}

	/**
	 * Which of some scopes were not granted. A grant that was saved without scopes has
	 * those that were asked for: its server named none, because nothing was left out.
	 * @param scopes the scopes
	 * @return those that are missing, sorted; empty if none is
	 */
	public Set<String> missing(Set<String> scopes) {
		Set<String> missing = new TreeSet<>(scopes);
		missing.removeAll((this.principalName != null && this.scopes.isEmpty()) ? this.requestedScopes : this.scopes);
		return missing;
	}

	/**
	 * The same tokens as successors of others.
	 * @param before the tokens they replace
	 * @return tokens that remember the replaced access token, and whether the server
	 * rotates
	 */
	public Tokens replacing(Tokens before) {
		return new Tokens(this.accessToken, this.tokenType, this.refreshToken, this.scopes, this.requestedScopes,
				this.principalName, this.issuedAt, this.expiresAt, this.refreshTokenIssuedAt, this.lifetime,
				this.refreshIn, before.accessTokenDigest(), before.rotates, this.marks, this.lineage);
	}

	/**
	 * The same tokens as those of a new grant.
	 * @param marks marks that were current before the grant was requested
	 * @return tokens with these marks
	 */
	public Tokens withMarks(Marks marks) {
		return new Tokens(this.accessToken, this.tokenType, this.refreshToken, this.scopes, this.requestedScopes,
				this.principalName, this.issuedAt, this.expiresAt, this.refreshTokenIssuedAt, this.lifetime,
				this.refreshIn, this.previousAccessToken, this.rotates, marks, this.lineage);
	}

	@Override
	public String toString() {
		return "Tokens[tokenType=" + this.tokenType + ", refreshable=" + (this.refreshToken != null) + ", expiresAt="
				+ this.expiresAt + "]";
	}

}
