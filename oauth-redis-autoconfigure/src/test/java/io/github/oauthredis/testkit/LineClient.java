package io.github.oauthredis.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Speaks in lines through a proxy. Not thread-safe.
 */
final class LineClient implements AutoCloseable {

	private static final Duration BOUND = Duration.ofSeconds(20);

	private final Socket socket;

	private final BufferedReader reader;

	LineClient(TcpProxy proxy) throws IOException {
		this.socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
		this.socket.setTcpNoDelay(true);
		this.reader = reader(this.socket);
	}

	static BufferedReader reader(Socket socket) throws IOException {
		return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
	}

	String ask(String line) throws IOException {
		send(line);
		return receive();
	}

	void send(String line) throws IOException {
		this.socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
	}

	String receive() throws IOException {
		return receive(BOUND);
	}

	String receive(Duration bound) throws IOException {
		this.socket.setSoTimeout((int) bound.toMillis());
		String line = this.reader.readLine();
		if (line == null) {
			throw new IOException("closed");
		}
		return line;
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

}
