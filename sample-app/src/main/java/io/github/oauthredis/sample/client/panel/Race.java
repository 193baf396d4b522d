package io.github.oauthredis.sample.client.panel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;

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

	private final DemoServer server;

	Race(DemoServer server) {
		this.server = server;
	}

	/**
	 * Run the race. One after the other, because each counts the token requests that
	 * happen meanwhile.
	 * @param client client whose token requests are counted
	 * @param call what each caller does
	 * @return what came of the calls
	 * @throws InterruptedException if interrupted while waiting for the calls
	 */
	synchronized Result run(String client, Supplier<DemoApi.Answer> call) throws InterruptedException {
		ExecutorService threads = Executors.newFixedThreadPool(CALLS);
		try {
			long before = this.server.state().total(client);
			Calls calls = callAtOnce(new DelegatingSecurityContextExecutorService(threads), call);
			long after = this.server.state().total(client);
			boolean loginKept = CallOutcome.of(call).failure() == null;
			return new Result(calls, before, after, loginKept);
		}
		finally {
			threads.shutdownNow();
		}
	}

	private static Calls callAtOnce(ExecutorService threads, Supplier<DemoApi.Answer> call)
			throws InterruptedException {
		CountDownLatch ready = new CountDownLatch(CALLS);
		CountDownLatch go = new CountDownLatch(1);
		Callable<CallOutcome> caller = () -> {
			ready.countDown();
			go.await();
			return CallOutcome.of(call);
		};
		List<Future<CallOutcome>> callers = new ArrayList<>();
		for (int i = 0; i < CALLS; i++) {
			callers.add(threads.submit(caller));
		}
		ready.await();
		go.countDown();
		List<CallOutcome> outcomes = new ArrayList<>();
		for (Future<CallOutcome> future : callers) {
			try {
				outcomes.add(future.get());
			}
			catch (ExecutionException ex) {
				throw new IllegalStateException("A caller broke down", ex);
			}
		}
		return Calls.of(outcomes);
	}

	/**
	 * What came of a race.
	 *
	 * @param calls how the calls went
	 * @param requestsBefore token requests at the server before the calls
	 * @param requestsAfter token requests at the server after the calls
	 * @param loginKept whether one more call works afterwards
	 */
	record Result(Calls calls, long requestsBefore, long requestsAfter, boolean loginKept) {

	}

}
