package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.springframework.util.FileSystemUtils;

/**
 * The PostgreSQL of this machine, if it has one: a server with default settings in a
 * directory of its own, on the loopback interface.
 */
final class PostgresServer implements AutoCloseable {

	private static final int START_TRIES = 200;

	private final Path directory;

	private final int port;

	private final Process process;

	private PostgresServer(Path directory, int port, Process process) {
		this.directory = directory;
		this.port = port;
		this.process = process;
	}

	/**
	 * Whether the programs are there. PostgreSQL refuses to run as root; then it runs as
	 * the user that its package made.
	 */
	static boolean isPresent() {
		return directoryOfPrograms() != null;
	}

	static PostgresServer start() {
		try {
			Path directory = Files.createTempDirectory("oauth-redis-postgres",
					PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxrwxrwx")));
			Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
			int port;
			try (ServerSocket socket = new ServerSocket(0)) {
				port = socket.getLocalPort();
			}
			String data = directory.resolve("data").toString();
			Process init = run(directory, "initdb", "-D", data, "-U", "benchmark", "-A", "trust", "--no-sync");
			if (!init.waitFor(1, TimeUnit.MINUTES) || init.exitValue() != 0) {
				throw new IllegalStateException(Files.readString(directory.resolve("initdb.log")));
			}
			Process process = run(directory, "postgres", "-D", data, "-p", String.valueOf(port), "-h", "127.0.0.1",
					"-k", directory.toString());
			PostgresServer server = new PostgresServer(directory, port, process);
			Runtime.getRuntime().addShutdownHook(new Thread(server::close));
			server.awaitReady();
			return server;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
			throw new IllegalStateException(ex);
		}
	}

	String url() {
		return "jdbc:postgresql://127.0.0.1:" + this.port + "/postgres";
	}

	private void awaitReady() throws IOException, InterruptedException {
		for (int i = 0; i < START_TRIES; i++) {
			if (Files.readString(this.directory.resolve("postgres.log")).contains("ready to accept connections")) {
				return;
			}
			TimeUnit.MILLISECONDS.sleep(50);
		}
		throw new IllegalStateException(Files.readString(this.directory.resolve("postgres.log")));
	}

	private static Process run(Path directory, String program, String... arguments) throws IOException {
		List<String> command = new ArrayList<>();
		if ("root".equals(System.getProperty("user.name"))) {
			command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
		}
		command.add(String.valueOf(directoryOfPrograms().resolve(program)));
		command.addAll(List.of(arguments));
		return new ProcessBuilder(command).directory(directory.toFile())
			.redirectErrorStream(true)
			.redirectOutput(directory.resolve(program + ".log").toFile())
			.start();
	}

	private static Path directoryOfPrograms() {
		Stream<Path> path = Stream.of(System.getenv("PATH").split(":", -1)).map(Path::of);
		return Stream.concat(path, packaged())
			.filter((directory) -> Files.isExecutable(directory.resolve("initdb"))
					&& Files.isExecutable(directory.resolve("postgres")))
			.findFirst()
			.orElse(null);
	}

	private static Stream<Path> packaged() {
		Path versions = Path.of("/usr/lib/postgresql");
		if (!Files.isDirectory(versions)) {
			return Stream.empty();
		}
		try (Stream<Path> found = Files.list(versions)) {
			return found.map((version) -> version.resolve("bin")).toList().stream();
		}
		catch (IOException ex) {
			return Stream.empty();
		}
	}

	@Override
	public void close() {
		this.process.destroy();
		try {
			if (!this.process.waitFor(10, TimeUnit.SECONDS)) {
				this.process.destroyForcibly();
			}
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		FileSystemUtils.deleteRecursively(this.directory.toFile());
	}

}
