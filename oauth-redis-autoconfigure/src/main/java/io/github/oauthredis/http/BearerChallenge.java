package io.github.oauthredis.http;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

import io.github.oauthredis.token.InsufficientScopeException;
import io.github.oauthredis.token.StepUpRequiredException;
import io.github.oauthredis.token.TokenUnavailableException;

/**
 * Why an API refused a bearer token (RFC 6750 section 3, RFC 9470). Reads whatever comes
 * and takes of it what is well formed. Immutable.
 *
 * @param error error code
 * @param scopes scopes that the API asks for; empty if it names none
 * @param acrValues kinds of authentication that it asks for, the preferred first; empty
 * if it names none
 * @param maxAge how long ago the user may have logged in at most; null if it does not say
 */
record BearerChallenge(String error, Set<String> scopes, List<String> acrValues, @Nullable Duration maxAge) {

	static final int MAX_HEADERS = 16;

	static final int MAX_LENGTH = 8 * 1024;

	private static final Pattern ERROR = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

	private static final Pattern WORD = Pattern.compile("[\\x21\\x23-\\x5B\\x5D-\\x7E]{1,256}");

	private static final Pattern SECONDS = Pattern.compile("[0-9]{1,9}");

	/**
	 * Read the headers of an answer.
	 * @param headers values of {@code WWW-Authenticate}; those beyond the sixteenth and
	 * those longer than 8 KiB are ignored
	 * @return the first challenge of scheme {@code Bearer} with an error; null if there
	 * is none
	 */
	static @Nullable BearerChallenge parse(List<String> headers) {
		return headers.stream()
			.limit(MAX_HEADERS)
			.filter((header) -> header.length() <= MAX_LENGTH)
			.flatMap((header) -> bearers(header).stream())
			.map(BearerChallenge::of)
			.filter(Objects::nonNull)
			.findFirst()
			.orElse(null);
	}

	/**
	 * What to throw if a renewed token would be refused as well.
	 * @param status status of the answer
	 * @param headers its headers
	 * @param registrationId whose token was refused
	 * @return the exception; null if the answer says nothing of the kind
	 */
	static @Nullable TokenUnavailableException exception(int status, HttpHeaders headers, String registrationId) {
		BearerChallenge challenge = (status == 401 || status == 403)
				? parse(headers.getOrEmpty(HttpHeaders.WWW_AUTHENTICATE)) : null;
		if (challenge == null) {
			return null;
		}
		return switch (challenge.error()) {
			case "insufficient_scope" -> new InsufficientScopeException(
					"The API asks for more scopes than the token of registration '%s' has".formatted(registrationId),
					registrationId, challenge.scopes());
			case "insufficient_user_authentication" ->
				new StepUpRequiredException(registrationId, challenge.acrValues(), challenge.maxAge());
			default -> null;
		};
	}

	private static @Nullable BearerChallenge of(Map<String, String> parameters) {
		String error = parameters.getOrDefault("error", "");
		String maxAge = parameters.getOrDefault("max_age", "");
		return ERROR.matcher(error).matches()
				? new BearerChallenge(error, new LinkedHashSet<>(words(parameters.getOrDefault("scope", ""))),
						words(parameters.getOrDefault("acr_values", "")),
						SECONDS.matcher(maxAge).matches() ? Duration.ofSeconds(Long.parseLong(maxAge)) : null)
				: null;
	}

	private static List<String> words(String value) {
		return Arrays.stream(value.split(" ")).filter((word) -> WORD.matcher(word).matches()).toList();
	}

	/** Parameters of each challenge whose scheme is {@code Bearer}. */
	private static List<Map<String, String>> bearers(String header) {
		List<Map<String, String>> bearers = new ArrayList<>();
		Map<String, String> current = new HashMap<>();
		for (String element : elements(header)) {
			int equals = element.indexOf('=');
			String[] names = ((equals >= 0) ? element.substring(0, equals) : element).strip().split("\\s+", -1);
			if (equals < 0 || names.length > 1) {
				current = new HashMap<>();
				if (names[0].equalsIgnoreCase("Bearer")) {
					bearers.add(current);
				}
			}
			if (equals >= 0 && names.length <= 2) {
				current.putIfAbsent(names[names.length - 1].toLowerCase(Locale.ROOT),
						unquoted(element.substring(equals + 1).strip()));
			}
		}
		return bearers;
	}

	/** What stands between commas that are not within quotes. */
	private static List<String> elements(String header) {
		List<String> elements = new ArrayList<>();
		int start = 0;
		boolean quoted = false;
		for (int i = 0; i < header.length(); i++) {
			char c = header.charAt(i);
			if (c == '"') {
				quoted = !quoted;
			}
			else if (c == '\\' && quoted) {
				i++;
			}
			else if (c == ',' && !quoted) {
				elements.add(header.substring(start, i));
				start = i + 1;
			}
		}
		elements.add(header.substring(start));
		return elements.stream().filter((element) -> !element.isBlank()).toList();
	}

	private static String unquoted(String value) {
		if (!value.startsWith("\"")) {
			return value;
		}
		StringBuilder text = new StringBuilder();
		for (int i = 1; i < value.length() && value.charAt(i) != '"'; i++) {
			if (value.charAt(i) == '\\' && i + 1 < value.length()) {
				i++;
			}
			text.append(value.charAt(i));
		}
		return text.toString();
	}

}
