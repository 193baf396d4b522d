package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.util.List;

import io.github.oauthredis.token.TokenKey;

/**
 * Names of keys in Redis. All keys of one record share a hash tag, so that one script may
 * use them in a cluster.
 *
 * @param prefix start of every key
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RedisKeys(String prefix) {

	/**
	 * Keys that every script gets.
	 */
	List<String> all(TokenKey key) {
		return List.of(token(key), lease(key));
	}

	List<String> withAside(TokenKey key) {
		return List.of(token(key), lease(key), aside(key));
	}

	/**
	 * Name of a record.
	 * @param key its key
	 * @return the name
	 */
	public String token(TokenKey key) {
		return name(key, "token");
	}

	String lease(TokenKey key) {
		return name(key, "lease");
	}

	String aside(TokenKey key) {
		return name(key, "aside");
	}

	private String name(TokenKey key, String kind) {
		return this.prefix + ":{" + readable(key.registrationId()) + "~" + key.digest() + "}:" + kind;
	}

	/**
	 * Keep letters, digits, dot, dash and underscore, so that neither a brace nor a glob
	 * in an id changes what a key or an ACL pattern means. The digest tells ids apart.
	 */
	private static String readable(String registrationId) {
		StringBuilder readable = new StringBuilder();
		for (byte b : registrationId.getBytes(StandardCharsets.UTF_8)) {
			char c = (char) (b & 0xFF);
			boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
					|| c == '-' || c == '_';
			readable.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
		}
		return readable.toString();
	}

}
