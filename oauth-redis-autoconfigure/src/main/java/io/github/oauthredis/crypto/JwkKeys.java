package io.github.oauthredis.crypto;

import java.text.ParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

import javax.crypto.spec.SecretKeySpec;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.KeyType;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.util.JSONObjectUtils;
import org.jspecify.annotations.Nullable;

/**
 * Reads sealing keys from the configuration and from JWK Sets. What it says about a
 * malformed key names the place and what is wrong there, never what was read, and has no
 * cause that would. Pure.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class JwkKeys {

	private static final int KEY_BYTES = 32;

	/**
	 * Shorter than the shortest thing that someone takes for an AES key.
	 */
	private static final int MAX_SHOWN_ID = 20;

	private JwkKeys() {
	}

	/**
	 * Read keys that are written in the configuration.
	 * @param keys the keys; may be empty
	 * @return the same keys in the same order
	 * @throws SealingKeyException if one of them is malformed or two have the same id
	 */
	public static List<SealingKey> inline(List<EncodedKey> keys) {
		List<SealingKey> parsed = new ArrayList<>(keys.size());
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < keys.size(); i++) {
			String place = "'oauth-redis.encryption.keys[%d]'".formatted(i);
			parsed.add(key(place, "secret", keys.get(i).id(), keys.get(i).secret(), ids));
		}
		return List.copyOf(parsed);
	}

	/**
	 * Read a JWK Set of {@code oct} keys with 256 bits and a {@code kid} each.
	 * @param place where the set comes from, for messages
	 * @param json the set
	 * @return at least one key, in the order of the set
	 * @throws SealingKeyException if it is anything else
	 */
	static List<SealingKey> set(String place, String json) {
		Map<String, Object>[] entries = entries(place, json);
		return keys(place, entries.length, (i) -> octetSequence(position(place, i), entries[i]));
	}

	/**
	 * Take the keys of a JWK Set that somebody else read.
	 * @param place where the set comes from, for messages
	 * @param jwks its keys
	 * @return at least one key, in the order of the set
	 * @throws SealingKeyException if one is no {@code oct} key with 256 bits and a
	 * {@code kid}
	 */
	static List<SealingKey> set(String place, List<JWK> jwks) {
		return keys(place, jwks.size(), (i) -> octetSequence(position(place, i), jwks.get(i)));
	}

	private static List<SealingKey> keys(String place, int count, IntFunction<OctetSequenceKey> jwks) {
		if (count == 0) {
			throw new SealingKeyException("JWK Set of %s has no keys".formatted(place));
		}
		List<SealingKey> parsed = new ArrayList<>(count);
		Set<String> ids = new HashSet<>();
		for (int i = 0; i < count; i++) {
			OctetSequenceKey jwk = jwks.apply(i);
			parsed.add(key(position(place, i), "'k'", jwk.getKeyID(), jwk.getKeyValue().toString(), ids));
		}
		return List.copyOf(parsed);
	}

	private static String position(String place, int index) {
		return "Key %d of the JWK Set of %s".formatted(index + 1, place);
	}

	/**
	 * Decode 32 bytes.
	 * @param encoded text in Base64 with either alphabet, padded or not, white space
	 * around it ignored
	 * @return the bytes, or null if it is anything else
	 */
	static byte @Nullable [] decode(@Nullable String encoded) {
		if (encoded == null || encoded.length() > 4 * KEY_BYTES) {
			return null;
		}
		try {
			byte[] decoded = Base64.getUrlDecoder().decode(encoded.strip().replace('+', '-').replace('/', '_'));
			return (decoded.length == KEY_BYTES) ? decoded : null;
		}
		catch (IllegalArgumentException ex) {
			return null;
		}
	}

	private static Map<String, Object>[] entries(String place, String json) {
		Map<String, Object>[] entries;
		try {
			entries = JSONObjectUtils.getJSONObjectArray(JSONObjectUtils.parse(json), "keys");
		}
		catch (ParseException | RuntimeException ex) {
			entries = null;
		}
		if (entries == null) {
			throw new SealingKeyException(
					"%s is not a JWK Set: it must be a JSON object whose 'keys' are an array".formatted(place)
							+ " of JSON objects");
		}
		return entries;
	}

	private static OctetSequenceKey octetSequence(String position, @Nullable Map<String, Object> entry) {
		if (entry == null || !KeyType.OCT.getValue().equals(entry.get("kty"))) {
			throw new SealingKeyException(position + " is not of type 'oct'");
		}
		OctetSequenceKey jwk;
		try {
			jwk = OctetSequenceKey.parse(entry);
		}
		catch (ParseException | RuntimeException ex) {
			throw new SealingKeyException(position + " is not a valid JWK");
		}
		return octetSequence(position, jwk);
	}

	private static OctetSequenceKey octetSequence(String position, JWK jwk) {
		if (!(jwk instanceof OctetSequenceKey octetSequence)) {
			throw new SealingKeyException(position + " is not of type 'oct'");
		}
		if (KeyUse.SIGNATURE.equals(jwk.getKeyUse())) {
			throw new SealingKeyException(position + " is meant for signatures: its 'use' must be 'enc' or absent");
		}
		return octetSequence;
	}

	private static SealingKey key(String position, String part, @Nullable String id, @Nullable String encoded,
			Set<String> ids) {
		String problem = SealingKey.problemWithId(id);
		if (id == null || problem != null) {
			throw new SealingKeyException("%s: its id %s".formatted(position, problem));
		}
		// Whoever mixed up id and secret must not find the secret in the log.
		String name = (id.length() <= MAX_SHOWN_ID) ? "%s ('%s')".formatted(position, id) : position;
		byte[] secret = decode(encoded);
		if (secret == null) {
			throw new SealingKeyException("%s: its %s must be 32 bytes (256 bits) in Base64".formatted(name, part));
		}
		if (!ids.add(id)) {
			throw new SealingKeyException("%s: an earlier key has the same id".formatted(name));
		}
		return new SealingKey(id, new SecretKeySpec(secret, "AES"));
	}

}
