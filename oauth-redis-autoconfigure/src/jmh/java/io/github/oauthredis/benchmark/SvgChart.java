package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;

/**
 * Draws bars or percentiles over a logarithmic scale, as SVG.
 */
final class SvgChart {

	private static final int WIDTH = 760;

	private static final int LEFT = 90;

	private static final int RIGHT = 740;

	private static final int TOP = 40;

	private static final int BOTTOM = 340;

	private static final String[] COLORS = { "#b5651d", "#1f77b4", "#2a9d4e", "#7b4fa3" };

	private final StringBuilder body = new StringBuilder();

	private final int height;

	private SvgChart(String title, int height) {
		this.height = height;
		text(WIDTH / 2.0, 22, "middle", title);
	}

	/**
	 * Draw how long all but the slowest took: one line per series, the axis stretched
	 * towards the slowest.
	 * @param series sorted values by name
	 */
	static SvgChart percentiles(String title, String unit, Map<String, double[]> series) {
		SvgChart chart = new SvgChart(title, BOTTOM + 60);
		double[] values = series.values()
			.stream()
			.flatMapToDouble(Arrays::stream)
			.filter((value) -> value > 0)
			.toArray();
		double low = Math.floor(Math.log10(Arrays.stream(values).min().orElse(1)));
		double high = Math.ceil(Math.log10(Arrays.stream(values).max().orElse(10)));
		double decade = (BOTTOM - TOP) / (high - low);
		for (double power = low; power <= high; power++) {
			double y = BOTTOM - (power - low) * decade;
			chart.line(LEFT, y, RIGHT, y, "#dddddd", 1);
			chart.text(LEFT - 8, y + 4, "end", number(Math.pow(10, power)) + " " + unit);
		}
		double nine = (RIGHT - LEFT) / 4.0;
		String[] ticks = { "0 %", "90 %", "99 %", "99.9 %", "99.99 %" };
		for (int i = 0; i < ticks.length; i++) {
			chart.line(LEFT + i * nine, TOP, LEFT + i * nine, BOTTOM, "#dddddd", 1);
			chart.text(LEFT + i * nine - 14, BOTTOM + 18, "middle", ticks[i]);
		}
		chart.text((LEFT + RIGHT) / 2.0, BOTTOM + 40, "middle", "this share took at most");
		int index = 0;
		for (Map.Entry<String, double[]> entry : series.entrySet()) {
			String color = COLORS[index % COLORS.length];
			StringBuilder points = new StringBuilder();
			double[] sorted = entry.getValue();
			for (double nines = 0; nines <= 4 && sorted.length > 0; nines += 0.02) {
				double value = sorted[(int) Math.min(sorted.length - 1, (1 - Math.pow(10, -nines)) * sorted.length)];
				double power = Math.log10(Math.max(value, Math.pow(10, low)));
				points.append(format(LEFT + nines * nine))
					.append(',')
					.append(format(BOTTOM - (power - low) * decade))
					.append(' ');
			}
			chart.body.append("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"%s\"/>%n"
				.formatted(color, points.toString().strip()));
			double y = TOP + 16 + 18 * index++;
			chart.line(LEFT + 12, y - 4, LEFT + 36, y - 4, color, 3);
			chart.text(LEFT + 42, y, "start", entry.getKey());
		}
		return chart;
	}

	/**
	 * Draw one bar for each value.
	 * @param values values by name, all positive
	 */
	static SvgChart bars(String title, String unit, Map<String, Double> values) {
		int row = 28;
		int left = 150;
		SvgChart chart = new SvgChart(title + " (logarithmic)", TOP + row * values.size() + 10);
		double low = Math.floor(Math.log10(values.values().stream().mapToDouble(Double::doubleValue).min().orElse(1)));
		double high = Math.log10(values.values().stream().mapToDouble(Double::doubleValue).max().orElse(10));
		int y = TOP;
		for (Map.Entry<String, Double> entry : values.entrySet()) {
			double width = Math.max(2, (Math.log10(entry.getValue()) - low) / (high - low) * (WIDTH - left - 110));
			chart.text(left - 8, y + 15, "end", entry.getKey());
			chart.line(left, y + 10, left + width, y + 10, COLORS[entry.getKey().startsWith("ours") ? 1 : 0], 20);
			chart.text(left + width + 6, y + 15, "start", Report.number(entry.getValue()) + " " + unit);
			y += row;
		}
		return chart;
	}

	private void line(double x1, double y1, double x2, double y2, String color, int width) {
		this.body.append("<line x1=\"%s\" y1=\"%s\" x2=\"%s\" y2=\"%s\" stroke=\"%s\" stroke-width=\"%d\"/>%n"
			.formatted(format(x1), format(y1), format(x2), format(y2), color, width));
	}

	private void text(double x, double y, String anchor, String text) {
		this.body.append(
				"<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s</text>%n".formatted(format(x), format(y), anchor, text));
	}

	private static String format(double value) {
		return String.format(Locale.ROOT, "%.1f", value);
	}

	private static String number(double value) {
		return (value >= 1) ? String.format(Locale.ROOT, "%,.0f", value) : String.valueOf((float) value);
	}

	void write(Path file) throws IOException {
		Files.writeString(file,
				"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>%n%s</svg>%n"
					.formatted(WIDTH, this.height, this.body));
	}

}
