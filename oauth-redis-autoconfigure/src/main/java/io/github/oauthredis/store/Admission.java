package io.github.oauthredis.store;

import java.time.Duration;

/**
 * Whether a token request fits into the budget of its provider.
 *
 * @param admitted whether it may be sent
 * @param retryAfter when the next one may fit; zero if admitted
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Admission(boolean admitted, Duration retryAfter) {
}
