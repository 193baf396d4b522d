package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;

/**
 * The JDK's HTTP server on a free port of the loopback interface, with a thread for each
 * request. Thread-safe.
 */
final class LoopbackServer implements AutoCloseable {

	private static final int BACKLOG = 2048;

	static {
		// Read once by the JDK: without these each answer waits for a delayed
		// acknowledgement, and idle connections beyond the first 200 are closed.
		System.setProperty("sun.net.httpserver.nodelay", "true");
		System.setProperty("sun.net.httpserver.maxIdleConnections", "10000");
		System.setProperty("sun.net.httpserver.idleInterval", "300");
	}

	private final HttpServer server;

	private final ExecutorService executor;

	private final CountDownLatch closed = new CountDownLatch(1);

	LoopbackServer(String name) {
		AtomicInteger threads = new AtomicInteger();
		this.executor = Executors.newCachedThreadPool((task) -> {
			Thread thread = new Thread(task, name + "-" + threads.incrementAndGet());
			thread.setDaemon(true);
			return thread;
		});
		try {
			this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		this.server.setExecutor(this.executor);
	}

	LoopbackServer handle(String path, HttpHandler handler) {
		this.server.createContext(path, (exchange) -> {
			try (exchange) {
				handler.handle(exchange);
			}
		});
		return this;
	}

	LoopbackServer start() {
		this.server.start();
		return this;
	}

	int port() {
		return this.server.getAddress().getPort();
	}

	URI uri(String path) {
		return URI.create("http://127.0.0.1:" + port() + path);
	}

	/**
	 * Wait, unless the server is closed.
	 * @param duration how long
	 */
	void pause(Duration duration) {
		try {
			this.closed.await(duration.toNanos(), TimeUnit.NANOSECONDS);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	@Override
	public void close() {
		this.closed.countDown();
		this.server.stop(0);
		this.executor.shutdownNow();
	}

}
