package io.github.oauthredis.sample.client.panel;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import org.springframework.security.concurrent.DelegatingSecurityContextExecutorService;
import org.springframework.stereotype.Component;

import io.github.oauthredis.sample.client.DemoApi;

/**
 * Makes many calls as the user at the same moment.
 *
 * @author OAuth Redis
 */
@Component
class Race {

	private static final int CALLS = 100;

	private final DemoApi api;

	private final DemoServer server;

	Race(DemoApi api, DemoServer server) {
		this.api = api;
		this.server = server;
	}

	/**
	 * Run the race. One after the other, because each counts the token requests that
	 * happen meanwhile.
	 * @return what came of the calls
	 * @throws InterruptedException if interrupted while waiting for the calls
	 */
	synchronized Result run() throws InterruptedException {
		ExecutorService threads = Executors.newFixedThreadPool(CALLS);
		try {
			return run(new DelegatingSecurityContextExecutorService(threads));
		}
		finally {
			threads.shutdownNow();
		}
	}

	private Result run(ExecutorService threads) throws InterruptedException {
		long before = this.server.state().total("demo-web");
		CountDownLatch ready = new CountDownLatch(CALLS);
		CountDownLatch go = new CountDownLatch(1);
		Callable<DemoApi.Answer> call = () -> {
			ready.countDown();
			go.await();
			return this.api.asUser();
		};
		List<Future<DemoApi.Answer>> calls = new ArrayList<>();
		for (int i = 0; i < CALLS; i++) {
			calls.add(threads.submit(call));
		}
		ready.await();
		long start = System.nanoTime();
		go.countDown();
		TreeSet<String> tokens = new TreeSet<>();
		List<String> failures = new ArrayList<>();
		for (Future<DemoApi.Answer> future : calls) {
			try {
				tokens.add(future.get().token());
			}
			catch (ExecutionException ex) {
				failures.add(CallProblems.describe(ex.getCause()));
			}
		}
		long elapsed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
		long after = this.server.state().total("demo-web");
		return new Result(CALLS, failures.size(), failures.stream().distinct().limit(3).toList(), List.copyOf(tokens),
				before, after, elapsed);
	}

	/**
	 * What came of the calls.
	 *
	 * @param calls how many there were
	 * @param failures how many failed
	 * @param reasons why, at most three
	 * @param tokens short digests of the tokens that the API accepted
	 * @param requestsBefore token requests at the server before the calls
	 * @param requestsAfter token requests at the server after the calls
	 * @param elapsedMillis milliseconds from the start of the calls to the last answer
	 */
	record Result(int calls, int failures, List<String> reasons, List<String> tokens, long requestsBefore,
			long requestsAfter, long elapsedMillis) {

	}

}
