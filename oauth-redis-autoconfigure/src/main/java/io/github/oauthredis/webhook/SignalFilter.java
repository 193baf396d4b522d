package io.github.oauthredis.webhook;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.concurrent.ExecutionException;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.http.HttpHeaders;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Lets servlet applications receive messages of providers. Passes on what is for another
 * path. Thread-safe; blocks as long as a message takes.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignalFilter extends OncePerRequestFilter {

	private final SignalHandler handler;

	/**
	 * Create a filter.
	 * @param handler what both kinds of applications have in common
	 */
	public SignalFilter(SignalHandler handler) {
		this.handler = handler;
	}

	@Override
	protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
			throws ServletException, IOException {
		String path = request.getServletPath() + ((request.getPathInfo() != null) ? request.getPathInfo() : "");
		if (!this.handler.paths().contains(path)) {
			chain.doFilter(request, response);
			return;
		}
		byte[] body = request.getInputStream().readNBytes(SignalHandler.LONGEST_BODY + 1);
		String text = (body.length <= SignalHandler.LONGEST_BODY) ? new String(body, StandardCharsets.UTF_8) : "";
		write(response, await(path, request, text));
	}

	private SignalReply await(String path, HttpServletRequest request, String body) {
		try {
			return this.handler.handle(path, request.getMethod(), headers(request), body).toCompletableFuture().get();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			return SignalReply.later();
		}
		catch (ExecutionException ex) {
			throw new IllegalStateException(ex);
		}
	}

	private static HttpHeaders headers(HttpServletRequest request) {
		HttpHeaders headers = new HttpHeaders();
		Collections.list(request.getHeaderNames())
			.forEach((name) -> headers.addAll(name, Collections.list(request.getHeaders(name))));
		return headers;
	}

	private static void write(HttpServletResponse response, SignalReply reply) throws IOException {
		response.setStatus(reply.status());
		reply.headers().forEach((name, values) -> values.forEach((value) -> response.addHeader(name, value)));
		response.getOutputStream().write(reply.body().getBytes(StandardCharsets.UTF_8));
	}

}
