package io.github.oauthredis.store;

import io.github.oauthredis.token.TokenRecord;

/**
 * Outcome of a write that compares generations.
 *
 * @param accepted whether the caller's content was stored
 * @param record the record as it is stored now
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Written(boolean accepted, TokenRecord record) {
}
