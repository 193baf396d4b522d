package io.github.oauthredis.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Input as bad as one can make it up, the same for the same seed. For use by one thread.
 * <p>
 * {@link #each} runs a few thousand seeds; {@code -Dhostile.count=1000000} runs as many
 * as one likes, {@code -Dhostile.seed=7 -Dhostile.count=1} repeats one.
 */
public final class Hostile {

	/**
	 * Text that stands for a secret: input may hold it, messages may not.
	 */
	public static final String CANARY = "canary";

	private static final List<String> TEXTS = List.of("", " ", CANARY, CANARY + "-1", CANARY + "\n", "\u0000",
			"\r\nX: 1", "\"", "\\", "{}", "[]", "null", "true", "0", "-1", "1e999999999", "1e-999999999",
			"9".repeat(400), "NaN", "Bearer", "read write", "\u00e9", "e\u0301", "\ud83d\ude00", "\ud800",
			"\udc00\ud800", "\uffff", "\u202e", "%00", "..", "x".repeat(2000));

	private static final List<String> LITERALS = List.of("null", "true", "false", "0", "-0", "1", "3600", "3600.5",
			"-1", "1e3", "1e400", "-1e-400", "9223372036854775807", "9223372036854775808", "9".repeat(900), "0.1", "01",
			"NaN", "1E+", "\"\\ud800\"", "\"\\u0000\"", "\"" + CANARY + "\"");

	private final Random random;

	private Hostile(long seed) {
		this.random = new Random(seed);
	}

	/**
	 * Try a property with many seeds.
	 * @param usual how many in the ordinary build
	 * @param property throws if it does not hold
	 */
	public static void each(int usual, Consumer<Hostile> property) {
		long first = Long.getLong("hostile.seed", 0);
		long count = Long.getLong("hostile.count", usual);
		for (long seed = first; seed < first + count; seed++) {
			try {
				property.accept(new Hostile(seed));
			}
			catch (RuntimeException | Error ex) {
				throw new AssertionError("Repeat with -Dhostile.seed=%d -Dhostile.count=1".formatted(seed), ex);
			}
		}
	}

	public int number(int bound) {
		return this.random.nextInt(bound);
	}

	public boolean maybe() {
		return this.random.nextBoolean();
	}

	public <T> T pick(List<T> choices) {
		return choices.get(number(choices.size()));
	}

	/**
	 * Make a text of usual and unusual parts.
	 * @return the text
	 */
	public String text() {
		StringBuilder text = new StringBuilder();
		for (int i = number(4); i > 0; i--) {
			text.append(maybe() ? pick(TEXTS) : String.valueOf((char) number(0x10000)));
		}
		return text.toString();
	}

	/**
	 * Make a JSON object, mostly well-formed.
	 * @param names names that its members often have
	 * @return the object
	 */
	public String json(List<String> names) {
		StringBuilder json = new StringBuilder();
		object(json, names, 0);
		return json.toString();
	}

	private void object(StringBuilder json, List<String> names, int depth) {
		json.append('{');
		for (int i = number(names.size() + 3); i > 0; i--) {
			quote(json, (number(8) == 0) ? text() : pick(names));
			json.append(':');
			value(json, names, depth);
			json.append((i > 1 || number(50) == 0) ? "," : "");
		}
		json.append('}');
	}

	private void value(StringBuilder json, List<String> names, int depth) {
		switch (number((depth < 4) ? 9 : 6)) {
			case 0, 1, 2 -> quote(json, text());
			case 3, 4 -> json.append(pick(LITERALS));
			case 5 -> json.append(this.random.nextInt());
			case 6 -> object(json, names, depth + 1);
			case 7 -> {
				json.append('[');
				for (int i = number(4); i > 0; i--) {
					value(json, names, depth + 1);
					json.append((i > 1) ? "," : "");
				}
				json.append(']');
			}
			default -> {
				int levels = number(1200);
				json.append("[".repeat(levels)).append("]".repeat(levels));
			}
		}
	}

	private void quote(StringBuilder json, String text) {
		json.append('"');
		text.chars().forEach((c) -> {
			boolean raw = number(30) == 0;
			if ((c == '"' || c == '\\' || c < ' ') && !raw) {
				json.append("\\u%04x".formatted(c));
			}
			else {
				json.append((char) c);
			}
		});
		json.append('"');
	}

	/**
	 * Encode a text and now and then damage the bytes.
	 * @param text the text
	 * @return UTF-8, or nearly so
	 */
	public byte[] damaged(String text) {
		byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
		for (int i = (number(3) == 0) ? number(4) : 0; i > 0 && bytes.length > 0; i--) {
			int at = number(bytes.length);
			switch (number(4)) {
				case 0 -> bytes[at] = (byte) number(256);
				case 1 -> bytes[at] ^= (byte) (1 << number(8));
				case 2 -> bytes = spliced(bytes, 0, at, new byte[0], bytes.length);
				default -> bytes = spliced(bytes, 0, at, new byte[] { (byte) 0xc3, (byte) 0x28 }, at);
			}
		}
		return bytes;
	}

	private static byte[] spliced(byte[] bytes, int from, int to, byte[] middle, int rest) {
		ByteArrayOutputStream spliced = new ByteArrayOutputStream();
		spliced.write(bytes, from, to - from);
		spliced.writeBytes(middle);
		spliced.write(bytes, rest, bytes.length - rest);
		return spliced.toByteArray();
	}

}
