package io.github.oauthredis.testkit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link TcpProxy} does to the bytes of all its connections, and what it counted.
 * Thread-safe.
 */
final class ProxyRules {

	private final AtomicLong upstreamBytes = new AtomicLong();

	private final AtomicLong downstreamBytes = new AtomicLong();

	private final AtomicInteger drops = new AtomicInteger();

	private final List<OneFault> faults = new ArrayList<>(); // guarded by this

	private final Set<TcpProxy.Direction> holes = EnumSet.noneOf(TcpProxy.Direction.class); // guarded
																							// by
																							// this

	private volatile Duration delay = Duration.ZERO;

	Duration delay() {
		return this.delay;
	}

	void delay(Duration delay) {
		this.delay = delay;
	}

	synchronized void blackHole(TcpProxy.Direction direction) {
		this.holes.add(direction);
	}

	synchronized void clear() {
		this.delay = Duration.ZERO;
		this.holes.clear();
		this.faults.forEach((fault) -> fault.gate().release());
		this.faults.clear();
		notifyAll();
	}

	/**
	 * Wait while a direction is a black hole.
	 * @param direction the direction
	 * @param closed whether the connection is closed in the meantime
	 * @throws InterruptedException if the thread is interrupted
	 */
	synchronized void awaitOpen(TcpProxy.Direction direction, BooleanSupplier closed) throws InterruptedException {
		while (this.holes.contains(direction) && !closed.getAsBoolean()) {
			wait();
		}
	}

	/**
	 * Let those who wait look again.
	 */
	synchronized void wakeUp() {
		notifyAll();
	}

	synchronized OneFault add(Kind kind, Predicate<String> request, boolean cut) {
		OneFault fault = new OneFault(kind, request, cut, new Gate());
		this.faults.add(fault);
		return fault;
	}

	/**
	 * Take the first fault that is meant for a request.
	 * @param request the bytes of the request as Latin-1
	 * @return the fault, or null if there is none
	 */
	synchronized @Nullable OneFault take(String request) {
		for (Iterator<OneFault> iterator = this.faults.iterator(); iterator.hasNext();) {
			OneFault fault = iterator.next();
			if (fault.request().test(request)) {
				iterator.remove();
				return fault;
			}
		}
		return null;
	}

	void dropped() {
		this.drops.incrementAndGet();
	}

	int drops() {
		return this.drops.get();
	}

	AtomicLong bytes(TcpProxy.Direction direction) {
		return (direction == TcpProxy.Direction.UPSTREAM) ? this.upstreamBytes : this.downstreamBytes;
	}

	/**
	 * What may happen to one request.
	 */
	enum Kind {

		DROP_REQUEST, DROP_REPLY, HOLD

	}

	/**
	 * A fault that happens once.
	 *
	 * @param kind what happens
	 * @param request the requests to which it may happen
	 * @param cut whether the connection is cut, too
	 * @param gate where a held request waits
	 */
	record OneFault(Kind kind, Predicate<String> request, boolean cut, Gate gate) {

	}

}
