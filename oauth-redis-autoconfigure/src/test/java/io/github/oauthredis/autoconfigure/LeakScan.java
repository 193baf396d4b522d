package io.github.oauthredis.autoconfigure;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;

import org.jspecify.annotations.Nullable;
import org.springframework.security.oauth2.core.OAuth2AuthorizationException;

import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RespClient;

/**
 * Looks for secrets wherever they might have been left. Not thread-safe.
 */
final class LeakScan {

	private final List<String> markers;

	private final List<String> leaks = new ArrayList<>();

	private int looked;

	LeakScan(List<String> markers) {
		this.markers = List.copyOf(markers);
	}

	/**
	 * Return what was found so far: where it was, and a part of what stood there.
	 * @return the leaks
	 */
	List<String> leaks() {
		return this.leaks;
	}

	/**
	 * Return how many texts were looked at, so that a test can tell none from no leak.
	 * @return the number of texts
	 */
	int looked() {
		return this.looked;
	}

	LeakScan text(String where, String text) {
		this.looked++;
		for (String marker : this.markers) {
			int at = text.indexOf(marker);
			if (at >= 0) {
				this.leaks.add(where + ": " + text.substring(Math.max(0, at - 400), Math.min(text.length(), at + 200)));
			}
		}
		return this;
	}

	LeakScan value(Object value) {
		return text(value.getClass().getName(), String.valueOf(value));
	}

	/**
	 * Look at all that a failure says: stack trace, causes, and what Spring Security
	 * keeps beside the message.
	 */
	LeakScan failure(Throwable failure) {
		StringWriter trace = new StringWriter();
		failure.printStackTrace(new PrintWriter(trace));
		text("failure", trace.toString());
		IdentityHashMap<Throwable, Boolean> seen = new IdentityHashMap<>();
		for (Throwable cause = failure; cause != null && seen.put(cause, true) == null; cause = cause.getCause()) {
			text("cause", cause + " " + cause.getLocalizedMessage());
			if (cause instanceof OAuth2AuthorizationException ex) {
				text("error", ex.getError() + " " + ex.getError().getDescription() + " " + ex.getError().getUri());
			}
		}
		return this;
	}

	LeakScan threads() {
		Thread.getAllStackTraces().keySet().forEach((thread) -> text("thread", thread.toString()));
		return this;
	}

	/**
	 * Look at everything in Redis: names and values of all keys as a client reads them
	 * and as they are dumped, the commands of late, and the names of connections.
	 */
	LeakScan redis(RedisServer redis) {
		try (RespClient client = redis.connect()) {
			for (byte[] key : list(client.binaryCommand(bytes("KEYS"), bytes("*")))) {
				String name = new String(key, StandardCharsets.ISO_8859_1);
				text("key", name);
				text("dump of " + name, flat(client.binaryCommand(bytes("DUMP"), key)));
				String type = String.valueOf(client.command("TYPE", name));
				switch (type) {
					case "string" -> text("value of " + name, flat(client.binaryCommand(bytes("GET"), key)));
					case "zset" -> text("value of " + name,
							flat(client.binaryCommand(bytes("ZRANGE"), key, bytes("0"), bytes("-1"))));
					case "hash" -> text("value of " + name, flat(client.binaryCommand(bytes("HGETALL"), key)));
					case "none" -> {
						// Gone since the names were read, such as a revocation that was
						// sent.
					}
					default -> throw new AssertionError("A key of type " + type);
				}
			}
			text("commands", flat(client.binaryCommand(bytes("SLOWLOG"), bytes("GET"), bytes("-1"))));
			text("connections", flat(client.binaryCommand(bytes("CLIENT"), bytes("LIST"))));
		}
		return this;
	}

	@SuppressWarnings("unchecked")
	private static List<byte[]> list(@Nullable Object reply) {
		return (List<byte[]>) Objects.requireNonNull(reply);
	}

	private static String flat(@Nullable Object reply) {
		if (reply instanceof List<?> list) {
			StringBuilder text = new StringBuilder();
			list.forEach((element) -> text.append(flat(element)).append('\n'));
			return text.toString();
		}
		return (reply instanceof byte[] bytes) ? new String(bytes, StandardCharsets.ISO_8859_1) : String.valueOf(reply);
	}

	private static byte[] bytes(String text) {
		return text.getBytes(StandardCharsets.UTF_8);
	}

}
