package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The microbenchmarks, and their results as ratios in one run.
 */
final class JmhRuns {

	private static final String ALLOCATION = "gc.alloc.rate.norm";

	private JmhRuns() {
	}

	static void authorize(Report report) throws RunnerException, IOException {
		ChainedOptionsBuilder options = options(AuthorizeBenchmark.class, report);
		if (!PostgresServer.isPresent()) {
			report.say("PostgreSQL is not installed here and was left out.");
			options.exclude("Postgres");
		}
		Map<String, RunResult> results = run(options);
		table(report, results, "stockInMemory", "bareLettuceGet");
		SvgChart.bars("authorize with a fresh token at hand", "ns", scores(results)).write(report.file(".svg"));
	}

	static void interceptor(Report report) throws RunnerException, IOException {
		Map<String, RunResult> results = run(options(InterceptorBenchmark.class, report));
		table(report, results, "withoutInterceptor", "stockInMemory");
		SvgChart.bars("RestClient call, answered at once", "ns", scores(results)).write(report.file(".svg"));
	}

	private static ChainedOptionsBuilder options(Class<?> benchmark, Report report) {
		ChainedOptionsBuilder options = new OptionsBuilder().include(benchmark.getName() + "\\..*")
			.addProfiler(GCProfiler.class)
			.shouldFailOnError(true)
			.resultFormat(ResultFormatType.JSON)
			.result(report.file(".json").toString());
		if (report.quick()) {
			options.forks(1).warmupIterations(2).measurementIterations(2);
		}
		return options;
	}

	private static Map<String, RunResult> run(ChainedOptionsBuilder options) throws RunnerException {
		Collection<RunResult> results = new Runner(options.build()).run();
		Map<String, RunResult> byName = new TreeMap<>();
		results.forEach((result) -> {
			String name = result.getParams().getBenchmark();
			byName.put(name.substring(name.lastIndexOf('.') + 1), result);
		});
		return byName;
	}

	private static void table(Report report, Map<String, RunResult> results, String... peers) {
		Object[] header = new Object[4 + peers.length];
		header[0] = "benchmark";
		header[1] = "ns/op";
		header[2] = "± 99.9 %";
		header[3] = "B/op";
		for (int i = 0; i < peers.length; i++) {
			header[4 + i] = "× " + peers[i];
		}
		report.header(header);
		results.values().stream().sorted((a, b) -> Double.compare(score(a), score(b))).forEach((result) -> {
			Object[] row = new Object[header.length];
			row[0] = result.getPrimaryResult().getLabel();
			row[1] = Report.number(score(result));
			row[2] = Report.number(result.getPrimaryResult().getScoreError());
			Result<?> allocation = result.getSecondaryResults().get(ALLOCATION);
			row[3] = (allocation != null) ? Report.number(allocation.getScore()) : "";
			for (int i = 0; i < peers.length; i++) {
				row[4 + i] = Report.number(score(result) / score(results.get(peers[i])));
			}
			report.row(row);
		});
	}

	private static Map<String, Double> scores(Map<String, RunResult> results) {
		Map<String, Double> scores = new LinkedHashMap<>();
		results.values()
			.stream()
			.sorted((a, b) -> Double.compare(score(a), score(b)))
			.forEach((result) -> scores.put(result.getPrimaryResult().getLabel(), score(result)));
		return scores;
	}

	private static double score(RunResult result) {
		return result.getPrimaryResult().getScore();
	}

}
