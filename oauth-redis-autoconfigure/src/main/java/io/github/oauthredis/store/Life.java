package io.github.oauthredis.store;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * How long content is good for, by the clock of this instance.
 *
 * @param expiresAt when the access token counts as ended; null if nobody knows
 * @param keepUntil when the record may vanish from Redis
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Life(@Nullable Instant expiresAt, Instant keepUntil) {
}
