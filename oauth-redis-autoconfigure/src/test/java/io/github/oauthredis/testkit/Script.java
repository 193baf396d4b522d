package io.github.oauthredis.testkit;

import org.jspecify.annotations.Nullable;

/**
 * What to do with the next so many requests. Thread-safe.
 *
 * @param <T> the type of what is to be done
 */
final class Script<T> {

	private @Nullable T step; // guarded by this

	private int left; // guarded by this

	synchronized void next(int count, T step) {
		this.step = step;
		this.left = count;
	}

	synchronized void clear() {
		this.left = 0;
	}

	/**
	 * Take the step for one request.
	 * @return the step, or null if this request is an ordinary one
	 */
	synchronized @Nullable T take() {
		if (this.left == 0) {
			return null;
		}
		this.left--;
		return this.step;
	}

}
