package io.github.oauthredis.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

import io.github.oauthredis.testkit.Await;
import io.github.oauthredis.testkit.RedisServer;

/**
 * What a write costs Redis when many instances listen: each is told of every write.
 * Listeners and writers are bare sockets, so that only Redis is measured. With many
 * writers at once Redis tells of several writes in one message.
 */
final class PushFanout {

	private static final byte[] TRACK = ("HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX " + Ours.KEY_PREFIX + ":{\r\n")
		.getBytes(StandardCharsets.US_ASCII);

	private static final String VALUE = "x".repeat(2300);

	private PushFanout() {
	}

	static void run(Report report) throws IOException {
		int writes = report.quick() ? 640 : 6400;
		report.header("listeners", "writers at once", "µs of Redis per write", "of that per listener",
				"pushed bytes per write and listener", "KB of Redis per listener");
		Map<String, Double> bars = new LinkedHashMap<>();
		for (int writers : new int[] { 1, 64 }) {
			double alone = 0;
			for (int listeners : new int[] { 0, 1, 10, 100, 1000 }) {
				try (RedisServer redis = RedisServer.start("--maxclients", "12000")) {
					double before = info(redis, "memory", "used_memory:");
					try (Listeners all = new Listeners(redis, listeners)) {
						double memory = info(redis, "memory", "used_memory:") - before;
						double micros = write(redis, writers, (listeners == 1000) ? writes / 10 : writes);
						alone = (listeners == 0) ? micros : alone;
						int each = Math.max(1, listeners);
						report.row(listeners, writers, Report.number(micros), Report.number((micros - alone) / each),
								all.bytes() / ((listeners == 1000) ? writes / 10 : writes) / each,
								Report.number(memory / each / 1000));
						bars.put(listeners + ", " + writers + " at once", micros);
					}
				}
			}
		}
		SvgChart.bars("Redis time of one write, by listening instances", "µs", bars).write(report.file(".svg"));
	}

	/** Returns the time that Redis needed for one write, in microseconds. */
	private static double write(RedisServer redis, int writers, int writes) throws IOException {
		List<Socket> sockets = new ArrayList<>();
		for (int i = 0; i < writers; i++) {
			sockets.add(new Socket(redis.host(), redis.port()));
		}
		double before = cpu(redis);
		for (int round = 0; round < writes / writers; round++) {
			for (int i = 0; i < writers; i++) {
				String key = Ours.KEY_PREFIX + ":{users~" + "d".repeat(42) + (char) ('0' + i) + "}:token";
				String command = "*4\r\n$4\r\nHSET\r\n$%d\r\n%s\r\n$6\r\nsealed\r\n$%d\r\n%s\r\n"
					.formatted(key.length(), key, VALUE.length(), VALUE);
				sockets.get(i).getOutputStream().write(command.getBytes(StandardCharsets.US_ASCII));
			}
			for (Socket socket : sockets) {
				socket.getInputStream().readNBytes(":1\r\n".length());
			}
		}
		// Pushes are sent after replies.
		Await.holdsWithin(Duration.ofMillis(300), () -> false);
		double micros = (cpu(redis) - before) * 1e6 / writes;
		for (Socket socket : sockets) {
			socket.close();
		}
		return micros;
	}

	static double cpu(RedisServer redis) {
		return info(redis, "cpu", "used_cpu_sys:") + info(redis, "cpu", "used_cpu_user:");
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
	static final class Listeners implements AutoCloseable {

		private final AtomicLong bytes = new AtomicLong();

		private final List<SocketChannel> channels = new ArrayList<>();

		private final Selector selector;

		Listeners(RedisServer redis, int count) throws IOException {
			this.selector = Selector.open();
			for (int i = 0; i < count; i++) {
				SocketChannel channel = SocketChannel.open(new InetSocketAddress(redis.host(), redis.port()));
				channel.write(ByteBuffer.wrap(TRACK));
				channel.configureBlocking(false);
				channel.register(this.selector, SelectionKey.OP_READ);
				this.channels.add(channel);
			}
			Thread thread = new Thread(this::drain, "listeners");
			thread.setDaemon(true);
			thread.start();
			Await.until(Duration.ofSeconds(20), () -> (int) info(redis, "clients", "tracking_clients:") == count);
			// What answers the greeting is no push.
			Await.holdsWithin(Duration.ofMillis(300), () -> false);
			this.bytes.set(0);
		}

		long bytes() {
			return this.bytes.get();
		}

		private void drain() {
			ByteBuffer buffer = ByteBuffer.allocateDirect(65_536);
			try {
				while (this.selector.isOpen()) {
					this.selector.select((key) -> read(key, buffer.clear()));
				}
			}
			catch (IOException | ClosedSelectorException ex) {
				// The end.
			}
		}

		private void read(SelectionKey key, ByteBuffer buffer) {
			try {
				this.bytes.addAndGet(Math.max(0, ((SocketChannel) key.channel()).read(buffer)));
			}
			catch (IOException ex) {
				key.cancel();
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
