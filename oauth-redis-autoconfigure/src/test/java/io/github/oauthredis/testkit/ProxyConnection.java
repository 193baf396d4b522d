package io.github.oauthredis.testkit;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One connection through a {@link TcpProxy}. Thread-safe.
 * <p>
 * Each direction has a thread that reads and a thread that delivers when the time has
 * come. So a delay costs no throughput, and what is held back is delivered later, as TCP
 * does it.
 */
final class ProxyConnection {

	private static final int CHUNK = 64 * 1024;

	private static final int MAX_CHUNKS = 8192;

	private final AtomicInteger openDirections = new AtomicInteger(2);

	private final ProxyRules rules;

	private final Socket client;

	private final Socket server;

	private final Consumer<ProxyConnection> onClose;

	private volatile boolean closed;

	private Swallowing swallowing = Swallowing.NO; // guarded by this

	private boolean cutWhenSwallowed; // guarded by this

	ProxyConnection(ProxyRules rules, Socket client, Socket server, Consumer<ProxyConnection> onClose) {
		this.rules = rules;
		this.client = client;
		this.server = server;
		this.onClose = onClose;
	}

	void start() {
		pump(TcpProxy.Direction.UPSTREAM, this.client, this.server);
		pump(TcpProxy.Direction.DOWNSTREAM, this.server, this.client);
	}

	/**
	 * Reset both sides.
	 */
	void cut() {
		this.closed = true;
		reset(this.client);
		reset(this.server);
		this.rules.wakeUp();
		this.onClose.accept(this);
	}

	private void pump(TcpProxy.Direction direction, Socket from, Socket to) {
		BlockingQueue<Chunk> queue = new LinkedBlockingQueue<>(MAX_CHUNKS);
		Daemon.start("proxy-read-" + direction, () -> read(from, queue));
		Daemon.start("proxy-deliver-" + direction, () -> deliver(direction, queue, to));
	}

	private void read(Socket from, BlockingQueue<Chunk> queue) {
		byte[] buffer = new byte[CHUNK];
		try {
			int length = 0;
			while (length >= 0) {
				length = from.getInputStream().read(buffer);
				byte[] bytes = (length > 0) ? Arrays.copyOf(buffer, length) : new byte[0];
				put(queue, new Chunk(System.nanoTime() + this.rules.delay().toNanos(), bytes));
			}
		}
		catch (IOException ex) {
			cut();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void put(BlockingQueue<Chunk> queue, Chunk chunk) throws InterruptedException {
		while (!this.closed && !queue.offer(chunk, 1, TimeUnit.SECONDS)) {
			// Full while the other side does not read: look whether it still is there.
			Thread.onSpinWait();
		}
	}

	private void deliver(TcpProxy.Direction direction, BlockingQueue<Chunk> queue, Socket to) {
		try {
			while (!this.closed) {
				Chunk chunk = queue.poll(1, TimeUnit.SECONDS);
				if (chunk == null) {
					continue;
				}
				awaitTime(chunk.dueNanos());
				this.rules.awaitOpen(direction, () -> this.closed);
				if (chunk.end()) {
					to.shutdownOutput();
					closeIfBothEnded();
					return;
				}
				if (passes(direction, chunk)) {
					this.rules.bytes(direction).addAndGet(chunk.bytes().length);
					to.getOutputStream().write(chunk.bytes());
				}
			}
		}
		catch (IOException ex) {
			cut();
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
	}

	private void awaitTime(long dueNanos) {
		for (long left = dueNanos - System.nanoTime(); left > 0 && !this.closed; left = dueNanos - System.nanoTime()) {
			LockSupport.parkNanos(left);
		}
	}

	private boolean passes(TcpProxy.Direction direction, Chunk chunk) {
		return (direction == TcpProxy.Direction.UPSTREAM) ? requestPasses(chunk.text()) : replyPasses();
	}

	private boolean requestPasses(String request) {
		synchronized (this) {
			if (this.swallowing == Swallowing.BEGUN) {
				this.swallowing = Swallowing.NO;
			}
		}
		ProxyRules.OneFault fault = this.rules.take(request);
		if (fault == null) {
			return true;
		}
		switch (fault.kind()) {
			case HOLD -> fault.gate().pass();
			case DROP_REPLY -> swallowReply(fault.cut());
			case DROP_REQUEST -> dropped(fault.cut());
		}
		return fault.kind() != ProxyRules.Kind.DROP_REQUEST;
	}

	private boolean replyPasses() {
		boolean cut;
		synchronized (this) {
			if (this.swallowing == Swallowing.NO) {
				return true;
			}
			if (this.swallowing == Swallowing.BEGUN) {
				return false;
			}
			this.swallowing = Swallowing.BEGUN;
			cut = this.cutWhenSwallowed;
		}
		dropped(cut);
		return false;
	}

	private synchronized void swallowReply(boolean cut) {
		this.swallowing = Swallowing.ARMED;
		this.cutWhenSwallowed = cut;
	}

	private void dropped(boolean cut) {
		if (cut) {
			cut();
		}
		this.rules.dropped();
	}

	private void closeIfBothEnded() throws IOException {
		if (this.openDirections.decrementAndGet() == 0) {
			this.closed = true;
			this.client.close();
			this.server.close();
			this.onClose.accept(this);
		}
	}

	private static void reset(Socket socket) {
		try {
			socket.setSoLinger(true, 0);
			socket.close();
		}
		catch (IOException ex) {
			// Closed already.
		}
	}

	/**
	 * From the request whose reply is to be lost until the next request after that reply.
	 */
	private enum Swallowing {

		NO, ARMED, BEGUN

	}

	private static final class Chunk {

		private final long dueNanos;

		private final byte[] bytes;

		Chunk(long dueNanos, byte[] bytes) {
			this.dueNanos = dueNanos;
			this.bytes = bytes;
		}

		long dueNanos() {
			return this.dueNanos;
		}

		byte[] bytes() {
			return this.bytes;
		}

		boolean end() {
			return this.bytes.length == 0;
		}

		String text() {
			return new String(this.bytes, StandardCharsets.ISO_8859_1);
		}

	}

}
