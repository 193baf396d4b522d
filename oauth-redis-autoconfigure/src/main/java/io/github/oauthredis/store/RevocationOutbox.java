package io.github.oauthredis.store;

import java.time.Duration;
import java.util.concurrent.CompletionStage;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.token.Tokens;

/**
 * Keeps tokens that are to be revoked at their provider until that is done, shared by all
 * instances. Thread-safe; never blocks. Every stage completes within the deadline of one
 * Redis call, with {@link TokenStoreException} if Redis does not answer.
 *
 * @author OAuth Redis
 * @since 0.1.0
 */
public interface RevocationOutbox {

	/**
	 * Add tokens. Done before they are taken away elsewhere, so that whatever happens in
	 * between no token is forgotten.
	 * @param registrationId registration that got them
	 * @param tokens the tokens
	 * @return whether there was room
	 */
	CompletionStage<Boolean> add(String registrationId, Tokens tokens);

	/**
	 * Add tokens that can stay where they are for now, as long as half of the room is
	 * left to those that cannot.
	 * @param registrationId registration that got them
	 * @param tokens the tokens
	 * @return whether there was room
	 */
	CompletionStage<Boolean> offer(String registrationId, Tokens tokens);

	/**
	 * Take the entry that is due first. Others do not see it for a while; then, unless it
	 * was settled, it is due again.
	 * @param hidden how long others do not see it
	 * @return an entry, or how long there will be none
	 */
	CompletionStage<Claim> claim(Duration hidden);

	/**
	 * Say what became of an entry.
	 * @param entry the entry
	 * @param again time until it may be sent again, at most a day counts; null to take it
	 * out
	 * @return completes when noted
	 */
	CompletionStage<@Nullable Void> settle(Entry entry, @Nullable Duration again);

	/**
	 * Answer to the wish for an entry.
	 *
	 * @param entry the entry; null if none is due
	 * @param pause how long none will be due, as far as is known; zero with an entry, or
	 * if another one may be due
	 */
	record Claim(@Nullable Entry entry, Duration pause) {
	}

	/**
	 * Tokens to be revoked.
	 *
	 * @param id what names them in the outbox
	 * @param registrationId registration that got them
	 * @param tokens the tokens
	 * @param age time since they were added
	 */
	record Entry(String id, String registrationId, Tokens tokens, Duration age) {
	}

}
