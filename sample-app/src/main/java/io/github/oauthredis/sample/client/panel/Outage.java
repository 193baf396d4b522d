package io.github.oauthredis.sample.client.panel;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;
import org.springframework.security.concurrent.DelegatingSecurityContextExecutorService;
import org.springframework.security.core.context.SecurityContextHolder;

import io.github.oauthredis.sample.client.DemoApi;

/**
 * Stops Redis for a while and goes on calling the API, 20 times a second, from a second
 * before until two seconds after. Thread-safe.
 *
 * @author OAuth Redis
 */
class Outage {

	private static final Duration BETWEEN_CALLS = Duration.ofMillis(50);

	private static final Duration BEFORE = Duration.ofSeconds(1);

	private static final Duration AFTER = Duration.ofSeconds(2);

	private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

	// Everybody calls as the user who started this.
	private final ExecutorService callers = new DelegatingSecurityContextExecutorService(
			Executors.newCachedThreadPool(), SecurityContextHolder.getContext());

	private final long start = System.nanoTime();

	private final Supplier<DemoApi.Answer> call;

	private final Duration length;

	// These three are guarded by this.
	private final List<Ended> ended = new ArrayList<>();

	private int begun;

	private @Nullable String problem;

	/**
	 * Begin with the calls.
	 * @param call one call; no caller waits for another
	 * @param stopRedis stops Redis for the length, and returns at once
	 * @param length how long Redis is away
	 */
	Outage(Supplier<DemoApi.Answer> call, Runnable stopRedis, Duration length) {
		this.call = call;
		this.length = length;
		Future<?> unused = this.timer.scheduleAtFixedRate(() -> this.callers.execute(this::callOnce), 0,
				BETWEEN_CALLS.toMillis(), TimeUnit.MILLISECONDS);
		unused = this.timer.schedule(() -> stop(stopRedis), BEFORE.toMillis(), TimeUnit.MILLISECONDS);
		unused = this.timer.schedule(this::end, total().toMillis(), TimeUnit.MILLISECONDS);
	}

	private void callOnce() {
		int second = second();
		synchronized (this) {
			this.begun++;
		}
		CallOutcome outcome = CallOutcome.of(this.call);
		synchronized (this) {
			this.ended.add(new Ended(second, outcome));
		}
	}

	private void stop(Runnable stopRedis) {
		try {
			stopRedis.run();
		}
		catch (RuntimeException ex) {
			synchronized (this) {
				this.problem = CallProblems.describe(ex);
			}
			end();
		}
	}

	private void end() {
		this.timer.shutdownNow();
		this.callers.shutdown();
	}

	private Duration total() {
		return BEFORE.plus(this.length).plus(AFTER);
	}

	private int second() {
		return (int) TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - this.start);
	}

	synchronized Report report() {
		List<Second> seconds = IntStream.range(0, (int) total().toSeconds()).mapToObj(this::second).toList();
		return new Report(!this.callers.isTerminated(), second(), seconds, calls(this.ended),
				this.begun - this.ended.size(), this.problem);
	}

	private Second second(int number) {
		boolean stopped = number >= BEFORE.toSeconds() && number < BEFORE.plus(this.length).toSeconds();
		return new Second(stopped, calls(this.ended.stream().filter((call) -> call.second() == number).toList()));
	}

	private static Calls calls(List<Ended> ended) {
		return Calls.of(ended.stream().map(Ended::outcome).toList());
	}

	private record Ended(int second, CallOutcome outcome) {

	}

	/**
	 * What the callers noticed so far.
	 *
	 * @param running whether it goes on
	 * @param second seconds since its start
	 * @param seconds each second from the start to the end
	 * @param calls all calls that were answered or have failed
	 * @param waiting calls that wait for an answer
	 * @param problem why Redis could not be stopped, or null
	 */
	record Report(boolean running, int second, List<Second> seconds, Calls calls, int waiting,
			@Nullable String problem) {

	}

	/**
	 * One second.
	 *
	 * @param redisStopped whether Redis was stopped in it
	 * @param calls the calls that were begun in it
	 */
	record Second(boolean redisStopped, Calls calls) {

	}

}
