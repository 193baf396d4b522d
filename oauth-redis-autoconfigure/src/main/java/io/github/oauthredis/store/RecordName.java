package io.github.oauthredis.store;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * What the name of a record in Redis says.
 *
 * @param tag start of the names of all keys of the record
 * @param registrationId id of the client registration
 * @param digest digest of everything that identifies the record
 */
record RecordName(String tag, String registrationId, String digest) {

	/**
	 * End of each name, behind the brace.
	 */
	static final String END = ":token";

	private static final Pattern NAME = Pattern.compile("(.*:\\{([^{}~]*)~([A-Za-z0-9_-]{43})\\})" + END,
			Pattern.DOTALL);

	/**
	 * Read a name.
	 * @return null if it is not the name of a record
	 */
	static @Nullable RecordName of(String name) {
		Matcher matcher = NAME.matcher(name);
		if (!matcher.matches()) {
			return null;
		}
		String registrationId = decode(matcher.group(2));
		return RedisKeys.readable(registrationId).equals(matcher.group(2))
				? new RecordName(matcher.group(1), registrationId, matcher.group(3)) : null;
	}

	/**
	 * Undo {@link RedisKeys#readable}; what that never writes may become anything.
	 */
	private static String decode(String readable) {
		StringBuilder decoded = new StringBuilder();
		ByteArrayOutputStream bytes = new ByteArrayOutputStream();
		Matcher parts = Pattern.compile("%u([0-9A-F]{4})|%([0-9A-F]{2})|([^%])").matcher(readable);
		while (parts.find()) {
			if (parts.group(2) != null) {
				bytes.write(Integer.parseInt(parts.group(2), 16));
				continue;
			}
			decoded.append(bytes.toString(StandardCharsets.UTF_8));
			bytes.reset();
			decoded.append(
					(parts.group(1) != null) ? (char) Integer.parseInt(parts.group(1), 16) : parts.group(3).charAt(0));
		}
		return decoded.append(bytes.toString(StandardCharsets.UTF_8)).toString();
	}

	/**
	 * Keys that every script gets.
	 */
	List<String> keys() {
		return List.of(this.tag + END, this.tag + ":lease");
	}

	/**
	 * The name under which it is sealed.
	 */
	@Override
	public String toString() {
		return this.registrationId + "~" + this.digest;
	}

}
