package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;
import io.github.oauthredis.testkit.RespClient;

/**
 * What a write costs Redis when many instances listen: each is told of every write. The
 * listeners are bare sockets, so that only Redis is measured.
 */
final class PushFanout {

	private static final int PUSH_BYTES_AT_LEAST = 40;

	private static final byte[] TRACK = ("HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX " + Ours.KEY_PREFIX + ":{\r\n")
		.getBytes(StandardCharsets.US_ASCII);

	private PushFanout() {
	}

	static void run(Report report) throws IOException {
		int writes = report.quick() ? 200 : 2000;
		report.header("listeners", "writes", "µs of Redis per write", "of that per push", "pushed bytes per write",
				"last push after µs (p50)", "(p99)", "bytes of Redis per listener");
		List<double[]> cost = new ArrayList<>();
		for (int listeners : new int[] { 0, 1, 10, 100, 1000 }) {
			try (RedisServer redis = RedisServer.start("--maxclients", "12000")) {
				long before = memory(redis);
				try (Listeners all = new Listeners(redis, listeners)) {
					double perListener = (listeners > 0) ? (memory(redis) - before) / (double) listeners : 0;
					double micros = measure(report, redis, all, listeners, writes, perListener, cost);
					cost.add(new double[] { Math.max(1, listeners), micros });
				}
			}
		}
		SvgChart.powers("Redis time of one write", "listening instances", "µs", Map.of("write and pushes", cost))
			.write(report.file(".svg"));
	}

	private static double measure(Report report, RedisServer redis, Listeners all, int listeners, int writes,
			double perListener, List<double[]> earlier) {
		String value = "x".repeat(2300);
		Latencies latencies = new Latencies();
		try (RespClient client = redis.connect()) {
			double cpuBefore = cpu(redis);
			long bytesBefore = all.bytes();
			for (int i = 0; i < writes; i++) {
				long received = all.bytes();
				long start = System.nanoTime();
				client.command("HSET", Ours.KEY_PREFIX + ":{users~" + "d".repeat(43) + "}:token", "sealed", value);
				all.awaitOneEach(received);
				latencies.add(System.nanoTime() - start);
			}
			Await.holdsWithin(Duration.ofMillis(200), () -> false);
			double micros = (cpu(redis) - cpuBefore) * 1e6 / writes;
			double perPush = (listeners > 0) ? (micros - earlier.get(0)[1]) / listeners : 0;
			double[] last = latencies.micros(50, 99);
			report.row(listeners, writes, Report.number(micros), Report.number(perPush),
					(all.bytes() - bytesBefore) / writes, Report.number(last[0]), Report.number(last[1]),
					Report.number(perListener));
			return micros;
		}
	}

	private static double cpu(RedisServer redis) {
		return info(redis, "cpu", "used_cpu_sys:") + info(redis, "cpu", "used_cpu_user:");
	}

	private static long memory(RedisServer redis) {
		return (long) info(redis, "memory", "used_memory:");
	}

	static double info(RedisServer redis, String section, String name) {
		String information = (String) Objects.requireNonNull(redis.command("INFO", section));
		return information.lines()
			.filter((line) -> line.startsWith(name))
			.mapToDouble((line) -> Double.parseDouble(line.substring(name.length())))
			.findFirst()
			.orElseThrow();
	}

	/**
	 * Sockets that listen, drained by one thread.
	 */
	private static final class Listeners implements AutoCloseable {

		private final AtomicLong bytes = new AtomicLong();

		private final List<SocketChannel> channels = new ArrayList<>();

		private final int count;

		private final Selector selector;

		private final Thread thread;

		Listeners(RedisServer redis, int count) throws IOException {
			this.count = count;
			this.selector = Selector.open();
			for (int i = 0; i < count; i++) {
				SocketChannel channel = SocketChannel.open(new InetSocketAddress(redis.host(), redis.port()));
				channel.write(ByteBuffer.wrap(TRACK));
				channel.configureBlocking(false);
				channel.register(this.selector, SelectionKey.OP_READ);
				this.channels.add(channel);
			}
			this.thread = new Thread(this::drain, "listeners");
			this.thread.setDaemon(true);
			this.thread.start();
			Await.holdsWithin(Duration.ofSeconds(20),
					() -> (long) info(redis, "clients", "tracking_clients:") == count);
			// What was answered to the greeting is none of the pushes.
			Await.holdsWithin(Duration.ofMillis(300), () -> false);
		}

		long bytes() {
			return this.bytes.get();
		}

		/** Wait until as many bytes came as that many pushes have at least. */
		void awaitOneEach(long before) {
			long expected = before + (long) this.count * PUSH_BYTES_AT_LEAST;
			while (this.bytes.get() < expected) {
				Thread.onSpinWait();
			}
		}

		private void drain() {
			ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
			try {
				while (this.selector.isOpen()) {
					this.selector.select((key) -> {
						buffer.clear();
						try {
							this.bytes.addAndGet(Math.max(0, ((SocketChannel) key.channel()).read(buffer)));
						}
						catch (IOException ex) {
							key.cancel();
						}
					});
				}
			}
			catch (IOException | ClosedSelectorException ex) {
				// The end.
			}
		}

		@Override
		public void close() {
			try {
				this.selector.close();
				for (SocketChannel channel : this.channels) {
					channel.close();
				}
			}
			catch (IOException ex) {
				throw new UncheckedIOException(ex);
			}
		}

	}

}
