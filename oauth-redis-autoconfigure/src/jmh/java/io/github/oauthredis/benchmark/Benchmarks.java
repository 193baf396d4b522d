package io.github.oauthredis.benchmark;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs the benchmarks that are named, or all:
 * {@code Benchmarks <directory> [quick] [name...]}. Every result ends up in the
 * directory, as a table to read and as raw data.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public final class Benchmarks {

	private static final Map<String, Benchmark> ALL = new LinkedHashMap<>();

	static {
		ALL.put("memory", JmhRuns::memory);
		ALL.put("reactive", JmhRuns::reactive);
		ALL.put("interceptor", JmhRuns::interceptor);
		ALL.put("redis", StoreHits::run);
		ALL.put("commands", RefreshCommands::run);
		ALL.put("invalidation", InvalidationLatency::run);
		ALL.put("bytes", StoredBytes::run);
		ALL.put("startup", StartupTime::run);
		ALL.put("load", LoadRun::run);
		ALL.put("million", MillionRecords::run);
		ALL.put("fanout", PushFanout::run);
	}

	private Benchmarks() {
	}

	/**
	 * Run benchmarks.
	 * @param args the directory for results, then names
	 * @throws Exception if one fails
	 */
	public static void main(String[] args) throws Exception {
		Path directory = Files.createDirectories(Path.of(args[0]));
		List<String> names = new ArrayList<>(Arrays.asList(args).subList(1, args.length));
		boolean quick = names.remove("quick");
		if (!ALL.keySet().containsAll(names)) {
			throw new IllegalArgumentException("Known benchmarks are " + ALL.keySet());
		}
		for (String name : names.isEmpty() ? ALL.keySet() : names) {
			Report report = new Report(directory, name, quick);
			ALL.get(name).run(report);
			report.close();
		}
		System.exit(0);
	}

	/**
	 * One benchmark.
	 */
	@FunctionalInterface
	interface Benchmark {

		void run(Report report) throws Exception;

	}

}
