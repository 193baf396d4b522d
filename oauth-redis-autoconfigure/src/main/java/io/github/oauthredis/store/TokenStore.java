package io.github.oauthredis.store;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Marks;
import io.github.oauthredis.token.TokenKey;
import io.github.oauthredis.token.TokenRecord;
import io.github.oauthredis.token.Tokens;

/**
 * Keeps token records and their refresh leases, shared by all instances. Thread-safe;
 * never blocks. Every stage completes within the deadline of one Redis call, with
 * {@link TokenStoreException} if Redis does not answer. Where a record names an unknown
 * key, a look for new keys comes on top, which is bounded, too.
 * <p>
 * A record that is sealed with an unknown key, {@link TokenRecord.State#LOCKED}, is read
 * and otherwise left alone: it is neither leased nor replaced, marked or removed.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface TokenStore {

	/**
	 * How long a removal is remembered.
	 */
	Duration TOMBSTONE = Duration.ofHours(1);

	/**
	 * Read what is stored, the current marks and the hold-off of the provider. A live
	 * record that the marks revoke is reported as {@link TokenRecord.State#DEAD} with
	 * cause {@link TokenRecord#REVOKED}: only a record from here has been checked. A
	 * record that is sealed with a known key but does not open is set aside and reported
	 * as absent.
	 * @param key the record
	 * @return what was found
	 */
	CompletionStage<TokenRecord> find(TokenKey key);

	/**
	 * Try to take the right to send one token request, without waiting for another
	 * holder. Notes the attempt in the record.
	 * @param key the record to be renewed
	 * @param basedOn what the caller read before it decided to renew
	 * @param lease how long the right lasts
	 * @return a lease, the news that another one holds it, or a different record, which
	 * was not checked against the marks
	 */
	CompletionStage<Acquisition> acquire(TokenKey key, TokenRecord basedOn, Duration lease);

	/**
	 * Store the answer to a token request, if and only if the stored generation is still
	 * the one the lease was based on; whether the lease has lapsed does not matter.
	 * Repeating a commit that succeeded succeeds.
	 * @param key the record
	 * @param lease the lease under which the request was sent
	 * @param tokens the new content
	 * @param life how long it is good for
	 * @return the stored record, or the one that is there instead; neither was checked
	 * against the marks
	 */
	CompletionStage<Written> commit(TokenKey key, Lease lease, Tokens tokens, Life life);

	/**
	 * Store content that came from elsewhere, such as a login, if the generation is still
	 * the one that was read. Makes the commit of a refresh in flight fail.
	 * @param key the record
	 * @param basedOn what the caller read before
	 * @param tokens the new content
	 * @param life how long it is good for
	 * @return the stored record, or the one that is there instead; neither was checked
	 * against the marks
	 */
	CompletionStage<Written> put(TokenKey key, TokenRecord basedOn, Tokens tokens, Life life);

	/**
	 * Wait until replicas of Redis have what was stored, if that was asked for.
	 * @param key the record that was stored
	 * @param generation its generation
	 * @return completes when enough have it, at the latest after the deadline of one call
	 * and then, too, without a failure
	 */
	CompletionStage<@Nullable Void> replicated(TokenKey key, long generation);

	/**
	 * Note that a token request failed and give the lease back. Does nothing unless the
	 * lease is still held and the generation is the one it was based on.
	 * @param key the record
	 * @param lease the lease under which the request was sent
	 * @param failure how it failed
	 * @return whether it was noted
	 */
	CompletionStage<Boolean> fail(TokenKey key, Lease lease, Failure failure);

	/**
	 * Mark the stored access token as refused, if it is the very one that an API refused
	 * and it is not too young.
	 * @param key the record
	 * @param digest digest of the refused value
	 * @param minAge age below which it is left alone
	 * @return whether the stored access token was marked by this call
	 */
	CompletionStage<Boolean> invalidateIf(TokenKey key, String digest, Duration minAge);

	/**
	 * Give back a lease under which nothing was sent.
	 * @param key the record
	 * @param lease the lease
	 * @return completes when done
	 */
	CompletionStage<@Nullable Void> release(TokenKey key, Lease lease);

	/**
	 * Replace a record by a tombstone, if the generation is still the one that was read.
	 * @param key the record
	 * @param basedOn what the caller read before
	 * @return whether it was replaced
	 */
	CompletionStage<Boolean> tombstone(TokenKey key, TokenRecord basedOn);

	/**
	 * Read the current marks alone, for a check after a write.
	 * @param key the record
	 * @return the marks that concern it
	 */
	CompletionStage<Marks> marks(TokenKey key);

	/**
	 * Revoke everything in a scope that is stored or being requested now: raise its mark.
	 * @param scope what to revoke
	 * @return the mark
	 */
	CompletionStage<Long> mark(MarkScope scope);

	/**
	 * Let nobody send token requests to a provider for a while. The later of this end and
	 * one that was set before counts.
	 * @param key any record of the provider
	 * @param time how long; at most a day counts
	 * @return completes when noted
	 */
	CompletionStage<@Nullable Void> holdOff(TokenKey key, Duration time);

	/**
	 * Take one token request out of the budget of a provider. A request that no caller
	 * waits for is only admitted while half the burst is left.
	 * @param key any record of the provider
	 * @param budget what the whole fleet may send
	 * @param background whether no caller waits
	 * @return whether it may be sent, and else when one may be
	 */
	CompletionStage<Admission> admit(TokenKey key, Budget budget, boolean background);

	/**
	 * Put a token request that was admitted but not sent back into the budget.
	 * @param key any record of the provider
	 * @param budget out of which it was taken
	 * @return completes when it is there
	 */
	CompletionStage<@Nullable Void> giveBack(TokenKey key, Budget budget);

	/**
	 * Try to take the right to find out for the whole fleet whether a provider works
	 * again.
	 * @param key any record of the provider
	 * @param owner who asks; asking again succeeds and sets the time anew
	 * @param time how long the right lasts from now on; at least a millisecond counts
	 * @return whether the owner has it
	 */
	CompletionStage<Boolean> probe(TokenKey key, String owner, Duration time);

}
