package io.github.oauthredis.refresh;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.RecordVersion;
import io.github.oauthredis.store.RevocationOutbox;
import io.github.oauthredis.store.TokenStoreException;
import io.github.oauthredis.token.Tokens;

/**
 * An outbox that does not answer for a while. Thread-safe.
 */
final class FaultyOutbox implements RevocationOutbox {

	private final RevocationOutbox outbox;

	private volatile boolean away;

	private volatile boolean full;

	FaultyOutbox(RevocationOutbox outbox) {
		this.outbox = outbox;
	}

	void away(boolean away) {
		this.away = away;
	}

	void full() {
		this.full = true;
	}

	@Override
	public CompletionStage<Added> add(RecordVersion record, Tokens tokens) {
		if (this.full) {
			return CompletableFuture.completedFuture(new Added(null, "outbox_full"));
		}
		return this.away ? CompletableFuture.failedFuture(new TokenStoreException("The request was lost", null))
				: this.outbox.add(record, tokens);
	}

	@Override
	public CompletionStage<Boolean> offer(RecordVersion record, Tokens tokens) {
		return this.outbox.offer(record, tokens);
	}

	@Override
	public CompletionStage<@Nullable Void> release(String id) {
		return this.outbox.release(id);
	}

	@Override
	public void onRelease(Runnable listener) {
		this.outbox.onRelease(listener);
	}

	@Override
	public CompletionStage<Claim> claim(Duration hidden) {
		return this.outbox.claim(hidden);
	}

	@Override
	public CompletionStage<@Nullable Void> settle(Entry entry, @Nullable Duration again) {
		return this.outbox.settle(entry, again);
	}

}
