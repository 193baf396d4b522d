package io.github.oauthredis.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Sends signals to processes through the shell, because Java knows only two of them.
 * Thread-safe.
 */
final class Signals {

	private Signals() {
	}

	static void send(String signal, long pid) {
		try {
			Process shell = new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(signal, pid))
				.redirectErrorStream(true)
				.start();
			String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
			if (shell.waitFor() != 0) {
				throw new IllegalStateException(
						"Signal %s was not delivered to process %d: %s".formatted(signal, pid, output.strip()));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException("Interrupted while sending signal " + signal, ex);
		}
	}

}
