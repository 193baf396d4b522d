package io.github.oauthredis.refresh;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.resilience.BoundedMap;
import io.github.oauthredis.store.Admission;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.token.TokenKey;

/**
 * Keeps token requests within the budget that the fleet has for a provider. Requests of
 * this instance stand in a line for each provider, so that only the first of them asks
 * Redis: callers before renewals in the background, at most 1,000 of each. A caller waits
 * if his turn comes in time; a renewal does not wait. Thread-safe.
 * <p>
 * If Redis does not answer, everybody passes: the lease comes next.
 */
final class BudgetLine {

	private static final int MAXIMUM_LENGTH = 1_000;

	private static final int MAXIMUM_PROVIDERS = 1_000;

	private static final Duration SHORTEST_PAUSE = Duration.ofMillis(10);

	private final ReentrantLock lock = new ReentrantLock();

	// Guarded by lock: those that are served, each by one thread, answer or timer.
	private final Map<String, Line> lines = new HashMap<>();

	// Until when nothing is left for callers.
	private final BoundedMap<String, Pause> spent = new BoundedMap<>(MAXIMUM_PROVIDERS);

	// Until when nothing is left for renewals in the background.
	private final BoundedMap<String, Pause> spentInBackground = new BoundedMap<>(MAXIMUM_PROVIDERS);

	private final EngineContext context;

	private final @Nullable Budget budget;

	BudgetLine(EngineContext context, @Nullable Budget budget) {
		this.context = context;
		this.budget = budget;
	}

	/**
	 * Wait for a part of the budget.
	 * @param key the record
	 * @param background whether no caller waits for it
	 * @param giveUpAt when it is too late
	 * @return completes when the request may be sent; fails if it may not in time
	 */
	CompletionStage<@Nullable Void> admit(TokenKey key, boolean background, Instant giveUpAt) {
		Budget budget = this.budget;
		if (budget == null) {
			return CompletableFuture.<@Nullable Void>completedFuture(null);
		}
		Waiter waiter = new Waiter(key, background, giveUpAt, new CompletableFuture<>());
		Line line;
		this.lock.lock();
		try {
			Line present = this.lines.get(key.tokenUri());
			line = (present != null) ? present : new Line(key.tokenUri(), budget);
			Instant turn = turn(line, waiter, line.users.size());
			if (turn.isAfter(background ? this.context.now() : giveUpAt)) {
				return CompletableFuture.failedFuture(refusal(waiter, turn));
			}
			if (line.of(waiter).size() >= MAXIMUM_LENGTH) {
				return CompletableFuture.failedFuture(new RejectedExecutionException("1,000 wait for the budget"));
			}
			line.of(waiter).add(waiter);
			if (present != null) {
				return waiter.admitted;
			}
			this.lines.put(line.provider, line);
		}
		finally {
			this.lock.unlock();
		}
		serve(line);
		return waiter.admitted;
	}

	/**
	 * When it is the turn of somebody with so many callers before him, if all goes well.
	 */
	private Instant turn(Line line, Waiter waiter, int before) {
		Instant now = this.context.now();
		Pause pause = (waiter.background ? this.spentInBackground : this.spent).get(line.provider);
		if (pause == null || !pause.lasts(now)) {
			return now;
		}
		return waiter.background ? pause.until()
				: pause.until().plusMillis((long) (before * 1_000 / line.budget.perSecond()));
	}

	/**
	 * Ask for one after another. Where Redis has answered already this goes on in a loop,
	 * and not deeper in the stack.
	 */
	private void serve(Line line) {
		for (Waiter first = first(line); first != null; first = first(line)) {
			Waiter asking = first;
			CompletionStage<Admission> asked = this.context.store().admit(asking.key, line.budget, asking.background);
			CompletableFuture<Admission> answer = asked.toCompletableFuture();
			if (!answer.isDone()) {
				asked.whenComplete((admission, ex) -> {
					if (settle(line, asking, admission)) {
						serve(line);
					}
				});
				return;
			}
			if (!settle(line, asking, answer.isCompletedExceptionally() ? null : answer.join())) {
				return;
			}
		}
	}

	/**
	 * Who comes next; if nobody does, the line is no more.
	 */
	private @Nullable Waiter first(Line line) {
		this.lock.lock();
		try {
			Waiter first = line.users.isEmpty() ? line.background.peek() : line.users.peek();
			if (first == null) {
				this.lines.remove(line.provider);
			}
			return first;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Tell those whom an answer concerns.
	 * @return whether to ask for the next one now
	 */
	private boolean settle(Line line, Waiter asking, @Nullable Admission answer) {
		if (answer == null) {
			drain(line).forEach((waiter) -> waiter.admitted.complete(null));
			return false;
		}
		if (!answer.admitted()) {
			Duration wait = answer.retryAfter();
			return exhausted(line, asking, (wait.compareTo(SHORTEST_PAUSE) > 0) ? wait : SHORTEST_PAUSE);
		}
		this.lock.lock();
		try {
			line.of(asking).remove(asking);
		}
		finally {
			this.lock.unlock();
		}
		asking.admitted.complete(null);
		return true;
	}

	/**
	 * Send away who need not wait any longer: renewals, and callers whose turn would come
	 * too late.
	 */
	private boolean exhausted(Line line, Waiter asking, Duration wait) {
		Pause pause = Pause.of(this.context.now(), wait);
		this.spentInBackground.update(line.provider, (before) -> pause);
		List<Runnable> refusals = new ArrayList<>();
		boolean waits;
		this.lock.lock();
		try {
			line.background.forEach((waiter) -> refusals.add(() -> refuse(waiter, pause.until())));
			line.background.clear();
			if (!asking.background) {
				this.spent.update(line.provider, (before) -> pause);
				sendLateAway(line, refusals);
			}
			waits = !asking.background && !line.users.isEmpty();
		}
		finally {
			this.lock.unlock();
		}
		refusals.forEach(Runnable::run);
		if (waits) {
			serveLater(line, wait);
		}
		return !waits;
	}

	private void sendLateAway(Line line, List<Runnable> refusals) {
		Deque<Waiter> patient = new ArrayDeque<>();
		for (Waiter waiter : line.users) {
			Instant turn = turn(line, waiter, patient.size());
			if (turn.isAfter(waiter.giveUpAt)) {
				refusals.add(() -> refuse(waiter, turn));
			}
			else {
				patient.add(waiter);
			}
		}
		line.users.clear();
		line.users.addAll(patient);
	}

	private void serveLater(Line line, Duration wait) {
		// Spread, because all instances hear of the same time.
		Duration spread = Duration.ofMillis((long) (wait.toMillis() * 0.1 * this.context.random()));
		try {
			Future<?> unused = this.context.threads().schedule(() -> serve(line), wait.plus(spread));
		}
		catch (RejectedExecutionException ex) {
			drain(line).forEach((waiter) -> waiter.admitted.completeExceptionally(ex));
		}
	}

	private List<Waiter> drain(Line line) {
		this.lock.lock();
		try {
			this.lines.remove(line.provider);
			List<Waiter> all = new ArrayList<>(line.users);
			all.addAll(line.background);
			return all;
		}
		finally {
			this.lock.unlock();
		}
	}

	private void refuse(Waiter waiter, Instant retryAt) {
		waiter.admitted.completeExceptionally(refusal(waiter, retryAt));
	}

	private RuntimeException refusal(Waiter waiter, Instant retryAt) {
		return this.context.refused(waiter.key, "budget", retryAt);
	}

	private record Waiter(TokenKey key, boolean background, Instant giveUpAt,
			CompletableFuture<@Nullable Void> admitted) {
	}

	/**
	 * Those who wait for one provider. Guarded by the lock.
	 */
	private static final class Line {

		private final String provider;

		private final Budget budget;

		private final Deque<Waiter> users = new ArrayDeque<>();

		private final Deque<Waiter> background = new ArrayDeque<>();

		private Line(String provider, Budget budget) {
			this.provider = provider;
			this.budget = budget;
		}

		private Deque<Waiter> of(Waiter waiter) {
			return waiter.background ? this.background : this.users;
		}

	}

}
