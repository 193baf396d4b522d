package io.github.oauthredis.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.context.SmartLifecycle;

/**
 * Two clients with the same settings: one as the application configured it, and one that
 * follows no redirects, made when the first request with a token comes. Passes the
 * lifecycle on to both. Thread-safe.
 *
 * @param <T> type of the clients
 */
abstract class RedirectGuard<T> implements SmartLifecycle, DisposableBean {

	private final T client;

	private final LazyClient<T> nonFollowing;

	private final boolean following;

	/**
	 * Create a guard.
	 * @param client for requests without our token
	 * @param nonFollowing for requests with it
	 * @param following whether the application wants redirects followed
	 */
	RedirectGuard(T client, Supplier<T> nonFollowing, boolean following) {
		this.client = client;
		this.nonFollowing = new LazyClient<>(() -> startedLike(client, nonFollowing.get()));
		this.following = following;
	}

	static boolean isFollowing(HttpClientSettings settings) {
		return settings.redirects() != HttpRedirects.DONT_FOLLOW;
	}

	/**
	 * Return the client for a request.
	 * @param marker what came with the request; not a marker if it carries no token
	 * @return completes with the client to use
	 */
	CompletableFuture<T> clientFor(@Nullable Object marker) {
		if (!(marker instanceof RedirectMarker token)) {
			return CompletableFuture.completedFuture(this.client);
		}
		return this.nonFollowing.get().handle((client, ex) -> {
			if (ex != null) {
				throw new IllegalStateException(
						"The HTTP client cannot be kept from following redirects, so a request with "
								+ "a token was not sent through it. If it follows none, declare it with "
								+ "RedirectGuards.nonFollowing(..)",
						ex);
			}
			token.guarded(this.following);
			return client;
		});
	}

	@Override
	public void start() {
		each(RedirectGuard::start);
	}

	@Override
	public void stop() {
		each(RedirectGuard::stop);
	}

	@Override
	public boolean isRunning() {
		return !(this.client instanceof Lifecycle lifecycle) || lifecycle.isRunning();
	}

	@Override
	public int getPhase() {
		return (this.client instanceof Phased phased) ? phased.getPhase() : SmartLifecycle.DEFAULT_PHASE;
	}

	@Override
	public void destroy() {
		each(RedirectGuard::destroy);
	}

	private void each(Consumer<Object> action) {
		action.accept(this.client);
		this.nonFollowing.ifMade((other) -> {
			if (other != this.client) {
				action.accept(other);
			}
		});
	}

	private static <T> T startedLike(T client, T made) {
		if (client instanceof Lifecycle first && made instanceof Lifecycle second && first.isRunning()
				&& !second.isRunning()) {
			second.start();
		}
		return made;
	}

	private static void start(Object client) {
		if (client instanceof Lifecycle lifecycle) {
			lifecycle.start();
		}
	}

	private static void stop(Object client) {
		if (client instanceof Lifecycle lifecycle) {
			lifecycle.stop();
		}
	}

	private static void destroy(Object client) {
		try {
			if (client instanceof DisposableBean bean) {
				bean.destroy();
			}
			else if (client instanceof Closeable closeable) {
				closeable.close();
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		catch (Exception ex) {
			throw new IllegalStateException("An HTTP client could not be closed", ex);
		}
	}

}
