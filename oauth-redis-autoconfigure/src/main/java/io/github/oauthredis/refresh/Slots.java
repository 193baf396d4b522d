package io.github.oauthredis.refresh;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * Slots for token requests: as many as may be sent at once, fewer of them for any one
 * provider, and a queue of 1,000 before them. Whoever has a caller waiting goes before
 * renewals in the background; providers take turns. Thread-safe; blocks nobody.
 * <p>
 * A provider that is slow fills its own part of the slots and the same part of the queue,
 * and leaves the rest to the others. Invariant, whenever nobody serves: no slot is free
 * for anybody who waits.
 */
final class Slots {

	private static final int MAXIMUM_QUEUE = 1_000;

	private final ReentrantLock lock = new ReentrantLock();

	private final int total;

	private final int perProvider;

	private final int queuePerProvider;

	// Guarded by lock, as all that follows: those with slots or waiters, next turn first.
	private final Map<String, Lane> lanes = new LinkedHashMap<>();

	private int free;

	private int queued;

	private int lingering;

	// Whether a thread hands out slots to those who wait.
	private boolean serving;

	/**
	 * Create slots.
	 * @param total slots
	 * @param perProvider the most that one provider may have
	 */
	Slots(int total, int perProvider) {
		this.total = total;
		this.perProvider = Math.min(perProvider, total);
		this.queuePerProvider = (int) ((long) MAXIMUM_QUEUE * this.perProvider / total);
		this.free = total;
	}

	/**
	 * Take a slot.
	 * @param provider to whom the token request goes
	 * @param background whether nobody waits for it
	 * @return completes when the caller has one; fails if too many wait
	 */
	CompletionStage<Slot> take(String provider, boolean background) {
		CompletableFuture<Slot> waiting = new CompletableFuture<>();
		CompletableFuture<Slot> rejected;
		this.lock.lock();
		try {
			Lane lane = this.lanes.computeIfAbsent(provider, Lane::new);
			if (!this.serving && this.free > 0 && lane.taken < this.perProvider) {
				return CompletableFuture.completedFuture(give(lane));
			}
			rejected = hasRoom(lane) ? null : background ? waiting : displaced(lane, waiting);
			if (rejected != waiting) {
				(background ? lane.background : lane.users).add(waiting);
				this.queued++;
			}
			removeIfIdle(lane);
		}
		finally {
			this.lock.unlock();
		}
		if (rejected != null) {
			rejected.completeExceptionally(new RejectedExecutionException("Too many token requests wait already"));
		}
		return waiting;
	}

	private boolean hasRoom(Lane lane) {
		return this.queued < MAXIMUM_QUEUE && lane.users.size() + lane.background.size() < this.queuePerProvider;
	}

	/**
	 * Whom to send away for somebody with a caller: somebody without, of the same
	 * provider, or of any if this one has not filled its part of the queue.
	 */
	private CompletableFuture<Slot> displaced(Lane lane, CompletableFuture<Slot> newcomer) {
		Lane from = !lane.background.isEmpty() ? lane : null;
		if (from == null && lane.users.size() < this.queuePerProvider) {
			from = this.lanes.values().stream().filter((other) -> !other.background.isEmpty()).findFirst().orElse(null);
		}
		if (from == null) {
			return newcomer;
		}
		CompletableFuture<Slot> last = from.background.removeLast();
		this.queued--;
		if (from != lane) {
			removeIfIdle(from);
		}
		return last;
	}

	private Slot give(Lane lane) {
		this.free--;
		lane.taken++;
		return new Slot(lane);
	}

	private void takeBack(Lane lane) {
		this.lock.lock();
		try {
			this.free++;
			lane.taken--;
			removeIfIdle(lane);
			if (this.serving) {
				return;
			}
			this.serving = true;
		}
		finally {
			this.lock.unlock();
		}
		serve();
	}

	/**
	 * Hand out what is free, one after another: a waiter that returns its slot at once
	 * gets here again, and must not do so deeper and deeper in the stack.
	 */
	private void serve() {
		for (Runnable next = next(); next != null; next = next()) {
			next.run();
		}
	}

	private @Nullable Runnable next() {
		this.lock.lock();
		try {
			Lane lane = (this.free > 0) ? nextLane() : null;
			if (lane == null) {
				this.serving = false;
				return null;
			}
			CompletableFuture<Slot> waiting = lane.users.isEmpty() ? lane.background.remove() : lane.users.remove();
			this.queued--;
			Slot slot = give(lane);
			this.lanes.remove(lane.provider);
			this.lanes.put(lane.provider, lane);
			return () -> waiting.complete(slot);
		}
		finally {
			this.lock.unlock();
		}
	}

	private @Nullable Lane nextLane() {
		Lane first = null;
		for (Lane lane : this.lanes.values()) {
			if (lane.taken < this.perProvider && !lane.users.isEmpty()) {
				return lane;
			}
			if (first == null && lane.taken < this.perProvider && !lane.background.isEmpty()) {
				first = lane;
			}
		}
		return first;
	}

	private void removeIfIdle(Lane lane) {
		if (lane.taken == 0 && lane.lingering == 0 && lane.users.isEmpty() && lane.background.isEmpty()) {
			this.lanes.remove(lane.provider, lane);
		}
	}

	/**
	 * What one provider has and wants. Guarded by the lock.
	 */
	private static final class Lane {

		private final String provider;

		private final Deque<CompletableFuture<Slot>> users = new ArrayDeque<>();

		private final Deque<CompletableFuture<Slot>> background = new ArrayDeque<>();

		private int taken;

		private int lingering;

		private Lane(String provider) {
			this.provider = provider;
		}

	}

	/**
	 * The right to have one token request under way. Thread-safe.
	 */
	final class Slot {

		private final Lane lane;

		private final AtomicBoolean returned = new AtomicBoolean();

		private Slot(Lane lane) {
			this.lane = lane;
		}

		/**
		 * Give the slot back, if it was not given back before.
		 */
		void giveBack() {
			if (this.returned.compareAndSet(false, true)) {
				takeBack(this.lane);
			}
		}

		/**
		 * Ask whether the request may go on without its slot, to hear of a late answer.
		 * @return {@code true} if it may, and {@link #lingered()} must be called when it
		 * ends
		 */
		boolean mayLinger() {
			Slots.this.lock.lock();
			try {
				if (Slots.this.lingering >= Slots.this.total || this.lane.lingering >= Slots.this.perProvider) {
					return false;
				}
				Slots.this.lingering++;
				this.lane.lingering++;
				return true;
			}
			finally {
				Slots.this.lock.unlock();
			}
		}

		void lingered() {
			Slots.this.lock.lock();
			try {
				Slots.this.lingering--;
				this.lane.lingering--;
				removeIfIdle(this.lane);
			}
			finally {
				Slots.this.lock.unlock();
			}
		}

	}

}
