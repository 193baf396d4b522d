package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.sun.net.httpserver.HttpExchange;
import org.jspecify.annotations.Nullable;

/**
 * A request as it arrived at a fake server. Immutable.
 */
public final class RecordedRequest {

	private final String method;

	private final URI uri;

	private final Map<String, List<String>> headers;

	private final byte[] body;

	private RecordedRequest(String method, URI uri, Map<String, List<String>> headers, byte[] body) {
		this.method = method;
		this.uri = uri;
		this.headers = headers;
		this.body = body;
	}

	static RecordedRequest read(HttpExchange exchange) throws IOException {
		Map<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
		exchange.getRequestHeaders().forEach((name, values) -> headers.put(name, List.copyOf(values)));
		return new RecordedRequest(exchange.getRequestMethod(), exchange.getRequestURI(),
				Collections.unmodifiableMap(headers), exchange.getRequestBody().readAllBytes());
	}

	public String method() {
		return this.method;
	}

	/**
	 * Return the path and query.
	 * @return the target of the request, without scheme and host
	 */
	public URI uri() {
		return this.uri;
	}

	public String path() {
		return this.uri.getPath();
	}

	/**
	 * Return the headers.
	 * @return all values by name; names without regard to case
	 */
	public Map<String, List<String>> headers() {
		return this.headers;
	}

	public byte[] body() {
		return this.body.clone();
	}

	public String bodyText() {
		return new String(this.body, StandardCharsets.UTF_8);
	}

	/**
	 * Return the first value of a header.
	 * @param name the name in any case
	 * @return the value, or null if the header did not arrive
	 */
	public @Nullable String header(String name) {
		List<String> values = this.headers.get(name);
		return (values != null) ? values.get(0) : null;
	}

	/**
	 * Return the bearer token of the request.
	 * @return the token, or null if there is none
	 */
	public @Nullable String bearerToken() {
		String authorization = header("Authorization");
		boolean bearer = authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7);
		return bearer ? authorization.substring(7) : null;
	}

	/**
	 * Return the parameters of the query.
	 * @return the decoded parameters; of a repeated one the values joined by a line feed
	 */
	Map<String, String> queryParameters() {
		String query = this.uri.getRawQuery();
		return (query != null) ? parameters(query) : Map.of();
	}

	/**
	 * Return the parameters of a form body.
	 * @return the decoded parameters; of a repeated one the values joined by a line feed
	 */
	Map<String, String> formParameters() {
		return parameters(bodyText());
	}

	private static Map<String, String> parameters(String encoded) {
		Map<String, String> parameters = new LinkedHashMap<>();
		Arrays.stream(encoded.split("&")).filter((pair) -> !pair.isEmpty()).forEach((pair) -> {
			String[] parts = pair.split("=", 2);
			parameters.merge(decode(parts[0]), decode((parts.length > 1) ? parts[1] : ""),
					(first, next) -> first + "\n" + next);
		});
		return parameters;
	}

	static String decode(String encoded) {
		return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
	}

	@Override
	public String toString() {
		return this.method + " " + this.uri;
	}

}
