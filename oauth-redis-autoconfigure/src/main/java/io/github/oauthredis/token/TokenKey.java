package io.github.oauthredis.token;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

import org.jspecify.annotations.Nullable;

/**
 * Identity of one record. A <em>grant</em> belongs to one principal of one registration;
 * its scopes are data, never identity. An <em>issued</em> token is identified by
 * everything that reaches its token request. Two keys are equal if and only if all these
 * attributes are. Immutable.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class TokenKey {

	private final Kind kind;

	private final String registrationId;

	// In an order and with counts that make the list unambiguous.
	private final List<String> attributes;

	// One of the attributes, or null.
	private final @Nullable String principalName;

	// Made when first needed, which a hit in memory does not; made twice at worst.
	private @Nullable String digest;

	TokenKey(Kind kind, String registrationId, List<String> attributes, @Nullable String principalName) {
		this.kind = kind;
		this.registrationId = registrationId;
		this.attributes = List.copyOf(attributes);
		this.principalName = principalName;
	}

	/**
	 * Identify the grant of one principal.
	 * @param registrationId id of the client registration
	 * @param clientId client id at the provider
	 * @param tokenUri token endpoint
	 * @param principalName name of the principal who granted
	 * @return the key
	 */
	public static TokenKey grant(String registrationId, String clientId, String tokenUri, String principalName) {
		return new TokenKey(Kind.GRANT, registrationId, List.of(clientId, tokenUri, principalName), principalName);
	}

	/**
	 * Identify a token that the client can have issued again without the user.
	 * @param registrationId id of the client registration
	 * @param clientId client id at the provider
	 * @param tokenUri token endpoint
	 * @param grantType grant type of the token request
	 * @param scopes requested scopes, in any order
	 * @param parameters extra parameters of the token request, in any order
	 * @param subjects principal name and digests of subject and actor tokens where the
	 * grant type has them; null where it has none
	 * @return the key
	 */
	public static TokenKey issued(String registrationId, String clientId, String tokenUri, String grantType,
			Collection<String> scopes, Map<String, String> parameters, @Nullable List<String> subjects) {
		List<String> attributes = new ArrayList<>();
		attributes.add(clientId);
		attributes.add(tokenUri);
		attributes.add(grantType);
		TreeSet<String> sortedScopes = new TreeSet<>(scopes);
		attributes.add(Integer.toString(sortedScopes.size()));
		attributes.addAll(sortedScopes);
		attributes.add(Integer.toString(parameters.size()));
		append(attributes, parameters);
		if (subjects != null) {
			attributes.addAll(subjects);
		}
		return new TokenKey(Kind.ISSUED, registrationId, attributes,
				(subjects != null && !subjects.isEmpty()) ? subjects.get(0) : null);
	}

	/**
	 * Id of the client registration.
	 * @return the id
	 */
	public String registrationId() {
		return this.registrationId;
	}

	/**
	 * What else identifies the record, client id and token endpoint first; may hold a
	 * principal name and is not for printing.
	 * @return the attributes
	 */
	public List<String> attributes() {
		return this.attributes;
	}

	/**
	 * Identify a record that is like this one but for further attributes.
	 * @param further names and values, in any order
	 * @return the key
	 */
	public TokenKey with(Map<String, String> further) {
		List<String> attributes = new ArrayList<>(this.attributes);
		append(attributes, further);
		return new TokenKey(this.kind, this.registrationId, attributes, this.principalName);
	}

	private static void append(List<String> attributes, Map<String, String> named) {
		new TreeMap<>(named).forEach((name, value) -> {
			attributes.add(name);
			attributes.add(value);
		});
	}

	/**
	 * Whether a user granted the token, so that only the user can replace it.
	 * @return {@code true} for a grant
	 */
	public boolean isGrant() {
		return this.kind == Kind.GRANT;
	}

	/**
	 * Token endpoint, which stands for the provider in everything that its registrations
	 * share.
	 * @return the URI
	 */
	public String tokenUri() {
		return this.attributes.get(1);
	}

	/**
	 * Name of the principal who granted, or on whose behalf a token is issued.
	 * @return the name, or null for a token that is issued to the client itself
	 */
	public @Nullable String principalName() {
		return this.principalName;
	}

	/**
	 * SHA-256 of the length-prefixed attributes, as Base64 for URLs without padding.
	 * @return 43 characters
	 */
	public String digest() {
		String digest = this.digest;
		if (digest == null) {
			ByteArrayOutputStream encoded = new ByteArrayOutputStream(256);
			append(encoded, this.kind.name());
			append(encoded, this.registrationId);
			this.attributes.forEach((attribute) -> append(encoded, attribute));
			digest = Base64.getUrlEncoder().withoutPadding().encodeToString(Digests.sha256(encoded.toByteArray()));
			this.digest = digest;
		}
		return digest;
	}

	/**
	 * Append the number of chars and then each char as two bytes: unlike UTF-8 this keeps
	 * unpaired surrogates apart.
	 */
	private static void append(ByteArrayOutputStream target, String value) {
		int length = value.length();
		target.writeBytes((length + ":").getBytes(StandardCharsets.US_ASCII));
		for (int i = 0; i < length; i++) {
			char c = value.charAt(i);
			target.write(c >>> 8);
			target.write(c);
		}
	}

	@Override
	public boolean equals(@Nullable Object other) {
		return this == other || (other instanceof TokenKey key && this.kind == key.kind
				&& this.registrationId.equals(key.registrationId) && this.attributes.equals(key.attributes));
	}

	@Override
	public int hashCode() {
		return (31 * this.registrationId.hashCode() + this.attributes.hashCode()) * 31 + this.kind.hashCode();
	}

	@Override
	public String toString() {
		return this.registrationId + "~" + digest();
	}

	/**
	 * The two kinds of record.
	 */
	enum Kind {

		/**
		 * Granted by a user: authorization code with refresh token.
		 */
		GRANT,

		/**
		 * Issued to the client: client credentials and the like.
		 */
		ISSUED

	}

}
