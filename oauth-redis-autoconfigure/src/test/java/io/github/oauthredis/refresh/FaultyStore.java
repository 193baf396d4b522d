package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Acquisition;
import io.github.oauthredis.store.Admission;
import io.github.oauthredis.store.Budget;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.Life;
import io.github.oauthredis.store.MarkScope;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.TokenStoreException;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * A way to the real store on which chosen calls are held up, or they or the replies to
 * them get lost. Counts the calls that were answered. Thread-safe.
 */
final class FaultyStore implements TokenStore {

	private final Map<String, Fault> faults = new ConcurrentHashMap<>();

	private final Map<String, CompletableFuture<@Nullable Void>> holds = new ConcurrentHashMap<>();

	private final Map<String, Integer> answered = new ConcurrentHashMap<>();

	private final TokenStore store;

	private volatile boolean allLost;

	FaultyStore(TokenStore store) {
		this.store = store;
	}

	/**
	 * Lose requests; the store never sees them.
	 */
	void loseRequests(String operation) {
		this.faults.put(operation, Fault.REQUEST);
	}

	/**
	 * Lose all requests.
	 */
	void loseAll() {
		this.allLost = true;
	}

	/**
	 * Lose replies; the store does as asked.
	 */
	void loseReplies(String operation) {
		this.faults.put(operation, Fault.REPLY);
	}

	/**
	 * Hold up requests.
	 * @param operation which
	 * @return completed by the test to let them go
	 */
	CompletableFuture<@Nullable Void> hold(String operation) {
		return this.holds.computeIfAbsent(operation, (name) -> new CompletableFuture<>());
	}

	void heal() {
		this.allLost = false;
		this.faults.clear();
	}

	int answered(String operation) {
		return this.answered.getOrDefault(operation, 0);
	}

	private <T extends @Nullable Object> CompletionStage<T> call(String operation, Supplier<CompletionStage<T>> call) {
		CompletableFuture<@Nullable Void> hold = this.holds.get(operation);
		return (hold != null) ? hold.thenCompose((go) -> send(operation, call)) : send(operation, call);
	}

	private <T extends @Nullable Object> CompletionStage<T> send(String operation, Supplier<CompletionStage<T>> call) {
		Fault fault = this.faults.get(operation);
		if (this.allLost || fault == Fault.REQUEST) {
			return CompletableFuture.failedFuture(new TokenStoreException("The request was lost", null));
		}
		CompletionStage<T> answer = call.get();
		if (fault == Fault.REPLY) {
			return answer.thenCompose(
					(lost) -> CompletableFuture.failedFuture(new TokenStoreException("The reply was lost", null)));
		}
		return answer.whenComplete((value, ex) -> this.answered.merge(operation, 1, Integer::sum));
	}

	@Override
	public CompletionStage<TokenRecord> find(TokenKey key) {
		return call("find", () -> this.store.find(key));
	}

	@Override
	public CompletionStage<Acquisition> acquire(TokenKey key, TokenRecord basedOn, Duration lease) {
		return call("acquire", () -> this.store.acquire(key, basedOn, lease));
	}

	@Override
	public CompletionStage<Written> commit(TokenKey key, Lease lease, Tokens tokens, Life life) {
		return call("commit", () -> this.store.commit(key, lease, tokens, life));
	}

	@Override
	public CompletionStage<Written> put(TokenKey key, TokenRecord basedOn, Tokens tokens, Life life) {
		return call("put", () -> this.store.put(key, basedOn, tokens, life));
	}

	@Override
	public CompletionStage<@Nullable Void> replicated(TokenKey key, long generation) {
		return this.store.replicated(key, generation);
	}

	@Override
	public CompletionStage<Boolean> fail(TokenKey key, Lease lease, Failure failure) {
		return call("fail", () -> this.store.fail(key, lease, failure));
	}

	@Override
	public CompletionStage<Boolean> invalidateIf(TokenKey key, String digest, Duration minAge) {
		return call("invalidateIf", () -> this.store.invalidateIf(key, digest, minAge));
	}

	@Override
	public CompletionStage<@Nullable Void> release(TokenKey key, Lease lease) {
		return call("release", () -> this.store.release(key, lease));
	}

	@Override
	public CompletionStage<Boolean> tombstone(TokenKey key, TokenRecord basedOn) {
		return call("tombstone", () -> this.store.tombstone(key, basedOn));
	}

	@Override
	public CompletionStage<Marks> marks(TokenKey key) {
		return call("marks", () -> this.store.marks(key));
	}

	@Override
	public CompletionStage<Long> mark(MarkScope scope) {
		return call("mark", () -> this.store.mark(scope));
	}

	@Override
	public CompletionStage<@Nullable Void> holdOff(TokenKey key, Duration time) {
		return call("holdOff", () -> this.store.holdOff(key, time));
	}

	@Override
	public CompletionStage<Admission> admit(TokenKey key, Budget budget, boolean background) {
		return call("admit", () -> this.store.admit(key, budget, background));
	}

	@Override
	public CompletionStage<@Nullable Void> giveBack(TokenKey key, Budget budget) {
		return call("giveBack", () -> this.store.giveBack(key, budget));
	}

	@Override
	public CompletionStage<Boolean> probe(TokenKey key, String owner, Duration time) {
		return call("probe", () -> this.store.probe(key, owner, time));
	}

	private enum Fault {

		REQUEST, REPLY

	}

}
