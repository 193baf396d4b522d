package io.github.oauthredis.sample.launcher;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Lets the instances stop the embedded Redis for some seconds: a {@code POST} of the
 * duration to an address of this machine that contains a secret.
 *
 * @author OAuth Redis
 */
final class RedisSwitch implements AutoCloseable {

	private static final Duration LONGEST = Duration.ofSeconds(30);

	private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();

	private final HttpServer server;

	private final String path;

	private final Runnable freeze;

	private final Runnable resume;

	// Touched by the one thread only.
	private boolean frozen;

	private RedisSwitch(HttpServer server, Runnable freeze, Runnable resume) {
		this.server = server;
		this.freeze = freeze;
		this.resume = resume;
		byte[] secret = new byte[16];
		new SecureRandom().nextBytes(secret);
		this.path = "/" + HexFormat.of().formatHex(secret);
	}

	static RedisSwitch open(Runnable freeze, Runnable resume) {
		try {
			HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
			RedisSwitch opened = new RedisSwitch(server, freeze, resume);
			server.setExecutor(opened.thread);
			server.createContext(opened.path, opened::handle);
			server.start();
			return opened;
		}
		catch (IOException ex) {
			throw new SampleStartException("No port for the switch of the embedded Redis.", ex);
		}
	}

	private void handle(HttpExchange exchange) throws IOException {
		try (exchange) {
			String body = new String(exchange.getRequestBody().readNBytes(100), StandardCharsets.UTF_8);
			exchange.sendResponseHeaders(stop(exchange.getRequestMethod(), body), -1);
		}
	}

	private int stop(String method, String body) {
		if (!method.equals("POST")) {
			return 405;
		}
		if (this.frozen) {
			return 409;
		}
		try {
			Duration duration = Duration.parse(body);
			if (duration.isNegative() || duration.compareTo(LONGEST) > 0) {
				return 400;
			}
			this.freeze.run();
			this.frozen = true;
			Future<?> unused = this.thread.schedule(this::resume, duration.toMillis(), TimeUnit.MILLISECONDS);
			return 204;
		}
		catch (DateTimeParseException ex) {
			return 400;
		}
	}

	private void resume() {
		this.resume.run();
		this.frozen = false;
	}

	/**
	 * Return the address, which whoever knows it may use.
	 * @return an address on the loopback interface
	 */
	String uri() {
		return "http://127.0.0.1:%d%s".formatted(this.server.getAddress().getPort(), this.path);
	}

	@Override
	public void close() {
		this.server.stop(0);
		this.thread.shutdownNow();
	}

}
