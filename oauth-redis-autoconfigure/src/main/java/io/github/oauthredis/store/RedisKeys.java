package io.github.oauthredis.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;

/**
 * Names of keys in Redis. All keys of one record share a hash tag, so that one script may
 * use them in a cluster; so do all marks and hold-offs, and all keys that count the
 * requests to one provider.
 *
 * @param prefix start of every key
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RedisKeys(String prefix) {

	/**
	 * Middle of the names of what concerns many records.
	 */
	public static final String SHARED = ":{nb}:";

	/**
	 * End of the name of the mark of all records.
	 */
	public static final String ALL = SHARED + "all";

	/**
	 * End of the name of a record.
	 */
	public static final String RECORD = "}:token";

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

	/**
	 * Names of the marks that concern a record, apart from {@link #ALL}.
	 * @param key its key
	 * @return the names
	 */
	public List<String> marks(TokenKey key) {
		return marks(key.registrationId(), key.principalName());
	}

	private List<String> marks(String registrationId, @Nullable String principalName) {
		List<String> marks = new ArrayList<>(List.of(mark(new MarkScope.Registration(registrationId))));
		if (principalName != null) {
			marks.add(mark(new MarkScope.Principal(principalName)));
		}
		return marks;
	}

	String lease(TokenKey key) {
		return name(key, "lease");
	}

	String aside(TokenKey key) {
		return name(key, "aside");
	}

	/**
	 * Name of what is written after a record, in the same slot, to see whether replicas
	 * have it. Unlike those of records, marks and hold-offs, its changes are not listened
	 * to.
	 */
	String replicated(TokenKey key) {
		return this.prefix + ":replicated" + tag(key);
	}

	/**
	 * Keys of the outbox of revocations. Nobody listens to their changes either.
	 */
	List<String> outbox() {
		return List.of(this.prefix + ":outbox:{ob}:times", this.prefix + ":outbox:{ob}:entries");
	}

	/**
	 * Keys of what is read beside a record: hold-off, then marks.
	 */
	List<String> beside(TokenKey key) {
		List<String> keys = new ArrayList<>(List.of(holdOff(key), mark(new MarkScope.All())));
		keys.addAll(marks(key));
		return keys;
	}

	/**
	 * The same where only this is known of the record, so that no hold-off is read.
	 */
	List<String> beside(String registrationId, @Nullable String principalName) {
		String all = mark(new MarkScope.All());
		List<String> keys = new ArrayList<>(List.of(all, all));
		keys.addAll(marks(registrationId, principalName));
		return keys;
	}

	/**
	 * Names for sweeping, in the slot of the marks. Unlike theirs, changes of these are
	 * not listened to.
	 */
	List<String> sweep() {
		return List.of(this.prefix + ":sweep:{nb}", swept());
	}

	String swept() {
		return this.prefix + ":swept:{nb}";
	}

	/**
	 * Pattern of the names of all that is sealed for long, and of some others.
	 */
	String sealed() {
		return this.prefix + ":[{s]*";
	}

	/**
	 * Start of the names of all records.
	 */
	String records() {
		return this.prefix + ":{";
	}

	/**
	 * Start of the names of all that is known of users.
	 */
	String subjects() {
		return this.prefix + ":subject:{";
	}

	/**
	 * Name of a mark.
	 * @param scope what it revokes
	 * @return the name
	 */
	public String mark(MarkScope scope) {
		if (scope instanceof MarkScope.Registration registration) {
			return shared("r:" + readable(registration.registrationId()));
		}
		if (scope instanceof MarkScope.Principal principal) {
			return shared("p:" + Digests.sha256(principal.principalName()));
		}
		return this.prefix + ALL;
	}

	String holdOff(TokenKey key) {
		return shared("c:" + Digests.sha256(key.tokenUri()));
	}

	String budget(TokenKey key) {
		return provider(key, "budget");
	}

	String probe(TokenKey key) {
		return provider(key, "probe");
	}

	/**
	 * Name of what is known of one user of a registration. Its changes are not listened
	 * to.
	 */
	String subject(String registrationId, String digest) {
		return this.prefix + ":subject" + tag(registrationId, digest);
	}

	/**
	 * Name of a message of a provider that was received. Its changes are not listened to.
	 */
	String signal(String registrationId, String digest) {
		return this.prefix + ":signal" + tag(registrationId, digest);
	}

	String secret(String registrationId) {
		return this.prefix + ":{cs~" + readable(registrationId) + "}:place";
	}

	private String shared(String name) {
		return this.prefix + SHARED + name;
	}

	private String provider(TokenKey key, String kind) {
		return this.prefix + ":{pv~" + Digests.sha256(key.tokenUri()) + "}:" + kind;
	}

	private String name(TokenKey key, String kind) {
		return this.prefix + tag(key) + ":" + kind;
	}

	private static String tag(TokenKey key) {
		return tag(key.registrationId(), key.digest());
	}

	private static String tag(String registrationId, String digest) {
		return ":{" + readable(registrationId) + "~" + digest + "}";
	}

	/**
	 * Keep letters, digits, dot, dash and underscore, so that neither a brace nor a glob
	 * in an id changes what a key or an ACL pattern means. Different ids stay different,
	 * even those that are not Unicode.
	 */
	static String readable(String registrationId) {
		StringBuilder readable = new StringBuilder();
		registrationId.codePoints().forEach((c) -> {
			if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
				readable.append("%%u%04X".formatted(c));
			}
			else if (isPlain(c)) {
				readable.append((char) c);
			}
			else {
				for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
					readable.append("%%%02X".formatted(b));
				}
			}
		});
		return readable.toString();
	}

	private static boolean isPlain(int c) {
		return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-'
				|| c == '_';
	}

}
