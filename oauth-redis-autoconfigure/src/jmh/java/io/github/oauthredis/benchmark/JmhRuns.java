package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * The microbenchmarks. All peers take part in each of several rounds, one JVM each, and
 * are compared within the round: what else happens on the machine befalls them alike.
 */
final class JmhRuns {

	private final Map<String, List<Measured>> rounds = new LinkedHashMap<>();

	private final Report report;

	private JmhRuns(Report report) {
		this.report = report;
	}

	static void authorize(Report report) throws RunnerException, IOException {
		new JmhRuns(report).run(AuthorizeBenchmark.class, "stock-memory", "bare-get");
	}

	static void reactive(Report report) throws RunnerException, IOException {
		new JmhRuns(report).run(ReactiveAuthorizeBenchmark.class, "stock-memory");
	}

	static void interceptor(Report report) throws RunnerException, IOException {
		new JmhRuns(report).run(InterceptorBenchmark.class, "none", "stock-memory");
	}

	private void run(Class<?> benchmark, String... references) throws RunnerException, IOException {
		for (int round = 0; round < (this.report.quick() ? 1 : 7); round++) {
			for (RunResult result : new Runner(options(benchmark).build()).run()) {
				this.rounds.computeIfAbsent(result.getParams().getParam("peer"), (peer) -> new ArrayList<>())
					.add(Measured.of(result));
			}
		}
		List<String> csv = new ArrayList<>(List.of("peer,round,ns_per_call,bytes_per_call"));
		List<Object> header = new ArrayList<>(List.of("peer", "ns, median", "least", "most", "bytes"));
		for (String reference : references) {
			header.add("× " + reference + " (least to most of a round)");
		}
		this.report.header(header.toArray());
		Map<String, Double> bars = new LinkedHashMap<>();
		this.rounds.forEach((peer, measured) -> {
			double[] nanos = measured.stream().mapToDouble(Measured::nanos).sorted().toArray();
			bars.put(peer, median(nanos));
			List<Object> row = new ArrayList<>(List.of(peer, Report.number(median(nanos)), Report.number(nanos[0]),
					Report.number(nanos[nanos.length - 1]), Report.number(measured.get(0).bytes())));
			for (String reference : references) {
				row.add(ratio(measured, Objects.requireNonNull(this.rounds.get(reference))));
			}
			this.report.row(row.toArray());
			for (int i = 0; i < measured.size(); i++) {
				csv.add("%s,%d,%s,%s".formatted(peer, i, measured.get(i).nanos(), measured.get(i).bytes()));
			}
		});
		Files.write(this.report.file(".csv"), csv);
		SvgChart.bars(benchmark.getSimpleName() + ": one call", "ns", bars).write(this.report.file(".svg"));
	}

	private static String ratio(List<Measured> ours, List<Measured> theirs) {
		double[] ratios = new double[ours.size()];
		for (int i = 0; i < ratios.length; i++) {
			ratios[i] = ours.get(i).nanos() / theirs.get(i).nanos();
		}
		Arrays.sort(ratios);
		return "**%s** (%s to %s)".formatted(Report.number(median(ratios)), Report.number(ratios[0]),
				Report.number(ratios[ratios.length - 1]));
	}

	private static double median(double[] sorted) {
		return sorted[sorted.length / 2];
	}

	private ChainedOptionsBuilder options(Class<?> benchmark) {
		ChainedOptionsBuilder options = new OptionsBuilder().include(benchmark.getName() + "\\..*")
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.forks(1)
			.warmupIterations(3)
			.warmupTime(TimeValue.seconds(1))
			.measurementIterations(this.report.quick() ? 1 : 3)
			.measurementTime(TimeValue.seconds(1));
		if (benchmark == AuthorizeBenchmark.class && System.getenv(Peer.POSTGRES_URL) == null) {
			this.report.say(Peer.POSTGRES_URL + " is not set: without PostgreSQL.");
			options.param("peer", "stock-memory", "ours", "bare-get", "ours-redis", "stock-redis", "stock-h2");
		}
		return options;
	}

	/**
	 * What one JVM found.
	 *
	 * @param nanos time of one call
	 * @param bytes memory that one call allocates
	 */
	private record Measured(double nanos, double bytes) {

		static Measured of(RunResult result) {
			Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
			return new Measured(result.getPrimaryResult().getScore(), (bytes != null) ? bytes.getScore() : 0);
		}

	}

}
