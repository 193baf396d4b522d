package io.github.oauthredis.http;

import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

/**
 * A client that is made when first needed. Thread-safe.
 *
 * @param <T> type of the client
 */
final class LazyClient<T> {

	private final ReentrantLock lock = new ReentrantLock();

	private final Supplier<T> source;

	/** Written under the lock, once. */
	private volatile @Nullable T client;

	LazyClient(Supplier<T> source) {
		this.source = source;
	}

	T get() {
		T client = this.client;
		if (client != null) {
			return client;
		}
		this.lock.lock();
		try {
			T made = this.client;
			if (made == null) {
				made = this.source.get();
				this.client = made;
			}
			return made;
		}
		finally {
			this.lock.unlock();
		}
	}

	void ifMade(Consumer<T> action) {
		T client = this.client;
		if (client != null) {
			action.accept(client);
		}
	}

}
