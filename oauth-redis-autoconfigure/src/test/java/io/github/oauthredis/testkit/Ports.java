package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds free ports of the loopback interface that stay free while their server is down.
 * <p>
 * Ports that the system hands out by itself do not: while a server restarts, any outgoing
 * connection may take its port, even that of a client which tries to come back to it.
 * These ports lie below that range, and so do those of the bus of Redis Cluster, which
 * are higher by 10,000.
 */
final class Ports {

	private static final int FIRST = 12_000;

	private static final int LAST = 22_000;

	private static final int ATTEMPTS = 100;

	private Ports() {
	}

	static int free() {
		try (ServerSocket socket = listen(1)) {
			return socket.getLocalPort();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	static ServerSocket listen(int backlog) throws IOException {
		for (int i = 1; i < ATTEMPTS; i++) {
			try {
				return listen(ThreadLocalRandom.current().nextInt(FIRST, LAST), backlog);
			}
			catch (BindException ex) {
				// Taken: try another.
			}
		}
		throw new IOException("No free port between %d and %d".formatted(FIRST, LAST));
	}

	static ServerSocket listen(int port, int backlog) throws IOException {
		ServerSocket socket = new ServerSocket();
		try {
			socket.setReuseAddress(true);
			socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), backlog);
			return socket;
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

}
