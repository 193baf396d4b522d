package io.github.oauthredis.benchmark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A connection in the state of {@code MONITOR}: hands each line on.
 */
final class LineMonitor implements AutoCloseable {

	private final Socket socket;

	LineMonitor(String host, int port, Consumer<String> lines) {
		try {
			this.socket = new Socket(host, port);
			this.socket.getOutputStream().write("MONITOR\r\n".getBytes(StandardCharsets.US_ASCII));
			BufferedReader reader = new BufferedReader(
					new InputStreamReader(this.socket.getInputStream(), StandardCharsets.ISO_8859_1));
			String answer = reader.readLine();
			if (!"+OK".equals(answer)) {
				throw new IllegalStateException("MONITOR was answered " + answer);
			}
			Thread thread = new Thread(() -> read(reader, lines), "redis-monitor");
			thread.setDaemon(true);
			thread.start();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static void read(BufferedReader reader, Consumer<String> lines) {
		try {
			for (String line = reader.readLine(); line != null; line = reader.readLine()) {
				lines.accept(line.startsWith("+") ? line.substring(1) : line);
			}
		}
		catch (IOException ex) {
			// The monitor was closed.
		}
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
