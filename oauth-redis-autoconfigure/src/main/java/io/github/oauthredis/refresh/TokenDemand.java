package io.github.oauthredis.refresh;

import io.github.oauthredis.token.TokenKey;

/**
 * What a caller wants: the token of one record, and how to get it.
 *
 * @param key the record
 * @param policy when to renew it
 * @param source how to ask for it
 * @author OAuth Redis
 * @since 0.1.0
 */
public record TokenDemand(TokenKey key, RefreshPolicy policy, TokenSource source) {
}
