package io.github.oauthredis.sample.client.panel;

import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.sample.client.DemoApi;

/**
 * How one call to the API went, as its caller saw it.
 *
 * @param millis milliseconds it took
 * @param token short digest of the token that the API accepted, or null if the call
 * failed
 * @param failure why it failed, or null
 * @author OAuth Redis
 */
record CallOutcome(long millis, @Nullable String token, @Nullable String failure) {

	static CallOutcome of(Supplier<DemoApi.Answer> call) {
		long start = System.nanoTime();
		try {
			String token = call.get().token();
			return new CallOutcome(millisSince(start), token, null);
		}
		catch (RuntimeException ex) {
			return new CallOutcome(millisSince(start), null, CallProblems.describe(ex));
		}
	}

	private static long millisSince(long start) {
		return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
	}

}
