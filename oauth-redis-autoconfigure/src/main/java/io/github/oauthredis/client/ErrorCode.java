package io.github.oauthredis.client;

import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Error codes of token endpoints. Pure.
 */
final class ErrorCode {

	private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

	/**
	 * The standard's code, and what GitHub and Slack say in its place.
	 */
	private static final Set<String> GRANT_REFUSED = Set.of("invalid_grant", "bad_refresh_token",
			"invalid_refresh_token");

	private static final Set<String> CLIENT_REFUSED = Set.of("invalid_client", "incorrect_client_credentials",
			"bad_client_secret");

	private ErrorCode() {
	}

	/**
	 * Take a code that is safe to show.
	 * @param value what the server sent
	 * @return the code, or null if it is no plain code
	 */
	static @Nullable String of(@Nullable Object value) {
		return (value instanceof String code && PLAIN.matcher(code).matches()) ? code : null;
	}

	/**
	 * Whether the server refused a refresh token for good.
	 * @param code the code; null if there is none
	 * @return {@code true} if so
	 */
	static boolean refusesGrant(@Nullable String code) {
		return code != null && GRANT_REFUSED.contains(code);
	}

	/**
	 * Whether the server refused the client's own authentication.
	 * @param code the code
	 * @return {@code true} if so
	 */
	static boolean refusesClient(String code) {
		return CLIENT_REFUSED.contains(code);
	}

}
