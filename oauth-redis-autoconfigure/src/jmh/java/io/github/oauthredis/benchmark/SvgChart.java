package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws lines or bars over a logarithmic scale, as SVG.
 */
final class SvgChart {

	private static final int WIDTH = 760;

	private static final int LEFT = 90;

	private static final int RIGHT = 20;

	private static final int TOP = 40;

	private static final int BOTTOM = 60;

	private static final int HEIGHT = 400;

	private static final String[] COLORS = { "#b5651d", "#1f77b4", "#2a9d4e", "#7b4fa3", "#444444" };

	private final StringBuilder body = new StringBuilder();

	private final int height;

	private SvgChart(String title, int height) {
		this.height = height;
		text(WIDTH / 2.0, 22, "middle", "16", title);
	}

	/**
	 * Draw how long all but the slowest took: one line per series, the axis stretched
	 * towards the slowest.
	 * @param series sorted values by name
	 */
	static SvgChart percentiles(String title, String unit, Map<String, double[]> series) {
		double[] ticks = { 0, 90, 99, 99.9, 99.99 };
		List<Line> lines = new ArrayList<>();
		series.forEach((name, sorted) -> {
			List<double[]> points = new ArrayList<>();
			for (double nines = 0; nines <= 4 && sorted.length > 0; nines += 0.02) {
				double rank = 1 - Math.pow(10, -nines);
				int index = (int) Math.min(sorted.length - 1, rank * sorted.length);
				points.add(new double[] { nines, sorted[index] });
			}
			lines.add(new Line(name, points));
		});
		List<String> labels = new ArrayList<>();
		for (double tick : ticks) {
			labels.add((tick == 0) ? "0 %" : String.format(Locale.ROOT, "%s %%", trim(tick)));
		}
		return lines(title, "percent of calls", unit, lines, 0, 4, labels);
	}

	/**
	 * Draw values over powers of ten.
	 * @param series pairs of x and y by name
	 */
	static SvgChart powers(String title, String xLabel, String unit, Map<String, List<double[]>> series) {
		List<Line> lines = new ArrayList<>();
		double end = 1;
		for (Map.Entry<String, List<double[]>> entry : series.entrySet()) {
			List<double[]> points = new ArrayList<>();
			for (double[] point : entry.getValue()) {
				points.add(new double[] { Math.log10(Math.max(1, point[0])), point[1] });
				end = Math.max(end, Math.ceil(Math.log10(point[0])));
			}
			lines.add(new Line(entry.getKey(), points));
		}
		List<String> labels = new ArrayList<>();
		for (int power = 0; power <= end; power++) {
			labels.add(trim(Math.pow(10, power)));
		}
		return lines(title, xLabel, unit, lines, 0, end, labels);
	}

	private static SvgChart lines(String title, String xLabel, String unit, List<Line> lines, double from, double to,
			List<String> labels) {
		SvgChart chart = new SvgChart(title, HEIGHT);
		double low = Math.floor(Math.log10(positive(lines, true)));
		double high = Math.max(low + 1, Math.ceil(Math.log10(positive(lines, false))));
		int bottom = HEIGHT - BOTTOM;
		for (double power = low; power <= high; power++) {
			double y = bottom - (power - low) / (high - low) * (bottom - TOP);
			chart.rule(LEFT, y, WIDTH - RIGHT, y);
			chart.text(LEFT - 8, y + 4, "end", "12", trim(Math.pow(10, power)) + " " + unit);
		}
		for (int i = 0; i < labels.size(); i++) {
			double x = LEFT + i / (to - from) * (WIDTH - LEFT - RIGHT);
			chart.rule(x, TOP, x, bottom);
			chart.text(Math.min(x, WIDTH - RIGHT - 14), bottom + 18, "middle", "12", labels.get(i));
		}
		chart.text((LEFT + WIDTH - RIGHT) / 2.0, bottom + 36, "middle", "12", xLabel);
		for (int i = 0; i < lines.size(); i++) {
			Line line = lines.get(i);
			StringBuilder points = new StringBuilder();
			for (double[] point : line.points()) {
				double x = LEFT + (point[0] - from) / (to - from) * (WIDTH - LEFT - RIGHT);
				double power = Math.log10(Math.max(point[1], Math.pow(10, low)));
				double y = bottom - (power - low) / (high - low) * (bottom - TOP);
				points.append(format(x)).append(',').append(format(y)).append(' ');
			}
			String color = COLORS[i % COLORS.length];
			chart.body.append("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
				.formatted(color, points.toString().strip()));
			chart.legend(i, line.name(), color);
		}
		return chart;
	}

	/**
	 * Draw one bar for each value.
	 * @param values values by name, all positive
	 */
	static SvgChart bars(String title, String unit, Map<String, Double> values) {
		int row = 28;
		int left = 190;
		SvgChart chart = new SvgChart(title, TOP + row * values.size() + 20);
		double low = Math.floor(Math.log10(values.values().stream().mapToDouble(Double::doubleValue).min().orElse(1)));
		double high = Math.ceil(Math.log10(values.values().stream().mapToDouble(Double::doubleValue).max().orElse(10)));
		int i = 0;
		for (Map.Entry<String, Double> entry : values.entrySet()) {
			double y = TOP + row * i;
			double width = Math.max(2,
					(Math.log10(entry.getValue()) - low) / Math.max(1, high - low) * (WIDTH - left - 120));
			String color = COLORS[entry.getKey().startsWith("ours") ? 1 : 0];
			chart.text(left - 8, y + 15, "end", "12", entry.getKey());
			chart.body.append("<rect x=\"%d\" y=\"%s\" width=\"%s\" height=\"20\" fill=\"%s\"/>%n".formatted(left,
					format(y), format(width), color));
			chart.text(left + width + 6, y + 15, "start", "12", Report.number(entry.getValue()) + " " + unit);
			i++;
		}
		return chart;
	}

	private static double positive(List<Line> lines, boolean least) {
		double[] values = lines.stream()
			.flatMap((line) -> line.points().stream())
			.mapToDouble((point) -> point[1])
			.filter((value) -> value > 0)
			.sorted()
			.toArray();
		if (values.length == 0) {
			return 1;
		}
		return values[least ? 0 : values.length - 1];
	}

	private void legend(int index, String name, String color) {
		double y = TOP + 16 + 18 * index;
		this.body.append("<line x1=\"%d\" y1=\"%s\" x2=\"%d\" y2=\"%s\" stroke=\"%s\" stroke-width=\"3\"/>%n"
			.formatted(LEFT + 12, format(y - 4), LEFT + 36, format(y - 4), color));
		text(LEFT + 42, y, "start", "12", name);
	}

	private void rule(double x1, double y1, double x2, double y2) {
		this.body.append("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"#dddddd\"/>%n".formatted(format(x1),
				format(y1), format(x2), format(y2)));
	}

	private void text(double x, double y, String anchor, String size, String text) {
		this.body.append("<text x=\"%s\" y=\"%s\" text-anchor=\"%s\" font-size=\"%s\">%s</text>%n".formatted(format(x),
				format(y), anchor, size, text.replace("&", "&amp;").replace("<", "&lt;")));
	}

	private static String format(double value) {
		return String.format(Locale.ROOT, "%.1f", value);
	}

	private static String trim(double value) {
		return (value == Math.rint(value)) ? String.format(Locale.ROOT, "%,.0f", value) : String.valueOf((float) value);
	}

	void write(Path file) throws IOException {
		Files.writeString(file,
				"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n%s</svg>%n"
					.formatted(WIDTH, this.height, this.body));
	}

	/**
	 * One line.
	 *
	 * @param name what it shows
	 * @param points its points from left to right
	 */
	private record Line(String name, List<double[]> points) {
	}

}
