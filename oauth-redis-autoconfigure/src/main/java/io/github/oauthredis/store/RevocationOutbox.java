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
	 * between no token is forgotten. They are not sent before that should be done, unless
	 * {@link #release} says that it is.
	 * @param record the record that held them
	 * @param tokens the tokens
	 * @return what became of them; does not fail if Redis answers
	 */
	CompletionStage<Added> add(RecordVersion record, Tokens tokens);

	/**
	 * Let tokens be sent now.
	 * @param id what names them in the outbox
	 * @return completes when noted
	 */
	CompletionStage<@Nullable Void> release(String id);

	/**
	 * Hear when tokens were released by this instance.
	 * @param listener runs after each; must not block
	 */
	void onRelease(Runnable listener);

	/**
	 * Add tokens that can stay where they are for now, as long as half of the room is
	 * left to those that cannot.
	 * @param record the record that holds them
	 * @param tokens the tokens
	 * @return whether there was room
	 */
	CompletionStage<Boolean> offer(RecordVersion record, Tokens tokens);

	/**
	 * Take the entry that is due first and whose record, if a user granted it, is not
	 * live: some providers would end the newer grant with the older one. Others do not
	 * see it for a while; then, unless it was settled, it is due again.
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
	 * What became of the wish to add tokens.
	 *
	 * @param id what names them in the outbox; null if they are not there
	 * @param refusal why they are not there, {@code outbox_full} or
	 * {@code not_permitted}; null if they are
	 */
	record Added(@Nullable String id, @Nullable String refusal) {
	}

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
	 * @param record the record that held them
	 * @param tokens the tokens
	 * @param age time since they were added
	 */
	record Entry(String id, RecordVersion record, Tokens tokens, Duration age) {

		/**
		 * Registration that got them.
		 * @return its id
		 */
		public String registrationId() {
			return this.record.registrationId();
		}

	}

}
