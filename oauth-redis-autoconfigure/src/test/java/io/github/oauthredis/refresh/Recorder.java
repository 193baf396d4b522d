package io.github.oauthredis.refresh;

import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Acquisition;
import io.github.oauthredis.store.Failure;
import io.github.oauthredis.store.Lease;
import io.github.oauthredis.store.TokenStore;
import io.github.oauthredis.store.Written;
import io.github.oauthredis.testkit.HistoryEvent;
import io.github.oauthredis.testkit.HistoryEvent.Step;
import io.github.oauthredis.token.Digests;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.TokenRecord.State;
import io.github.oauthredis.token.Tokens;

/**
 * Writes down what one instance does to records and learns about them, before the
 * instance itself goes on. Thread-safe.
 */
final class Recorder {

	private final String node;

	private final Consumer<HistoryEvent> history;

	// The lease under which the next request for a record is sent.
	private final Map<TokenKey, Lease> leases = new ConcurrentHashMap<>();

	// A commit whose reply was lost is sent again, and took effect nobody knows when.
	private final Map<String, Long> firstCommits = new ConcurrentHashMap<>();

	Recorder(String node, Consumer<HistoryEvent> history) {
		this.node = node;
		this.history = history;
	}

	TokenStore record(TokenStore store) {
		return (TokenStore) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[] { TokenStore.class },
				(proxy, method, args) -> {
					long began = System.nanoTime();
					if (method.getName().equals("commit")) {
						this.firstCommits.putIfAbsent(((Lease) args[1]).owner(), began);
					}
					CompletionStage<?> stage = (CompletionStage<?>) method.invoke(store, args);
					return stage.thenApply((result) -> {
						HistoryEvent event = event(method.getName(), args, result);
						if (event != null) {
							write(event, this.firstCommits.getOrDefault(event.owner(), began));
						}
						return result;
					});
				});
	}

	TokenSource record(TokenKey key, TokenSource source) {
		return (current) -> {
			long began = System.nanoTime();
			Lease lease = this.leases.get(key);
			return source.request(current).thenApply((answer) -> {
				write(event(key, Step.ANSWERED, lease, 0).digest(Digests.sha256(answer.accessToken())), began);
				return answer;
			});
		};
	}

	private @Nullable HistoryEvent event(String call, Object[] args, Object result) {
		return switch (call) {
			case "find" -> found((TokenKey) args[0], (TokenRecord) result);
			case "acquire" -> acquired((TokenKey) args[0], (Acquisition) result);
			case "put" -> put((TokenKey) args[0], (TokenRecord) args[1], (Written) result);
			case "commit" -> committed((TokenKey) args[0], (Lease) args[1], (Tokens) args[2], (Written) result);
			case "fail" -> failed((TokenKey) args[0], (Lease) args[1], (Failure) args[2], (Boolean) result);
			default -> null;
		};
	}

	private HistoryEvent found(TokenKey key, TokenRecord record) {
		return event(key, (record.state() != State.ABSENT) ? Step.FOUND : Step.ABSENT).generations(0,
				record.generation());
	}

	private @Nullable HistoryEvent acquired(TokenKey key, Acquisition acquisition) {
		if (!(acquisition instanceof Acquisition.Acquired acquired)) {
			return null;
		}
		this.leases.put(key, acquired.lease());
		return event(key, Step.ACQUIRED, acquired.lease(), 0);
	}

	private @Nullable HistoryEvent put(TokenKey key, TokenRecord before, Written written) {
		return !written.accepted() ? null
				: event(key, Step.PUT).generations(before.generation(), written.record().generation());
	}

	private @Nullable HistoryEvent committed(TokenKey key, Lease lease, Tokens tokens, Written written) {
		return !written.accepted() ? null
				: event(key, Step.COMMITTED, lease, written.record().generation()).digest(tokens.accessTokenDigest());
	}

	private @Nullable HistoryEvent failed(TokenKey key, Lease lease, Failure failure, boolean noted) {
		return (!noted || failure.kind() != Failure.Kind.FATAL) ? null
				: event(key, Step.DEAD, lease, lease.baseGeneration());
	}

	private HistoryEvent event(TokenKey key, Step step) {
		return HistoryEvent.now(this.node, key.toString(), step);
	}

	private HistoryEvent event(TokenKey key, Step step, Lease lease, long generation) {
		return event(key, step).owner(lease.owner()).generations(lease.baseGeneration(), generation);
	}

	private void write(HistoryEvent event, long began) {
		this.history.accept(event.took(began, System.nanoTime()));
	}

}
