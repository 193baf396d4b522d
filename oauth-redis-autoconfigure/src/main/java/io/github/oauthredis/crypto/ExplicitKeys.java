package io.github.oauthredis.crypto;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Gives the keys that somebody chose, unlike those that are derived from client secrets.
 * Thread-safe; never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface ExplicitKeys {

	/**
	 * The keys that are known at this moment.
	 * @return the one that seals first, none if there are none; the same list as long as
	 * nothing changed
	 */
	List<SealingKey> current();

	/**
	 * The keys after a look for new ones, which happens now and then for all callers
	 * together.
	 * @return the keys; completes in bounded time whatever comes of the look
	 */
	default CompletionStage<List<SealingKey>> renewed() {
		return CompletableFuture.completedFuture(current());
	}

}
