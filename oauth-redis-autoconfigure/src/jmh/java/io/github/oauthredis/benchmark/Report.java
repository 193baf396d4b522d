package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a benchmark found: tables in Markdown, which are also printed, and raw files.
 */
final class Report implements AutoCloseable {

	/** In steps of 1, from 99 on of 0.1, from 99.9 on of 0.01. */
	private static final double[] PERCENTS = IntStream.rangeClosed(0, 10_000)
		.filter((percent) -> percent % 100 == 0 || (percent > 9900 && percent % 10 == 0) || percent > 9990)
		.mapToDouble((percent) -> percent / 100.0)
		.toArray();

	private final List<String> lines = new ArrayList<>();

	private final Path directory;

	private final String name;

	private final boolean quick;

	/**
	 * Create a report.
	 * @param directory where it goes
	 * @param name name of the benchmark
	 * @param quick whether to try the benchmark out rather than to measure
	 */
	Report(Path directory, String name, boolean quick) {
		this.directory = directory;
		this.name = name;
		this.quick = quick;
		say("# " + name);
		say("");
		say("%s, %d processors, %s; %s %s; %s %s".formatted(line("/proc/cpuinfo", "model name"),
				Runtime.getRuntime().availableProcessors(), line("/proc/meminfo", "MemTotal"),
				System.getProperty("os.name"), kernel(), System.getProperty("java.vm.name"), Runtime.version()));
		if (quick) {
			say("");
			say("Tried out only: these are no measurements.");
		}
	}

	private static String line(String file, String name) {
		try (Stream<String> lines = Files.lines(Path.of(file))) {
			return lines.filter((line) -> line.startsWith(name))
				.map((line) -> line.substring(line.indexOf(':') + 1).strip())
				.findFirst()
				.orElse("?");
		}
		catch (IOException ex) {
			return "?";
		}
	}

	/** Major and minor; the rest names whoever built it. */
	private static String kernel() {
		return System.getProperty("os.version").replaceFirst("^(\\d+\\.\\d+).*", "$1");
	}

	boolean quick() {
		return this.quick;
	}

	/**
	 * File for raw data, named after the benchmark.
	 * @param suffix the rest of its name
	 */
	Path file(String suffix) {
		return this.directory.resolve(this.name + suffix);
	}

	/**
	 * Keep how long which share of durations took at most.
	 * @param suffix the rest of the name of the file
	 * @param series durations by name
	 */
	void percentiles(String suffix, Map<String, Latencies> series) throws IOException {
		List<String> csv = new ArrayList<>(List.of("series,durations,percent,us"));
		series.forEach((name, latencies) -> {
			double[] micros = latencies.micros(PERCENTS);
			for (int i = 0; i < micros.length; i++) {
				csv.add("\"%s\",%d,%s,%s".formatted(name, latencies.size(), PERCENTS[i], micros[i]));
			}
		});
		Files.write(file(suffix + ".csv"), csv);
	}

	void header(Object... cells) {
		say("");
		row(cells);
		say("| --- ".repeat(cells.length) + "|");
	}

	void row(Object... cells) {
		StringBuilder row = new StringBuilder();
		for (Object cell : cells) {
			row.append("| ").append(cell).append(' ');
		}
		say(row.append('|').toString());
	}

	void say(String line) {
		System.out.println(line);
		this.lines.add(line);
	}

	static String number(double value) {
		if (value >= 1000) {
			return String.format(Locale.ROOT, "%,.0f", value);
		}
		return String.format(Locale.ROOT, (value < 10) ? "%.2f" : "%.1f", value);
	}

	@Override
	public void close() throws IOException {
		Files.write(file(".md"), this.lines);
	}

}
