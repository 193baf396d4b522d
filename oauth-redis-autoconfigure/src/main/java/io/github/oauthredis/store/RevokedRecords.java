package io.github.oauthredis.store;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

import io.github.oauthredis.token.Tokens;

/**
 * Hears of records that a mark revoked, before they are removed from Redis. Thread-safe;
 * never blocks.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
@FunctionalInterface
public interface RevokedRecords {

	/**
	 * Nobody wants to know.
	 */
	RevokedRecords NOBODY = (record, tokens) -> CompletableFuture.completedFuture(true);

	/**
	 * A record is about to be removed. It may be told more than once.
	 * @param record the record
	 * @param tokens what it held
	 * @return whether the record may go; else, and if this fails, it stays until the next
	 * sweep
	 */
	CompletionStage<Boolean> found(RecordVersion record, Tokens tokens);

}
