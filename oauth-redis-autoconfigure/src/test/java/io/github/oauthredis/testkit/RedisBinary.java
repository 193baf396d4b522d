package io.github.oauthredis.testkit;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

import org.jspecify.annotations.Nullable;

/**
 * Finds a Redis server that can be run on this machine: the one that comes with the
 * tests, else the one on the {@code PATH}. Thread-safe.
 */
final class RedisBinary {

	private static final String RESOURCE = "/redis-server-7.0.15-";

	private RedisBinary() {
	}

	/**
	 * Put a server into a directory.
	 * @param directory the directory, for which the binary is extracted
	 * @return the program to run
	 */
	static Path in(Path directory) {
		Path target = directory.resolve("redis-server");
		if (Files.isExecutable(target)) {
			return target;
		}
		String platform = platform(System.getProperty("os.name"), System.getProperty("os.arch"));
		try (InputStream binary = RedisBinary.class.getResourceAsStream(RESOURCE + platform)) {
			if (binary != null) {
				Files.copy(binary, target);
				if (!target.toFile().setExecutable(true)) {
					throw new IOException(target + " cannot be made executable");
				}
				return target;
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		Path installed = onPath();
		if (installed == null) {
			throw new IllegalStateException("""
					No Redis for these tests: none is packaged for %s and there is no 'redis-server' on the PATH. \
					Start Docker, or set %s to the host:port of a Redis that may be emptied. \
					Tests that pause or kill Redis need the program itself.""".formatted(platform,
					RedisServer.URL_PROPERTY));
		}
		return installed;
	}

	static String platform(String osName, String osArch) {
		String os = osName.toLowerCase(Locale.ROOT);
		String system = os.startsWith("mac") ? "darwin" : os;
		String architecture = switch (osArch.toLowerCase(Locale.ROOT)) {
			case "x86_64", "amd64" -> "amd64";
			case "aarch64", "arm64" -> "arm64";
			case "x86", "i386", "i486", "i586", "i686" -> "386";
			default -> osArch;
		};
		return system + "-" + architecture;
	}

	private static @Nullable Path onPath() {
		String path = System.getenv().getOrDefault("PATH", "");
		return Arrays.stream(path.split(File.pathSeparator))
			.map((directory) -> Path.of(directory, "redis-server"))
			.filter(Files::isExecutable)
			.findFirst()
			.orElse(null);
	}

}
