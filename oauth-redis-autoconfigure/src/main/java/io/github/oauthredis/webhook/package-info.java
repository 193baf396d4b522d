/**
 * Receives what providers report: logouts and revocations.
 */
@NullMarked
package io.github.oauthredis.webhook;

import org.jspecify.annotations.NullMarked;
