package io.github.oauthredis.webhook;

import java.nio.charset.StandardCharsets;

import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferLimitException;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.server.WebFilter;
import org.springframework.web.server.WebFilterChain;
import reactor.core.publisher.Mono;

/**
 * Lets reactive applications receive messages of providers. Passes on what is for another
 * path. Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class SignalWebFilter implements WebFilter, Ordered {

	private final SignalHandler handler;

	private final int order;

	/**
	 * Create a filter.
	 * @param handler what both kinds of applications have in common
	 * @param order place among the filters, before that of Spring Security
	 */
	public SignalWebFilter(SignalHandler handler, int order) {
		this.handler = handler;
		this.order = order;
	}

	@Override
	public int getOrder() {
		return this.order;
	}

	@Override
	public Mono<Void> filter(ServerWebExchange exchange, WebFilterChain chain) {
		ServerHttpRequest request = exchange.getRequest();
		String path = request.getPath().pathWithinApplication().value();
		if (!this.handler.paths().contains(path)) {
			return chain.filter(exchange);
		}
		return DataBufferUtils.join(request.getBody(), SignalHandler.LONGEST_BODY)
			.map(SignalWebFilter::text)
			.onErrorReturn(DataBufferLimitException.class, "")
			.defaultIfEmpty("")
			.flatMap((body) -> Mono
				.fromCompletionStage(this.handler.handle(path, request.getMethod().name(), request.getHeaders(), body)))
			.flatMap((reply) -> write(exchange.getResponse(), reply));
	}

	private static String text(DataBuffer buffer) {
		String text = buffer.toString(StandardCharsets.UTF_8);
		DataBufferUtils.release(buffer);
		return text;
	}

	private static Mono<Void> write(ServerHttpResponse response, SignalReply reply) {
		response.setStatusCode(HttpStatusCode.valueOf(reply.status()));
		response.getHeaders().addAll(reply.headers());
		byte[] body = reply.body().getBytes(StandardCharsets.UTF_8);
		return response.writeWith(Mono.fromSupplier(() -> response.bufferFactory().wrap(body)));
	}

}
