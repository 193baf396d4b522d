package io.github.oauthredis.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * The scripts, each in a file of its own with the heads it needs in front.
 */
enum RedisScript {

	FIND(false), ACQUIRE(true), COMMIT(true), FAIL(true), RELEASE(true), INVALIDATE(true), TOMBSTONE(true),
	SETASIDE(true), RESEAL(true), MARKS(false), MARK(false), HOLDOFF(false), ADMIT(false), GIVEBACK(false),
	PROBE(false), KEEP(false), REPLACE(false), RECALL(false), ENQUEUE(false), CLAIM(false), SETTLE(false), SWEEP(false), SECRET(false);

	private final String text;

	private final String sha;

	RedisScript(boolean changesRecord) {
		this.text = read("common") + (changesRecord ? read("record") : "") + read(name().toLowerCase(Locale.ROOT));
		this.sha = sha1(this.text);
	}

	/**
	 * Read all scripts, so that no thread that must not wait has to.
	 */
	static void load() {
		// Done when this class was.
	}

	byte[] text() {
		return this.text.getBytes(StandardCharsets.UTF_8);
	}

	String sha() {
		return this.sha;
	}

	private static String read(String name) {
		try (InputStream file = RedisScript.class.getResourceAsStream(name + ".lua")) {
			if (file == null) {
				throw new IllegalStateException("Script '" + name + "' is not on the class path");
			}
			return new String(file.readAllBytes(), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	private static String sha1(String text) {
		try {
			return HexFormat.of()
				.formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-1", ex);
		}
	}

}
