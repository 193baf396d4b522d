package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that answers each connection with whatever bytes a test likes, on the loopback
 * interface. Thread-safe.
 */
public final class RawServer implements AutoCloseable {

	private final ServerSocket socket;

	private final AtomicInteger ended = new AtomicInteger();

	private volatile Answer answer = (out) -> {
	};

	private RawServer(ServerSocket socket) {
		this.socket = socket;
	}

	/**
	 * Start a server that answers nothing.
	 * @return the server
	 */
	public static RawServer start() {
		try {
			RawServer server = new RawServer(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
			Daemon.start("raw-server", server::accept);
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Answer so from now on.
	 * @param answer writes the answer; may write without end
	 * @return this
	 */
	public RawServer answer(Answer answer) {
		this.answer = answer;
		return this;
	}

	public String uri(String path) {
		return "http://127.0.0.1:" + this.socket.getLocalPort() + path;
	}

	/**
	 * Count the connections that have ended.
	 * @return how many
	 */
	public int ended() {
		return this.ended.get();
	}

	private void accept() {
		while (!this.socket.isClosed()) {
			try {
				Socket connection = this.socket.accept();
				Daemon.start("raw-connection", () -> serve(connection));
			}
			catch (IOException ex) {
				// Closed.
			}
		}
	}

	private void serve(Socket connection) {
		try (connection) {
			readHead(connection.getInputStream());
			OutputStream out = connection.getOutputStream();
			this.answer.write(out);
			out.flush();
		}
		catch (IOException ex) {
			// The client has had enough.
		}
		finally {
			this.ended.incrementAndGet();
		}
	}

	private static void readHead(InputStream in) throws IOException {
		int matched = 0;
		while (matched < 4) {
			int c = in.read();
			if (c == -1) {
				return;
			}
			matched = (c == "\r\n\r\n".charAt(matched)) ? matched + 1 : (c == '\r') ? 1 : 0;
		}
		in.skipNBytes(in.available());
	}

	@Override
	public void close() {
		try {
			this.socket.close();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * What a connection gets.
	 */
	@FunctionalInterface
	public interface Answer {

		void write(OutputStream out) throws IOException;

	}

}
