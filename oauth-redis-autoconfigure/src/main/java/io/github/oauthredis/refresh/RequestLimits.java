package io.github.oauthredis.refresh;

import org.jspecify.annotations.Nullable;

import io.github.oauthredis.store.Budget;

/**
 * How many token requests may be sent.
 *
 * @param concurrency token requests at once; 1,000 more may queue for each provider
 * @param budget what the whole fleet may send to one provider; null for no bound
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RequestLimits(int concurrency, @Nullable Budget budget) {
}
