package io.github.oauthredis.sample;

import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Uses the sample over HTTP as a browser does: keeps cookies and follows redirects.
 *
 * @author OAuth Redis
 */
class Visitor {

	private static final Pattern CSRF = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

	private static final Duration TIMEOUT = Duration.ofSeconds(30);

	private final HttpClient http = HttpClient.newBuilder()
		.cookieHandler(new CookieManager())
		.followRedirects(Redirect.NORMAL)
		.connectTimeout(TIMEOUT)
		.build();

	private final JsonMapper json = new JsonMapper();

	HttpResponse<String> get(URI base, String path) {
		return send(HttpRequest.newBuilder(base.resolve(path)));
	}

	/**
	 * Ask an instance for a login.
	 * @param instance address of the instance
	 * @return where that ends: at the server's login form, or back at the instance
	 */
	HttpResponse<String> requestLogin(URI instance) {
		return get(instance, "/oauth2/authorization/demo-web");
	}

	HttpResponse<String> submit(HttpResponse<String> loginForm, String user, String password) {
		Matcher csrf = CSRF.matcher(loginForm.body());
		if (!csrf.find()) {
			throw new AssertionError("No login form at " + loginForm.uri());
		}
		String form = "username=%s&password=%s&_csrf=%s".formatted(user, password, csrf.group(1));
		return send(HttpRequest.newBuilder(loginForm.uri().resolve("/login"))
			.header("Content-Type", "application/x-www-form-urlencoded")
			.POST(BodyPublishers.ofString(form)));
	}

	void logIn(URI instance) {
		submit(requestLogin(instance), "alice", "password");
	}

	HttpResponse<String> logOut(URI instance) {
		return requestPost(instance, "/logout");
	}

	JsonNode panel(URI instance) {
		return getJson(instance, "/panel");
	}

	JsonNode getJson(URI instance, String path) {
		return this.json.readTree(get(instance, path).body());
	}

	HttpResponse<String> postWithoutCsrf(URI instance, String path) {
		return send(HttpRequest.newBuilder(instance.resolve(path)).POST(BodyPublishers.noBody()));
	}

	HttpResponse<String> requestPost(URI instance, String path) {
		JsonNode csrf = getJson(instance, "/csrf");
		return send(HttpRequest.newBuilder(instance.resolve(path))
			.header(csrf.get("headerName").asString(), csrf.get("token").asString())
			.POST(BodyPublishers.noBody()));
	}

	JsonNode post(URI instance, String path) {
		HttpResponse<String> response = requestPost(instance, path);
		if (response.statusCode() != 200) {
			throw new AssertionError("%s answered %d: %s".formatted(path, response.statusCode(), response.body()));
		}
		return response.body().isEmpty() ? this.json.createObjectNode() : this.json.readTree(response.body());
	}

	private HttpResponse<String> send(HttpRequest.Builder request) {
		try {
			return this.http.send(request.timeout(TIMEOUT).build(), BodyHandlers.ofString());
		}
		catch (IOException ex) {
			throw new AssertionError(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new AssertionError(ex);
		}
	}

}
