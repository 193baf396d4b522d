package io.github.oauthredis.store;

import java.time.Instant;

/**
 * The right to send one token request. Not renewed: one lease, one attempt.
 *
 * @param owner random id of this lease, which also names the write made under it
 * @param baseGeneration stored generation on which it is based; 0 if there was none
 * @param nextGeneration generation that its commit writes
 * @param until when it lapses, by the clock of this instance
 * @author OAuth Redis
 * @since 0.1.0
 */
public record Lease(String owner, long baseGeneration, long nextGeneration, Instant until) {
}
