package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The microbenchmarks. All peers take part in each of several rounds, one JVM each, and
 * are compared within the round: what else happens on the machine befalls them alike.
 */
final class JmhRuns {

	/** Calls in a batch of less than a millisecond. */
	private static final int IN_MEMORY = 1000;

	private JmhRuns() {
	}

	static void memory(Report report) throws RunnerException, IOException {
		run(report, AuthorizeBenchmark.class, IN_MEMORY, List.of("stock-memory", "ours"), "stock-memory");
	}

	static void reactive(Report report) throws RunnerException, IOException {
		run(report, ReactiveAuthorizeBenchmark.class, IN_MEMORY, List.of("stock-memory", "ours"), "stock-memory");
	}

	static void interceptor(Report report) throws RunnerException, IOException {
		run(report, InterceptorBenchmark.class, IN_MEMORY / 10,
				List.of("none", "stock-memory", "ours", "ours-no-token"), "none", "stock-memory");
	}

	private static void run(Report report, Class<?> benchmark, int batch, List<String> peers, String... references)
			throws RunnerException, IOException {
		Map<String, List<Measured>> rounds = new LinkedHashMap<>();
		for (int round = 0; round < (report.quick() ? 1 : 5); round++) {
			for (RunResult result : new Runner(options(report, benchmark, batch, peers).build()).run()) {
				rounds.computeIfAbsent(result.getParams().getParam("peer"), (peer) -> new ArrayList<>())
					.add(Measured.of(result, batch));
			}
		}
		List<String> csv = new ArrayList<>(List.of("peer,round,ns_per_call,bytes_per_call"));
		List<Object> header = new ArrayList<>(List.of("peer", "ns, median", "least", "most", "bytes"));
		for (String reference : references) {
			header.add("× " + reference + " (least to most of a round)");
		}
		report.header(header.toArray());
		Map<String, Double> bars = new LinkedHashMap<>();
		rounds.forEach((peer, measured) -> {
			double[] nanos = measured.stream().mapToDouble(Measured::nanos).sorted().toArray();
			bars.put(peer, median(nanos));
			List<Object> row = new ArrayList<>(List.of(peer, Report.number(median(nanos)), Report.number(nanos[0]),
					Report.number(nanos[nanos.length - 1]), Report.number(measured.get(0).bytes())));
			for (String reference : references) {
				row.add(ratio(measured, Objects.requireNonNull(rounds.get(reference))));
			}
			report.row(row.toArray());
			for (int i = 0; i < measured.size(); i++) {
				csv.add("%s,%d,%s,%s".formatted(peer, i, measured.get(i).nanos(), measured.get(i).bytes()));
			}
		});
		Files.write(report.file(".csv"), csv);
		SvgChart.bars(benchmark.getSimpleName(), "ns", bars).write(report.file(".svg"));
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

	/** Short batches, of which the median counts: those that were disturbed do not. */
	private static ChainedOptionsBuilder options(Report report, Class<?> benchmark, int batch, List<String> peers) {
		return new OptionsBuilder().include("\\." + benchmark.getSimpleName() + "\\.")
			.param("peer", peers.toArray(String[]::new))
			.mode(Mode.SingleShotTime)
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.forks(1)
			.warmupIterations(10)
			.warmupBatchSize(batch * (report.quick() ? 100 : 400))
			.measurementIterations(200)
			.measurementBatchSize(batch);
	}

	/**
	 * What one JVM found.
	 *
	 * @param nanos time of one call, the median
	 * @param bytes memory that one call allocates
	 */
	private record Measured(double nanos, double bytes) {

		static Measured of(RunResult result, int batch) {
			Result<?> bytes = result.getSecondaryResults().get("gc.alloc.rate.norm");
			return new Measured(result.getPrimaryResult().getStatistics().getPercentile(50) / batch,
					(bytes != null) ? bytes.getScore() / batch : 0);
		}

	}

}
