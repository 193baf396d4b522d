package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Stands between a client and a server on the loopback interface and breaks the network
 * on request. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {

	private static final int BACKLOG = 1024;

	private static final Duration ACCEPTOR_BOUND = Duration.ofSeconds(10);

	private final Set<ProxyConnection> open = ConcurrentHashMap.newKeySet();

	private final AtomicInteger connections = new AtomicInteger();

	private final ProxyRules rules = new ProxyRules();

	private final String targetHost;

	private final int targetPort;

	private final int port;

	private ServerSocket listener; // guarded by this

	private Thread acceptor; // guarded by this

	private TcpProxy(ServerSocket listener, String targetHost, int targetPort) {
		this.targetHost = targetHost;
		this.targetPort = targetPort;
		this.listener = listener;
		this.port = this.listener.getLocalPort();
		this.acceptor = accept(this.listener);
	}

	/**
	 * Start a proxy on a free port.
	 * @param host the host of the server
	 * @param port its port; the server need not run yet
	 * @return the proxy, which passes everything through
	 */
	public static TcpProxy to(String host, int port) {
		try {
			return new TcpProxy(Ports.listen(BACKLOG), host, port);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	public static TcpProxy to(RedisServer server) {
		return to(server.host(), server.port());
	}

	public String host() {
		return "127.0.0.1";
	}

	public int port() {
		return this.port;
	}

	/**
	 * Deliver everything later, in both directions and in order. Costs no throughput.
	 * @param delay how much later
	 */
	public void delay(Duration delay) {
		this.rules.delay(delay);
	}

	/**
	 * Deliver nothing more in one direction and tell nobody, not even that a side closed.
	 * What was sent meanwhile is delivered on {@link #passThrough()}, as TCP does it.
	 * @param direction the direction
	 */
	public void blackHole(Direction direction) {
		this.rules.blackHole(direction);
	}

	/**
	 * End delay, black holes and every fault that has not happened yet.
	 */
	public void passThrough() {
		this.rules.clear();
	}

	/**
	 * Reset all connections. New ones are accepted.
	 */
	public void cut() {
		this.open.forEach(ProxyConnection::cut);
	}

	/**
	 * Reset all connections and refuse new ones.
	 */
	public synchronized void refuse() {
		try {
			this.listener.close();
			// Until its thread has left it, a closed listener may accept one connection
			// more.
			this.acceptor.join(ACCEPTOR_BOUND.toMillis());
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		cut();
	}

	/**
	 * Accept connections again, on the same port.
	 */
	public synchronized void comeBack() {
		if (!this.listener.isClosed()) {
			return;
		}
		try {
			this.listener = Ports.listen(this.port, BACKLOG);
			this.acceptor = accept(this.listener);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Lose the reply to one request, which the server receives. Everything is lost that
	 * the server says after it, until the client's next request on that connection.
	 * @param request tells the request by its bytes as Latin-1; they are a whole request
	 * unless it is longer than 64 KB or the client sends several at once
	 */
	public void dropReply(Predicate<String> request) {
		this.rules.add(ProxyRules.Kind.DROP_REPLY, request, false);
	}

	/**
	 * Lose the reply to the next request, whatever it is.
	 */
	public void dropNextReply() {
		dropReply((request) -> true);
	}

	/**
	 * Reset the connection when the reply to one request arrives, instead of delivering.
	 * @param request tells the request, as for {@link #dropReply}
	 */
	public void cutOnReply(Predicate<String> request) {
		this.rules.add(ProxyRules.Kind.DROP_REPLY, request, true);
	}

	/**
	 * Lose one request; the server never sees it.
	 * @param request tells the request, as for {@link #dropReply}
	 */
	public void dropRequest(Predicate<String> request) {
		this.rules.add(ProxyRules.Kind.DROP_REQUEST, request, false);
	}

	/**
	 * Reset the connection when one request arrives, instead of delivering it.
	 * @param request tells the request, as for {@link #dropReply}
	 */
	public void cutOnRequest(Predicate<String> request) {
		this.rules.add(ProxyRules.Kind.DROP_REQUEST, request, true);
	}

	/**
	 * Hold one request, and what follows it on its connection, before it is delivered.
	 * @param request tells the request, as for {@link #dropReply}
	 * @return the gate at which it waits
	 */
	public Gate hold(Predicate<String> request) {
		return this.rules.add(ProxyRules.Kind.HOLD, request, false).gate();
	}

	/**
	 * Return how many requests and replies were lost as asked for.
	 * @return the number of drops, with and without a cut
	 */
	public int drops() {
		return this.rules.drops();
	}

	/**
	 * Return how many connections were ever accepted.
	 * @return the number of connections
	 */
	public int connections() {
		return this.connections.get();
	}

	public int openConnections() {
		return this.open.size();
	}

	/**
	 * Return how many bytes were delivered in one direction.
	 * @param direction the direction
	 * @return the number of bytes of all connections
	 */
	public long bytes(Direction direction) {
		return this.rules.bytes(direction).get();
	}

	@Override
	public void close() {
		refuse();
		passThrough();
	}

	private Thread accept(ServerSocket listener) {
		return Daemon.start("proxy-accept-" + this.port, () -> {
			while (!listener.isClosed()) {
				try {
					connect(listener.accept());
				}
				catch (IOException ex) {
					// Either refused on purpose or gone before it was accepted.
				}
			}
		});
	}

	private void connect(Socket client) throws IOException {
		this.connections.incrementAndGet();
		Socket server = new Socket();
		try {
			client.setTcpNoDelay(true);
			server.setTcpNoDelay(true);
			server.connect(new InetSocketAddress(this.targetHost, this.targetPort), 5000);
		}
		catch (IOException ex) {
			client.setSoLinger(true, 0);
			client.close();
			server.close();
			return;
		}
		ProxyConnection connection = new ProxyConnection(this.rules, client, server, this.open::remove);
		this.open.add(connection);
		connection.start();
	}

	/**
	 * A direction of the traffic.
	 */
	public enum Direction {

		/**
		 * From the client to the server.
		 */
		UPSTREAM,

		/**
		 * From the server to the client.
		 */
		DOWNSTREAM

	}

}
