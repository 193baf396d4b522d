package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Names what was measured on.
 */
final class Machine {

	private Machine() {
	}

	static String describe() {
		return "%s, %d processors, %s, %s %s, %s".formatted(processor(), Runtime.getRuntime().availableProcessors(),
				memory(), System.getProperty("os.name"), System.getProperty("os.version"),
				"%s %s".formatted(System.getProperty("java.vm.name"), Runtime.version()));
	}

	private static String processor() {
		return line("/proc/cpuinfo", "model name", System.getProperty("os.arch"));
	}

	private static String memory() {
		return line("/proc/meminfo", "MemTotal", "unknown memory");
	}

	private static String line(String file, String name, String otherwise) {
		try (Stream<String> lines = Files.lines(Path.of(file))) {
			return lines.filter((line) -> line.startsWith(name))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElse(otherwise);
		}
		catch (IOException ex) {
			return otherwise;
		}
	}

}
