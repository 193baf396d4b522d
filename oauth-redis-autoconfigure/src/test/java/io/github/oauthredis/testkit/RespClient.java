package io.github.oauthredis.testkit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.jspecify.annotations.Nullable;

/**
 * Speaks to Redis with nothing but a socket, so that a test sees what is stored without
 * the client under test. One connection; not thread-safe.
 */
public final class RespClient implements AutoCloseable {

	private final Socket socket;

	private final BufferedInputStream input;

	/**
	 * Connect to a server.
	 * @param host the host
	 * @param port the port
	 * @param timeout the bound of the connect and of each single read
	 * @throws UncheckedIOException if nobody answers there
	 */
	public RespClient(String host, int port, Duration timeout) {
		this(new Socket(), host, port, timeout);
	}

	/**
	 * Connect to a server with a socket of the caller's making.
	 */
	RespClient(Socket socket, String host, int port, Duration timeout) {
		this.socket = socket;
		try {
			this.socket.setTcpNoDelay(true);
			this.socket.setSoTimeout((int) timeout.toMillis());
			this.socket.connect(new InetSocketAddress(host, port), (int) timeout.toMillis());
			this.input = new BufferedInputStream(this.socket.getInputStream());
		}
		catch (IOException ex) {
			close();
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Send a command and read its reply.
	 * @param args the command and its arguments, sent as UTF-8
	 * @return a {@code String}, {@code Long}, {@code List} of these, or null
	 * @throws IllegalStateException if Redis answers with an error
	 */
	public @Nullable Object command(String... args) {
		byte[][] bytes = new byte[args.length][];
		for (int i = 0; i < args.length; i++) {
			bytes[i] = args[i].getBytes(StandardCharsets.UTF_8);
		}
		return text(binaryCommand(bytes));
	}

	/**
	 * Send a command and read its reply, byte for byte.
	 * @param args the command and its arguments
	 * @return a {@code byte[]} for each string, otherwise as {@link #command}
	 * @throws IllegalStateException if Redis answers with an error
	 */
	public @Nullable Object binaryCommand(byte[]... args) {
		try {
			ByteArrayOutputStream request = new ByteArrayOutputStream();
			request.writeBytes(ascii("*" + args.length + "\r\n"));
			for (byte[] arg : args) {
				request.writeBytes(ascii("$" + arg.length + "\r\n"));
				request.writeBytes(arg);
				request.writeBytes(ascii("\r\n"));
			}
			this.socket.getOutputStream().write(request.toByteArray());
			return reply();
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private @Nullable Object reply() throws IOException {
		String line = line();
		String rest = line.substring(1);
		return switch (line.charAt(0)) {
			case '+' -> rest.getBytes(StandardCharsets.UTF_8);
			case '-' -> throw new IllegalStateException("Redis answered: " + rest);
			case ':' -> Long.valueOf(rest);
			case '$' -> bulk(Integer.parseInt(rest));
			case '*' -> array(Integer.parseInt(rest));
			default -> throw new IOException("Not a RESP2 reply: " + line);
		};
	}

	private byte @Nullable [] bulk(int length) throws IOException {
		if (length < 0) {
			return null;
		}
		byte[] bytes = this.input.readNBytes(length);
		if (bytes.length < length || this.input.readNBytes(2).length < 2) {
			throw new EOFException("Redis closed the connection within a reply");
		}
		return bytes;
	}

	private @Nullable List<@Nullable Object> array(int size) throws IOException {
		if (size < 0) {
			return null;
		}
		List<@Nullable Object> elements = new ArrayList<>(size);
		for (int i = 0; i < size; i++) {
			elements.add(reply());
		}
		return elements;
	}

	private String line() throws IOException {
		ByteArrayOutputStream line = new ByteArrayOutputStream();
		for (int next = this.input.read(); next != '\r'; next = this.input.read()) {
			if (next < 0) {
				throw new EOFException("Redis closed the connection");
			}
			line.write(next);
		}
		this.input.read();
		return line.toString(StandardCharsets.UTF_8);
	}

	private static @Nullable Object text(@Nullable Object reply) {
		if (reply instanceof byte[] bytes) {
			return new String(bytes, StandardCharsets.UTF_8);
		}
		if (reply instanceof List<?> list) {
			List<@Nullable Object> elements = new ArrayList<>(list.size());
			list.forEach((element) -> elements.add(text(element)));
			return elements;
		}
		return reply;
	}

	private static byte[] ascii(String text) {
		return text.getBytes(StandardCharsets.US_ASCII);
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
