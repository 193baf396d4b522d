package io.github.oauthredis.refresh;

import java.time.Duration;

/**
 * Settings by which tokens of one registration are renewed, and the decisions that follow
 * from them. Pure; immutable.
 *
 * @param window longest time before the end at which background renewal starts
 * @param windowFraction the same as a fraction of the lifetime; the later start counts
 * @param margin counted as ended this early, at most a tenth of the lifetime
 * @param callTimeout deadline of one token request
 * @param callerWait longest wait of a caller
 * @param minInterval time between token requests after a failure, at most half the
 * lifetime
 * @param maxBackoff longest time between token requests after failures
 * @param rotationGrace how long the server accepts a rotated refresh token
 * @param defaultTokenLifetime for renewable tokens of unknown lifetime
 * @param grantLifetime life of a record after its last write where the server states none
 * @author OAuth Redis
 * @since 0.1.0
 */
public record RefreshPolicy(Duration window, double windowFraction, Duration margin, Duration callTimeout,
		Duration callerWait, Duration minInterval, Duration maxBackoff, Duration rotationGrace,
		Duration defaultTokenLifetime, Duration grantLifetime) {
}
