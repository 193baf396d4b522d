package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;

import com.sun.net.httpserver.HttpExchange;

/**
 * A way in which an answer that is ready leaves the server, or does not.
 */
@FunctionalInterface
interface Delivery {

	/**
	 * Send the answer.
	 * @param exchange the exchange, closed by the caller afterwards
	 * @param answer the answer
	 * @param beforeLastByte to be called before the client can have the whole answer
	 * @throws IOException if the client has gone
	 */
	void deliver(HttpExchange exchange, Answer answer, Runnable beforeLastByte) throws IOException;

	static Delivery whole() {
		return (exchange, answer, beforeLastByte) -> {
			byte[] bytes = bytes(answer);
			beforeLastByte.run();
			head(exchange, answer, bytes.length);
			exchange.getResponseBody().write(bytes);
		};
	}

	static Delivery drip(LoopbackServer server, Duration interval) {
		return (exchange, answer, beforeLastByte) -> {
			byte[] bytes = bytes(answer);
			head(exchange, answer, bytes.length);
			OutputStream body = exchange.getResponseBody();
			for (int i = 0; i < bytes.length; i++) {
				server.pause(interval);
				if (i == bytes.length - 1) {
					beforeLastByte.run();
				}
				body.write(bytes, i, 1);
				body.flush();
			}
		};
	}

	/**
	 * Close the connection instead of answering.
	 * @return the delivery
	 */
	static Delivery none() {
		return (exchange, answer, beforeLastByte) -> {
			beforeLastByte.run();
			exchange.close();
		};
	}

	/**
	 * Send the answer followed by white space, so that it is valid JSON and too long.
	 * @param size the size of the body in bytes
	 * @return the delivery
	 */
	static Delivery padded(int size) {
		return changed((body) -> body + " ".repeat(Math.max(0, size - body.length())));
	}

	/**
	 * Send the first half of the answer as if it were the whole.
	 * @return the delivery
	 */
	static Delivery halved() {
		return changed((body) -> body.substring(0, body.length() / 2));
	}

	private static Delivery changed(UnaryOperator<String> change) {
		return (exchange, answer, beforeLastByte) -> whole().deliver(exchange,
				new Answer(answer.status(), answer.headers(), change.apply(answer.body())), beforeLastByte);
	}

	private static byte[] bytes(Answer answer) {
		return answer.body().getBytes(StandardCharsets.UTF_8);
	}

	private static void head(HttpExchange exchange, Answer answer, int length) throws IOException {
		answer.headers().forEach(exchange.getResponseHeaders()::set);
		exchange.sendResponseHeaders(answer.status(), (length > 0) ? length : -1);
	}

}
